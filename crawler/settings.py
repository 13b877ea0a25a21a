"""Scrapy's settings, for the hub and for `scrapy crawl | list | shell` alike; plain names, as Scrapy reads them."""

BOT_NAME = "chaoxun"
SPIDER_MODULES = ["crawler.spiders"]

# Who we are. The hub puts `crawl.user_agent` of chaoxun.yaml here; robots.txt is matched by the same name.
USER_AGENT = "chaoxun (+https://example.org/contact)"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}

# How gently we ask: ours, see politeness.py. Scrapy's own delays forget everything with each Crawler.
HOST_GAP = 3.0
HOST_GAP_JITTER = 0.5  # a gap is never shorter than HOST_GAP, and up to this share of it longer
HOST_GROUPS = {"zj.gov.cn": ["*.zj.gov.cn"], "hangzhou.gov.cn": ["*.hangzhou.gov.cn"]}
POLL_EVERY = 1800  # seconds; a host that cannot be reached is tried again so often, see breaker.py
DOWNLOAD_DELAY = 0
AUTOTHROTTLE_ENABLED = False
CONCURRENT_REQUESTS = 64
# The gate counts. By Scrapy's count, which leaves out ports, a silent server would keep its whole machine waiting.
CONCURRENT_REQUESTS_PER_DOMAIN = 64

# Where we may go: ours, see guard.py and robots.py. Networks such as 127.0.0.0/8, for a site on loopback.
ALLOW_PRIVATE: list[str] = []
TWISTED_DNS_RESOLVER = "crawler.guard.GuardedResolver"
ROBOTSTXT_OBEY = True
ROBOTSTXT_KEEP = 86400  # seconds until robots.txt is asked for again
HTTPPROXY_ENABLED = False  # a proxy resolves names itself, which would leave the guard blind
DOWNLOAD_VERIFY_CERTIFICATES = True

# Only the web: a link of a page must not open a local file (measured: `file:` drops the host of its URL).
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.PoliteHandler",
    "https": "crawler.download.PoliteHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}

# What one request may cost. The next poll is the real retry.
DOWNLOAD_TIMEOUT = 30  # the look-up of the name and the connection count towards it
CONNECT_TIMEOUT = 10  # ours, see connecting.py: name, connection and TLS handshake together
DOWNLOAD_MAXSIZE = 5 * 1024 * 1024
ATTACHMENT_MAXSIZE = 20 * 1024 * 1024  # for links to PDF and office files
DOWNLOAD_WARNSIZE = 0
RETRY_TIMES = 1
# Without 429 and 503: those say "later", and three seconds are not later.
RETRY_HTTP_CODES = [408, 500, 502, 504, 522, 524]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the poll reports it
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False

# Nothing is remembered here: what is known is known by the corpus. Scrapy's cache would answer in the site's place.
HTTPCACHE_ENABLED = False
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# Cookies only for sources that ask for them, one jar each (cookies.py). Scrapy's middleware loads a suffix list
# from the network at its first cookie, inside the loop.
COOKIES_ENABLED = False
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.robots.RobotsRules": 100,
    "crawler.cookies.SourceCookies": 700,
}

# No doors: Scrapy 2.19 opens an HTTP server that runs any code, unless told not to.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
EXTENSIONS = {"crawler.politeness.Politeness": 0}

LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 0
MEMUSAGE_ENABLED = False  # systemd's MemoryMax does it
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
FEED_EXPORT_ENCODING = "utf-8"
