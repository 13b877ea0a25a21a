"""The keys that a source may have, and what no single key shows: which engine needs and uses which of them."""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from cssselect import SelectorError
from lxml import etree
from parsel import Selector
from pydantic import AfterValidator, BeforeValidator, Field

from crawler.jsondoc import check_path
from crawler.records import ArticleKind, Group
from crawler.yamlfile import Checked, Duration, nearest

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

#: Keys that say where the list is, by engine; a key of another engine would be ignored in silence.
_KEYS: Mapping[str, frozenset[str]] = {
    "feed": frozenset({"url"}),
    "rss": frozenset({"url"}),
    "trs_static": frozenset({"url"}),
    "epaper": frozenset({"url"}),
    "sina_roll": frozenset({"url", "params"}),
    "sina_live": frozenset({"url", "params"}),
    "hanweb_unit": frozenset({"url", "tag", "fallback"}),
    "hanweb_jpage": frozenset({"url", "params", "method"}),
    "hanweb_xxgk": frozenset({"url", "params"}),
    "json_list": frozenset({"url", "method", "params", "form", "json", "rows", "fields", "page", "detail"}),
    "html_list": frozenset({"url", "rows", "fields", "next"}),
}
#: What `params` may say to the two interfaces of Hanweb, in the order in which their sites tell it.
JPAGE_PARAMS = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
XXGK_PARAMS = ("infotypeId", "jdid", "area", "divid", "sortfield", "texttype", "fbtime", "standardXxgk", "isAllList")
_ANY_ENGINE = {"url", "params", "tag", "fallback", "rows", "fields", "next", "method", "form", "json", "page", "detail"}
#: What a source of that engine is where it does not say so itself.
KINDS: Mapping[str, ArticleKind] = {"sina_live": ArticleKind.FLASH}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "feed": ("url",),
    "rss": ("url",),
    "hanweb_unit": ("url",),
    "html_list": ("url",),
    "hanweb_jpage": ("url",),
    "hanweb_xxgk": ("url",),
    "trs_static": ("url",),
    "json_list": ("url", "fields"),
    "epaper": ("url",),
    "sina_roll": ("params",),
    "sina_live": ("params",),
}


def check_slug(value: str) -> str:
    """The slug, if it is one. Raises ValueError with the remedy."""
    if not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r} is not a slug; use lower case letters, digits and hyphens: yiwu-news")
    return value


def _engine(value: str) -> str:
    if value not in _KEYS:
        raise ValueError(f"there is no engine {value!r}; {nearest(value, list(_KEYS), 'engines')}")
    return value


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not a web address; it begins with http:// or https:// and names a host")
    return value


def _css(value: str) -> str:
    try:
        Selector(text="<p>").css(value)
    except (SelectorError, ValueError) as error:
        raise ValueError(f"{value!r} is not a CSS selector: {error}") from None
    return value


def _css_or_xpath(value: str) -> str:
    if not value.startswith(("/", "./", "(")):
        return _css(value)
    try:
        etree.XPath(value)
    except etree.XPathError as error:
        raise ValueError(f"{value!r} is not an XPath expression: {error}") from None
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from None
    return value


def _charset(value: str) -> str:
    try:
        codecs.lookup(value)
    except LookupError:
        raise ValueError(f"{value!r} is no charset; write utf-8, gb18030 or big5, or leave it out") from None
    return value


def _number_as_text(value: object) -> object:
    """`pageid: 155` is a number in YAML and a text in a URL."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name) or any(ord(c) < 32 or ord(c) > 255 for c in text):
            raise ValueError(f"{name!r} is not a header that can be sent; names are like Referer, values are one line")
    return value


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta():
        raise ValueError("must be longer than nothing: 30m, say")
    return value


def _reason(value: str) -> str:
    if not value.strip():
        raise ValueError("say why: disabled: moved to another address, say")
    return value


def _method(value: object) -> object:
    if isinstance(value, str) and value.upper() not in ("GET", "POST"):
        raise ValueError(f"{value!r} is not a way to ask; write GET or POST")
    return value.upper() if isinstance(value, str) else value


Css = Annotated[str, AfterValidator(_css)]
CssOrXPath = Annotated[str, AfterValidator(_css_or_xpath)]
Text = Annotated[str, BeforeValidator(_number_as_text)]
Wait = Annotated[Duration, AfterValidator(_positive)]


class _Interval(Checked):
    min: Wait
    max: Wait


class _Tls(Checked):
    verify: bool = True
    legacy: bool = False


class _Article(Checked):
    title: CssOrXPath | None = None
    body: CssOrXPath | None = None
    published: CssOrXPath | None = None
    origin: CssOrXPath | None = None


class _Fields(Checked):
    url: str | None = None
    title: str | None = None
    published: str | None = None
    origin: str | None = None


class _Page(Checked):
    param: Annotated[str, Field(min_length=1)]
    first: Annotated[int, Field(ge=0)] = 1
    size: Annotated[int, Field(ge=1)] | None = None


class _Detail(Checked):
    method: Annotated[str, BeforeValidator(_method)] = "GET"
    title: str | None = None
    body: str | None = None
    published: str | None = None
    origin: str | None = None


class SourceKeys(Checked):
    """One entry of `sources`, each key by itself."""

    slug: Annotated[str, AfterValidator(check_slug)]
    name: Annotated[str, Field(min_length=1)]
    engine: Annotated[str, AfterValidator(_engine)]
    url: Annotated[str, AfterValidator(_url)] | None = None
    group: Group | None = None
    region: str | None = None
    column: str | None = None
    kind: ArticleKind | None = None
    every: Wait | None = None
    off_hours_every: Wait | None = None
    interval: _Interval | None = None
    gap: Duration | None = None
    charset: Annotated[str, AfterValidator(_charset)] | None = None
    headers: Annotated[dict[str, Text], AfterValidator(_headers)] = Field(default_factory=dict)
    cookies: bool = False
    noise: tuple[Annotated[str, AfterValidator(_pattern)], ...] = ()
    max_pages: Annotated[int, Field(ge=1, le=100)] = 3
    tls: _Tls = _Tls()
    disabled: Annotated[str, AfterValidator(_reason)] | None = None
    article: _Article = _Article()
    params: dict[str, Text] = Field(default_factory=dict)
    tag: str | None = None
    fallback: dict[str, Text] = Field(default_factory=dict)
    rows: str | None = None
    fields: _Fields = _Fields()
    next: str | None = None
    method: Annotated[str, BeforeValidator(_method)] = "GET"
    form: dict[str, Text] = Field(default_factory=dict)
    json_: Annotated[Any, Field(alias="json")] = None
    page: _Page | None = None
    detail: _Detail | None = None


def mistakes(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    """What no single key shows: (key, message) for each. Pure."""
    given = {"json" if name == "json_" else name for name in keys.model_fields_set}
    usable = _KEYS[keys.engine]
    for key in sorted(given & _ANY_ENGINE - usable):
        yield key, f"the engine {keys.engine} does not use the key {key!r}; it uses: {', '.join(sorted(usable))}"
    for key in _REQUIRED[keys.engine]:
        if not getattr(keys, key):
            yield "slug", f"the key {key!r} is missing; the engine {keys.engine} needs it"
    yield from _MORE.get(keys.engine, _nothing_more)(keys)
    if keys.interval is not None and keys.interval.min > keys.interval.max:
        yield "interval", "interval: min is longer than max; exchange them"


def _nothing_more(_: SourceKeys) -> Iterator[tuple[str, str]]:
    return iter(())


def _sina_roll(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    for name in ("pageid", "lid"):
        if keys.params and name not in keys.params:
            yield (
                "params",
                f"params: {name} is missing; pageid is the portal page, lid the column: {{pageid: 155, lid: 1686}}",
            )
    yield from _unknown("params", keys.params, ("pageid", "lid", "num"))


def _sina_live(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    if keys.params and "zhibo_id" not in keys.params:
        yield "params", "params: zhibo_id is missing; it is the channel: {zhibo_id: 152}"
    yield from _unknown("params", keys.params, ("zhibo_id", "tag_id"))


def _hanweb_unit(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    names = ("webId", "pageId", "tplSetId", "tagId", "parseType", "pageType", "editType")
    if keys.fallback and "webId" not in keys.fallback:
        yield "fallback", "fallback: webId is missing; without it the unit is not found: {webId: 3549, tplSetId: …}"
    yield from _unknown("fallback", keys.fallback, names)


def _hanweb_jpage(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    if urlsplit(keys.url or "").path.endswith("/dataproxy.jsp"):
        said = {**dict(parse_qsl(urlsplit(keys.url or "").query)), **keys.params}
        for name in ("columnid", "unitid"):
            if name not in said:
                yield "params", f"params: {name} is missing; with the interface as url it says which list is meant"
    elif "method" in keys.model_fields_set:
        yield "method", "method: the column page says how its list is asked for; leave method out"
    yield from _unknown("params", keys.params, (*JPAGE_PARAMS, "perpage"))


def _hanweb_xxgk(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    if urlsplit(keys.url or "").path.endswith("search.jsp"):
        said = {**dict(parse_qsl(urlsplit(keys.url or "").query)), **keys.params}
        for name in ("infotypeId", "jdid"):
            if name not in said:
                yield "params", f"params: {name} is missing; infotypeId is the catalogue's code, jdid the site's number"
    yield from _unknown("params", keys.params, XXGK_PARAMS)


def _unknown(key: str, given: Mapping[str, str], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(given.keys() - set(names)):
        yield key, f"{key}: unknown key {name!r}; {nearest(name, list(names))}"


def _html_list(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    selectors = {
        "rows": keys.rows,
        "next": keys.next,
        **{f"fields.{k}": v for k, v in keys.fields.model_dump().items()},
    }
    for key, selector in selectors.items():
        try:
            _css(selector or "a")
        except ValueError as error:
            yield key.split(".", maxsplit=1)[0], f"{key}: {error}"
    if keys.rows is None and keys.fields != _Fields():
        yield "fields", "fields: they are read within rows; set rows too, or leave both out"


def _json_list(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    fields = {f"fields.{name}": text for name, text in keys.fields.model_dump().items()}
    if not keys.fields.url:
        yield "fields", "fields: url is missing; it says where a row keeps the address of its article"
    # Rows that are strings of HTML are read by CSS, and only that has an ::attr(href) to name an address with.
    markup = "::attr(" in (keys.fields.url or "")
    detail = {f"detail.{name}": text for name, text in (keys.detail.model_dump() if keys.detail else {}).items()}
    detail.pop("detail.method", None)
    for key, text in {"rows": keys.rows, **fields, **detail}.items():
        try:
            if text is not None:
                (_css if markup and key in fields else check_path)(text)
        except ValueError as error:
            yield key.split(".", maxsplit=1)[0], f"{key}: {error}"
    yield from _request(keys)


def _request(keys: SourceKeys) -> Iterator[tuple[str, str]]:
    if keys.form and keys.json_ is not None:
        yield "json", "json: form is set too; a request has one body: leave one of them out"
    if "method" in keys.model_fields_set and keys.method == "GET" and (keys.form or keys.json_ is not None):
        yield "method", "method: form and json are sent with POST; leave method out, or write params instead"
    if keys.detail is not None and not keys.detail.body:
        yield "detail", "detail: body is missing; it says where the answer keeps the article's text"


_MORE: Mapping[str, Callable[[SourceKeys], Iterator[tuple[str, str]]]] = {
    "sina_roll": _sina_roll,
    "sina_live": _sina_live,
    "hanweb_unit": _hanweb_unit,
    "hanweb_jpage": _hanweb_jpage,
    "hanweb_xxgk": _hanweb_xxgk,
    "html_list": _html_list,
    "json_list": _json_list,
}
