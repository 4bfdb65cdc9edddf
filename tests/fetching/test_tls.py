"""TLS of old servers."""

from typing import Final

from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.utils.project import get_project_settings

OP_LEGACY_SERVER_CONNECT: Final = 0x4
"""OpenSSL's option; the module ssl names it from Python 3.12 on."""


def test_a_server_without_secure_renegotiation_is_talked_to():
    """Guangxi's new host is one. Scrapy sets the option on every connection; without it no handshake succeeds."""
    assert get_project_settings().getpriority("DOWNLOADER_CLIENTCONTEXTFACTORY") == 0, "we chose another factory"
    assert _ScrapyClientContextFactory()._get_context().set_options(0) & OP_LEGACY_SERVER_CONNECT
