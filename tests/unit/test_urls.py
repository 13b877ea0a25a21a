"""Which URLs name the same article, and what of a page may be stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Draft, Quality, Verdict
from monitor.storable import storable
from monitor.urls import canonical_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("HTTP://WWW.YW.Example/A.html", "http://www.yw.example/A.html", id="case of the host alone"),
        pytest.param("http://yw.example:80/a", "http://yw.example/a", id="default port"),
        pytest.param("https://yw.example:8443/a", "https://yw.example:8443/a", id="another port stays"),
        pytest.param("https://yw.example", "https://yw.example/", id="no path"),
        pytest.param("https://yw.example/a#top", "https://yw.example/a", id="a place in the page"),
        pytest.param("https://yw.example/#/a/7", "https://yw.example/#/a/7", id="a fragment that is a path stays"),
        pytest.param("https://yw.example/a?utm_source=x&id=7", "https://yw.example/a?id=7", id="tracking"),
        pytest.param("https://yw.example/a?spm=1.2", "https://yw.example/a", id="nothing left of the query"),
        pytest.param("https://yw.example/a?from=timeline", "https://yw.example/a", id="shared by an app"),
        pytest.param("https://yw.example/a?from=20", "https://yw.example/a?from=20", id="from may be a place"),
        pytest.param("https://yw.example/a?b=2&a=1", "https://yw.example/a?b=2&a=1", id="the order stays"),
        pytest.param("https://[::1]:443/a", "https://[::1]/a", id="an address of version 6"),
        pytest.param(" https://yw.example/a\n", "https://yw.example/a", id="blanks around"),
        pytest.param("urn:sha256:00ff", "urn:sha256:00ff", id="no web address"),
        pytest.param("https://yw.example:port/a", "https://yw.example:port/a", id="broken, and left alone"),
    ],
)
def test_a_url_is_known_by(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "https://user@", "//", "", "ftp://", "http://[", "urn:"]),
    st.text(st.sampled_from("Aa.:0é[]@-%"), max_size=8),
    st.text(st.sampled_from("/aA?&=#!;%1._ \tutm_a=from=appspm"), max_size=24),
)


@given(URLS)
def test_canonical_of_canonical_is_itself(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("\x00\r\n\u202e\ud800\t义 ")), max_size=40)


@given(title=TEXTS, text=TEXTS, value=TEXTS)
def test_what_is_storable_can_be_encoded_and_stays_as_it_is(title: str, text: str, value: str) -> None:
    made = Draft(
        url=None,
        title=title,
        text=text,
        origin=value,
        government={"phone": value},
        keywords=(value,),
        quality=Quality(verdict=Verdict.ARTICLE),
    )
    clean = storable(made)
    assert storable(clean) == clean
    everything = f"{clean.title}{clean.text}{clean.origin}{clean.government}{clean.keywords}"
    assert "\x00" not in everything.encode().decode()
    assert "\n" not in (clean.title or "")
