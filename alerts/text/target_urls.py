"""Target addresses as subscribers write them: ${NAME} replaced from the environment; shown without secrets."""

import re
from urllib.parse import parse_qsl, quote, urlsplit

from alerts.model.services import service
from opendata_spiders.store.environment import setting

HIDDEN = "…"

_NAME = re.compile(r"\$\{([^}]*)\}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
_SECRET_OPTION = re.compile(r"secret|token|key|pass|auth")
_NATIVE = frozenset({"http", "https"})


class AddressError(ValueError):
    """Raised for an address that cannot be used; the message never contains the address."""


def expand(address: str) -> str:
    """The address with each ${NAME} replaced from the environment, else from .env.

    Within a longer address a value is percent-encoded, so that a password may contain any character; a value that is
    the whole address is not changed. Raises AddressError naming the variable that is missing.
    """
    whole = _NAME.fullmatch(address.strip())
    if whole:
        return _look_up(whole.group(1)).strip()
    return _NAME.sub(lambda found: quote(_look_up(found.group(1)), safe=""), address).strip()


def _look_up(name: str) -> str:
    if not _WORD.fullmatch(name):
        raise AddressError("a ${…} in it is no variable name; write ${NAME} with letters, digits and _.")
    value = setting(name)
    if value is None:
        raise AddressError(f"it needs ${{{name}}}, which is neither in the environment nor in .env; set it there.")
    return value


def mask(address: str) -> str:
    """The part of an address that may be shown: the service, and the host if it is no secret.

    In `wecombot://KEY` the key is in place of a host, so only services listed as `shows_host` show theirs. The name
    of a variable that stands for the whole address is no secret.
    """
    if (whole := _NAME.fullmatch(address.strip())) and _WORD.fullmatch(whole.group(1)):
        return address.strip()
    scheme, colon, _ = address.strip().partition("://")
    if not colon or not re.fullmatch(r"[A-Za-z0-9+.-]{1,20}", scheme):
        return f"{HIDDEN} (no service)"
    scheme = scheme.lower()
    host = _host(address) if service(scheme).shows_host or scheme in _NATIVE else ""
    return f"{scheme}://{host}{'/' if host else ''}{HIDDEN}"


def holds_secret(written: str) -> bool:
    """Whether an address in the file contains a secret itself, not only as ${NAME}."""
    scheme, _, rest = _NAME.sub("", written).strip().partition("://")
    place, _, options = rest.partition("?")
    if not place.strip("/:@"):
        return False
    named = parse_qsl(options)
    user = place.partition("/")[0].rpartition("@")[0]
    return (
        not service(scheme).shows_host
        or bool(user.partition(":")[2])
        or any(value and _SECRET_OPTION.search(name.lower()) for name, value in named)
    )


def _host(address: str) -> str:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    # A password with a bare / or # in it would be taken for the host; then there is an @ in the path or fragment.
    if "@" not in parts.netloc and "@" in parts.path + parts.fragment:
        return ""
    name = parts.netloc.rpartition("@")[2]
    return name if _HOST.fullmatch(name) else ""
