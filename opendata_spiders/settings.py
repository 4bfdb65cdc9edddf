"""Scrapy settings; each line says what it changes and why. Secrets come from the environment or .env only."""

from pathlib import Path

from opendata_spiders.items import SHOWN
from opendata_spiders.policy import policy
from opendata_spiders.store.environment import setting

BOT_NAME = "opendata_nightwatch"
SPIDER_MODULES = ["opendata_spiders.spiders"]
NEWSPIDER_MODULE = "opendata_spiders.spiders"
SPIDER_LOADER_CLASS = "opendata_spiders.loader.RegisterSpiderLoader"  # a portal is a register row, not a module
COMMANDS_MODULE = "opendata_spiders.commands"  # `crawl` exits with the verdict
TEMPLATES_DIR = str(Path(__file__).parent.parent / "templates")  # replaces Scrapy's tree: templates/spiders/*.tmpl

# --- politeness (a host is somebody's city hall) --------------------------------------------------------------------
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1.0  # default 0; about a request a second per host
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
# Loopback is this machine: a replica or a mirror on trial. By address only, never by a flag.
_LOOPBACK = {"delay": 0.0, "concurrency": 16, "jitter": 0.0}
DOWNLOAD_SLOTS = {"127.0.0.1": _LOOPBACK, "localhost": _LOOPBACK, "::1": _LOOPBACK}
USER_AGENT = setting(
    "USER_AGENT",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 "
    f"opendata-nightwatch/0.1 (+{setting('CONTACT_URL', 'mailto:set-CONTACT_URL@example.org')})",
)
DOWNLOAD_TIMEOUT = 25  # default 180: portals that hang would hold a night for hours
RETRY_TIMES = 2
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 10  # default 100: a page that reloads itself every minute is no redirect
COOKIES_ENABLED = False  # no family needs them; the cookie jar would fetch the public suffix list from the network
DOWNLOAD_MAXSIZE = policy().page_bytes  # default 1 GB
PROXIES = setting("PROXIES", "{}")  # JSON: {"data.guizhou.gov.cn": "http://user:password@proxy:3128"} by host group

# --- limits on what a server may send and where it may send us ------------------------------------------------------
DOWNLOADER_MIDDLEWARES = {
    "opendata_spiders.fetching.redirects.HostGroupMiddleware": 50,  # before robots.txt is asked for
    "opendata_spiders.fetching.robots.RobotsMiddleware": 100,
    "opendata_spiders.browser.wall_pass.WallMiddleware": 560,  # where answers are inflated and not yet retried
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
}
DOWNLOAD_HANDLERS = {
    "http": "opendata_spiders.browser.handler.PortalOrBrowserHandler",
    "https": "opendata_spiders.browser.handler.PortalOrBrowserHandler",
}
# The browser, for portals that nothing else can read (browser/); started only where one is read.
PLAYWRIGHT_CONTEXTS: dict[str, dict[str, object]] = {}
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None  # a page's scripts send their own headers
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = 30_000  # milliseconds
TWISTED_DNS_RESOLVER = "opendata_spiders.fetching.resolver.PublicResolver"

# --- what is read ---------------------------------------------------------------------------------------------------
LIST_WINDOW = 4  # list or detail pages asked for at once; the delay above still holds between them
DETAIL_BUDGET = 5000  # details per run: 83 minutes at a request a second; the rest follows on later nights
STORE_ENABLED = True  # -s STORE_ENABLED=0: read without a database (no comparison, nothing remembered)
HTTPCACHE_ENABLED = False  # list pages must never be cached: entries disappear and reappear

# --- plumbing -------------------------------------------------------------------------------------------------------
ITEM_PIPELINES = {
    "opendata_spiders.crawl.pipelines.NormalisePipeline": 100,
    "opendata_spiders.crawl.pipelines.KeepPipeline": 200,
}
EXTENSIONS = {
    "opendata_spiders.crawl.run_writer.Recorder": 0,
    "opendata_spiders.crawl.progress.ProgressLog": 10,
}
# Scrapy loads each extension it is given, also one that is off. Left out are telnet and remote control (no remote code
# execution in an unattended job, and no web server to load), LogCount, which counts the lines of all crawls of a
# process, and LogStats, of which ProgressLog says more.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.memdebug.MemoryDebugger": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.spiderstate.SpiderState": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
CONCURRENT_ITEMS = 1  # ×1.4 items a second: the default starts a hundred tasks per response
LOG_LEVEL = "INFO"  # of Scrapy's own lines only warnings; all of them with -L INFO (log_lines.py)
PROGRESS_SECONDS = 10  # between two log lines that say how far a crawl is; a terminal shows one that is kept up to date
LOG_VERSIONS: list[str] = []  # `scrapy version -v` says them; a night has 67 logs
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the verdict says it once, and better
LOG_FORMATTER = "opendata_spiders.log_lines.QuietLogFormatter"
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORT_FIELDS = list(SHOWN)
