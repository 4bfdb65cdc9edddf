"""Reads lists of mail addresses as people write them: every address is understood, or the list is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import idna

from alerts.text.sanitising import clean
from alerts.text.target_urls import HIDDEN, AddressError

_PIECE = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^,;，；、\r\n\t"<>])+|[<>"]')
"""The text between two separators; characters in quoted names or angle brackets are no separators."""
_NAMED = re.compile(r'(?P<name>"[^"]*"|[^"<>@]*?)\s*<(?P<address>[^<>]*)>')
_LOCAL = re.compile(r'[^\s\x00-\x1f\x7f@"()<>\[\]\\.,:;]+(?:\.[^\s\x00-\x1f\x7f@"()<>\[\]\\.,:;]+)*')
_LABELS = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_LOCAL_BYTES, _DOMAIN_BYTES = 64, 253
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mail address and its display name."""

    address: str
    """The local part as written, maybe outside ASCII (SMTPUTF8), and the domain in ASCII."""
    name: str = ""

    @property
    def shown(self) -> str:
        """The address without its local part."""
        return f"{HIDDEN}@{self.address.rpartition('@')[2]}"


def mailboxes(text: str, where: str) -> list[Mailbox]:
    """Every address of a list separated by commas, semicolons (also Chinese ones and 、), line breaks or blanks.

    `where` names the list. Raises AddressError for an invalid address, with its number and without its local part.
    """
    pieces = list(_pieces(text))
    if not pieces:
        raise AddressError(f"`{where}` names nobody; write an address or leave it out.")
    found = []
    for number, piece in enumerate(pieces, start=1):
        try:
            found.append(mailbox(piece))
        except AddressError as error:
            # Show only the part from the first @ on: enough to find it in the file.
            _, at, rest = piece.partition("@")
            shown = clean(f"{HIDDEN}{at}{rest}" if at else f"{len(piece)} characters", _SHOWN_CHARS)
            which = f"`{where}`, number {number} of {len(pieces)}" if len(pieces) > 1 else f"`{where}`"
            raise AddressError(f"{which} ({shown}) is no mail address: {error}") from None
    return found


def _pieces(text: str) -> Iterator[str]:
    """The texts of the list; also split at blanks where an address has no display name."""
    for found in _PIECE.findall(text):
        piece = found.strip()
        yield from [piece] if "<" in piece else piece.split()


def mailbox(text: str) -> Mailbox:
    """Parse `desk@example.cn` or `Desk <desk@example.cn>`. Raises AddressError, which never repeats the text."""
    named = _NAMED.fullmatch(text.strip())
    name, address = (named["name"].strip().strip('"'), named["address"].strip()) if named else ("", text.strip())
    local, at, domain = address.rpartition("@")
    if not at:
        raise AddressError("it has no @.")
    if "@" in local:
        raise AddressError("it has more than one @.")
    if not _LOCAL.fullmatch(local) or len(local.encode()) > _LOCAL_BYTES:
        raise AddressError("what stands before the @ cannot be a mailbox.")
    return Mailbox(f"{local}@{domain_ascii(domain)}", name)


def domain_ascii(domain: str) -> str:
    """The domain in ASCII (IDNA): 例子.中国 becomes xn--fsqu00a.xn--fiqs8s. Raises AddressError."""
    try:
        found = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:
        found = ""
    if not _LABELS.fullmatch(found) or len(found) > _DOMAIN_BYTES:
        raise AddressError("what stands behind the @ is no domain.")
    return found
