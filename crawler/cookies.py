"""Cookies for the sources that ask for them (`cookies: true`): one jar a source, no cookie anywhere else."""

from scrapy import Request
from scrapy.http import Response
from scrapy.http.cookies import CookieJar


class SourceCookies:
    """Downloader middleware: request meta `cookiejar` names the jar; without it nothing is kept or sent."""

    def __init__(self) -> None:
        self._jars: dict[str, CookieJar] = {}

    def process_request(self, request: Request) -> None:
        jar = self._jar(request)
        if jar is not None:
            request.headers.pop("Cookie", None)
            jar.add_cookie_header(request)

    def process_response(self, request: Request, response: Response) -> Response:
        jar = self._jar(request)
        if jar is not None:
            jar.extract_cookies(response, request)
        return response

    def _jar(self, request: Request) -> CookieJar | None:
        name = request.meta.get("cookiejar")
        return None if name is None else self._jars.setdefault(str(name), CookieJar())
