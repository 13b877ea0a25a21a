"""What the address that answered says about the document that was asked for."""

import pytest

from crawler.redirects import Got, compare

OLD = "http://www.example.gov.cn/art/2023/7/6/art_1229000001_58945012.html"


@pytest.mark.parametrize(
    ("asked", "got", "expected"),
    [
        pytest.param(OLD, OLD, Got.SAME, id="no redirect"),
        pytest.param(OLD, OLD.replace("http:", "https:"), Got.SAME, id="https"),
        pytest.param(OLD, OLD.replace("www.", ""), Got.SAME, id="without www"),
        pytest.param(OLD, OLD.replace("www.", "m."), Got.SAME, id="the mobile host"),
        pytest.param(OLD, OLD + "?spm=a1&utm_source=x", Got.SAME, id="a query that says how we came"),
        pytest.param("https://e.example/a/1", "https://e.example/a/1/", Got.SAME, id="a slash"),
        pytest.param("https://e.example/a/1/index.html", "https://e.example/a/1/", Got.SAME, id="an index"),
        pytest.param("https://e.example/a/77.htm", "https://e.example/a/77.shtml", Got.SAME, id="another ending"),
        pytest.param(OLD, "https://zwgk.example.gov.cn/new/58945012/", Got.SAME, id="moved within the site"),
        pytest.param("https://e.example/v?id=123456", "https://e.example/a/123456.html", Got.SAME, id="its id moved"),
        pytest.param(OLD, "https://www.example.gov.cn/", Got.FRONT, id="the front page"),
        pytest.param(OLD, "https://elsewhere.example/index.html", Got.FRONT, id="another site's front page"),
        pytest.param("https://e.example/", "https://e.example/index.html", Got.SAME, id="the front page itself"),
        pytest.param(OLD, "https://www.example.gov.cn/login.jsp?back=1", Got.LOGIN, id="a login"),
        pytest.param(OLD, "http://portal.example.net/?url=x", Got.LOGIN, id="a network's portal"),
        pytest.param("https://sso.e.example/a", "https://sso.e.example/b", Got.UNSURE, id="a site behind a login"),
        pytest.param(OLD, OLD.replace("58945012", "58945013"), Got.OTHER, id="another number"),
        pytest.param(
            OLD,
            "https://www.example.gov.cn/col/col1229000001/art/2023/art_0123456789abcdef0123456789abcdef.html",
            Got.OTHER,
            id="migrated to another number",
        ),
        pytest.param("https://e.example/a/1.html", "https://e.example/b/2.html", Got.OTHER, id="small numbers"),
        pytest.param(
            "https://a.example/news.html?id=1234567",
            "https://tide.example.org/news.html?id=1234567",
            Got.UNSURE,
            id="the same number of another site",
        ),
        pytest.param(
            "https://e.example/link?url=abc", "https://o.example/n/778899.html", Got.UNSURE, id="a redirector"
        ),
        pytest.param(
            "https://e.example/202307/t20230706_1.html",
            "https://e.example/202307/t20230706_2.html",
            Got.OTHER,
            id="one day is no number",
        ),
        pytest.param(OLD, "http://[broken", Got.UNSURE, id="no address at all"),
    ],
)
def test_a_redirect_leads_to(asked: str, got: str, expected: Got) -> None:
    assert compare(asked, got) is expected
