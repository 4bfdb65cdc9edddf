"""TLS of today for every server, and TLS of old servers where a portal's row says so (column `old_tls`)."""

from functools import cache
from typing import Any, Final

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.tls import _ScrapyClientTLSOptions26
from twisted.internet.ssl import CertificateOptions, TLSVersion

from opendata_spiders.fetching.addresses import Place, place_of
from opendata_spiders.tables import Tables

OLD_TLS: Final = "old_tls"
"""Key of a request's meta: whether its server may be an old one."""
_ANY_CIPHER: Final = b"ALL:!aNULL:@SECLEVEL=0"
"""Short keys and SHA-1 included (level 0): the older versions of TLS sign with it."""
_OP_LEGACY_SERVER_CONNECT: Final = 0x4
"""OpenSSL's option that lets a server leave out secure renegotiation (RFC 5746)."""


class PortalContextFactory(_ScrapyClientContextFactory):
    """Gives each connection its TLS: 1.2 or later, or any since 1.0 at servers that may be old ones.

    Certificates are not verified: portals' are often expired, self-signed or of another host. Scrapy's own factory lets
    every server leave out secure renegotiation; this one does not.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._old: set[Place] = set()

    def allow_old(self, url: str) -> None:
        """Let the server of a URL speak old TLS, for the rest of the crawl."""
        if place := place_of(url):
            self._old.add(place)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 -- Twisted's name
        """Return what makes connections to a server."""
        host = hostname.decode("ascii")
        kind = _OldServerOptions if (host.lower(), port) in self._old else CertificateOptions
        ciphers: Any = self.tls_ciphers
        options = kind(fixBrokenPeers=True, acceptableCiphers=ciphers)
        return _ScrapyClientTLSOptions26(options._makeTLSConnection, host)  # noqa: SLF001 -- as Scrapy does itself


class _OldServerOptions(CertificateOptions):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(insecurelyLowerMinimumTo=TLSVersion.TLSv1_0, **kwargs)

    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:  # noqa: N802, N803, FBT001, FBT002 -- Twisted's
        context = super()._makeContext(skipCiphers)
        context.set_cipher_list(_ANY_CIPHER)
        context.set_options(_OP_LEGACY_SERVER_CONNECT)
        return context


def refused_as_old(error: Exception) -> str:
    """OpenSSL's reason for which a download failed, if that is one of `old_tls.csv`; else ''."""
    failures = getattr(error.__cause__, "reasons", None) or ()
    failed = (one.value for one in failures if one.check(SSL.Error))
    reasons = (entry[-1] for one in failed for entry in one.args[0])
    return next((reason for reason in reasons if reason in _reasons_of_old_servers()), "")


@cache
def _reasons_of_old_servers() -> frozenset[str]:
    return frozenset(row["reason"] for row in Tables("opendata_spiders.fetching").rows("old_tls", "reason", "said_of"))
