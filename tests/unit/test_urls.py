"""Which URLs name the same article, and what of a page may be stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Draft, Quality, Verdict
from monitor.storable import storable
from monitor.urls import Kinship, bare_host, better, canonical_url, kinship


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


HEX = "art_0123456789abcdef0123456789abcdef.html"
OLD_FORM = "https://www.yw.example/art/2026/3/2/art_1229187636_5901.html"
DOC = "https://finance.sina.com.cn/china/2026-03-02/doc-imzexampl0000001.shtml"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("http://yw.example/a", "https://www.yw.example/a", Kinship.SAME, id="https and www"),
        pytest.param("https://yw.example/a", "https://3g.yw.example/a", Kinship.SAME, id="mobile host"),
        pytest.param("https://yw.example/wap/a", "https://yw.example/a", Kinship.SAME, id="mobile folder"),
        pytest.param(
            "https://yw.example/a?id=1&_=1700000000000", "https://yw.example/a?id=1", Kinship.SAME, id="clock"
        ),
        pytest.param("https://yw.example/a?id=1", "https://yw.example/a?id=2", Kinship.NONE, id="another id"),
        pytest.param("https://yw.example/a?sid=1", "https://yw.example/a?sid=2", Kinship.NONE, id="sid may be an id"),
        pytest.param("https://yw.example/a", "https://nb.example/a", Kinship.NONE, id="another host"),
        pytest.param("https://m.example/a", "https://example/a", Kinship.NONE, id="a host that is called m"),
        pytest.param(DOC, "https://finance.sina.cn/2026-03-02/detail-imzexampl0000001.d.html", Kinship.SAME, id="Sina"),
        pytest.param(DOC, DOC.replace("0000001", "0000002"), Kinship.NONE, id="another number of Sina's"),
        pytest.param(
            OLD_FORM, f"https://yw.example/col/col1/art/2026/{HEX}", Kinship.PLATFORM, id="Hanweb's two forms"
        ),
        pytest.param(OLD_FORM, f"https://nb.example/col/col1/art/2026/{HEX}", Kinship.NONE, id="on two hosts"),
        pytest.param(OLD_FORM, OLD_FORM.replace("5901", "5902"), Kinship.NONE, id="two of the old form"),
        pytest.param("urn:sha256:00ff", "urn:sha256:00ff", Kinship.NONE, id="no web address"),
        pytest.param("https://[::1/a", "https://yw.example/a", Kinship.NONE, id="broken"),
    ],
)
def test_the_form_of_two_addresses_says(one: str, other: str, expected: Kinship) -> None:
    assert (kinship(one, other), kinship(other, one)) == (expected, expected)


@given(one=URLS, other=URLS)
def test_kin_have_one_host_and_at_most_one_is_better(one: str, other: str) -> None:
    if kinship(one, other) is not Kinship.NONE:
        assert bare_host(one) == bare_host(other) != ""
    assert not (better(one, other) and better(other, one))
    assert not better(one, one)


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
