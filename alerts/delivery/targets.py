"""Makes targets from addresses: one for each recipient, so that a refusal affects only that recipient."""

import hashlib
import hmac
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset
from apprise.common import PersistentStoreMode
from apprise.exception import AppriseImproperlyConfigured
from apprise.logger import LogCapture
from apprise.manager_plugins import NotificationManager
from apprise.plugins import url_to_dict
from apprise.plugins.base import NotifyBase

from alerts.delivery import mail
from alerts.delivery import webhook as signed
from alerts.delivery.message import Message
from alerts.model.services import OTHER, Service, service, similar
from alerts.text.masking import MASKER, install
from alerts.text.target_urls import HIDDEN, AddressError, mask

OURS: Mapping[str, type[NotifyBase]] = {
    "mailto": mail.DigestMail,
    "mailtos": mail.DigestMail,
    **dict.fromkeys(signed.SCHEMES, signed.SignedHook),
}
"""Plugins of our own in place of Apprise's, by schema."""

_MAIL = frozenset({"mailto", "mailtos"})
_HEADED = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
_RESERVED = {
    "redirect": "it would lose the message and report it as delivered",
    "retry": "the outbox repeats what failed, and knows what was delivered",
    "optional": "it would report failures as delivered",
    "overflow": "messages are cut between datasets here",
    "key": "encrypted Bark messages are not supported",
}
"""Options of an address that would break guarantees of the outbox, and why."""

SERVICE_SECONDS = 60.0
"""Longest time for one message to one target."""
_PATIENCE: Mapping[str, float] = {"cto": 10.0, "rto": 30.0}
"""Seconds to wait for a connection and for an answer, unless the address says otherwise. After Apprise's default of
four seconds a service may still accept the message, and would get it twice."""
_PICTURED = frozenset({"bark", "barks"})
"""Services to whose messages Apprise adds a picture from another host; here only if the address asks for it."""
_MENTIONS = frozenset({"dingtalk"})
"""Services whose recipients are only mentioned in one message that goes to all."""
_SEPARATORS = re.compile(r"[,;，；、\r\n]+")
"""Separators between recipients; not blanks, which phone numbers contain. Apprise knows only the ASCII ones."""
_UNLISTED = frozenset({"app", "from", "id", "source", "tag", "tags", "threadkey", "to", "token", "v"})
"""Options that plugins of Apprise accept without listing them."""
_OPTION_CHARS = 20


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of one subscriber."""

    subscriber: str
    index: int
    """1, 2, 3 … within the subscriber, addresses in the order of the file, recipients in the order of the address."""
    schema: str
    label: str
    """The address without its secrets."""
    identity: str = field(repr=False)
    """Identifies the target; contains secrets, so it is stored only as a keyed hash."""
    parsed: Mapping[str, Any] = field(repr=False)

    @property
    def service(self) -> Service:
        return service(self.schema)

    @property
    def limit(self) -> int:
        """Maximum size of one message in the service's unit; Apprise's for an unlisted service; 0 for no limit."""
        if self.service.schema != OTHER:
            return self.service.limit
        return int(self.plugin().body_maxlen)

    def ref(self, key: bytes) -> str:
        """Keyed hash that identifies the target in the outbox without its address."""
        return hmac.new(key, self.identity.encode(), hashlib.sha256).hexdigest()[:32]

    @property
    def confirms(self) -> bool:
        """Whether the service answers at all; a log or a desktop notification does not."""
        return self.schema in _MAIL or speaks_http(self.plugin())

    @property
    def takes_files(self) -> bool:
        """Whether messages can have an attachment."""
        return self.schema in _MAIL

    def plugin(self, message: Message | None = None) -> NotifyBase:
        """The plugin that sends to this target, with the message id if the service can carry one."""
        parsed = dict(self.parsed)
        if message and self.schema in OURS:
            parsed["message"] = message
        if message and self.schema in _HEADED:
            parsed["headers"] = {**(parsed.get("headers") or {}), "Idempotency-Key": message.id}
        return _instance(self.schema, parsed)


def asset() -> AppriseAsset:
    """Apprise's settings: no redirects (a 302 would turn a POST into a GET), no files, a time limit."""
    return AppriseAsset(
        app_id="opendata-nightwatch",
        app_desc="Open Data Night Watch",
        app_url="",
        async_mode=False,
        http_redirects=False,
        allow_templates=False,
        service_timeout=SERVICE_SECONDS,
        storage_mode=PersistentStoreMode.MEMORY,
    )


def targets_of(subscriber: str, addresses: list[str]) -> list[Target]:
    """The distinct targets of a subscriber.

    Raises AddressError if a part of an address would reach nobody; with the number of the address, never its text.
    """
    found: dict[str, Target] = {}
    for number, address in enumerate(addresses, start=1):
        try:
            for identity, schema, label, parsed in _targets(address):
                found.setdefault(identity, Target(subscriber, len(found) + 1, schema, label, identity, parsed))
        except AddressError as error:
            raise AddressError(f"address {number} ({mask(address)}): {error}") from None
    return list(found.values())


def _targets(address: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Identity, schema, label and arguments of each recipient of an address."""
    install()
    MASKER.learn([address])
    heard: list[str] = []
    try:
        with _complaints() as heard:
            parsed = _parse(address)
            schema = str(parsed["schema"]).lower()
            singles = _single(schema, parsed, address)
    except AddressError as error:
        raise AddressError(f"{error}{_because(heard)}") from None
    if heard:
        raise AddressError(f"a part of it would be left out{_because(heard)}.")
    for one in singles:
        label = mask(address) + (f" {one['recipient'].shown}" if schema in _MAIL else "")
        yield _identity(address, schema, one), schema, label, one


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Apprise's warnings about parts of an address that it ignores; the list is filled at the end of the block.

    Its error messages are left out: they repeat whole addresses, and an exception or None accompanies them.
    """
    heard: list[str] = []
    with LogCapture(level=logging.WARNING, fmt="%(levelname)s\t%(message)s") as captured:  # type: ignore[no-untyped-call]
        try:
            yield heard
        finally:
            lines = captured.getvalue().splitlines()
            heard += [line.partition("\t")[2] for line in lines if line.startswith("WARNING\t")]


def _because(heard: Sequence[str]) -> str:
    return f" (Apprise says: {MASKER.error(heard[0]).rstrip('.')})" if heard else ""


def _parse(address: str) -> dict[str, Any]:
    if address.strip().partition("://")[0].lower() in signed.SCHEMES:
        return signed.parse(address)
    parsed = url_to_dict(_readable(address))  # type: ignore[no-untyped-call]
    if not parsed:
        likely = similar(address.strip().partition("://")[0].lower())
        hint = f"did you mean {likely}://? " if likely else ""
        raise AddressError(
            f"Apprise knows no such service or misses a part; {hint}see docs/subscribing.md for each form."
        )
    _check_options(address, dict(parsed))
    return dict(parsed)


def _readable(address: str) -> str:
    """The address with semicolons, which people write between recipients, escaped for Apprise.

    Apprise reads a semicolon as the start of another option, and in a path as the end of the address.
    """
    return " ".join(address.split()).replace(";", "%3B")


def _check_options(address: str, parsed: Mapping[str, Any]) -> None:
    """Raise AddressError for an option that is unknown to the service, repeated or reserved."""
    asked = parsed.get("qsd", {})
    schema = str(parsed["schema"]).lower()
    for option, why in _RESERVED.items():
        if option in asked and not (option == "key" and not schema.startswith("bark")):
            raise AddressError(f"the option {option!r} cannot be used: {why}; remove it.")
    written = [name.partition("=")[0] for name in _readable(address).partition("?")[2].split("&") if name]
    names = [unquote(name).strip().lower() for name in written]
    plugin = NotificationManager()[schema]  # type: ignore[no-untyped-call]
    prefixes = {one.get("prefix") for one in plugin.template_kwargs.values()}
    known = {*plugin.template_args, *plugin.template_tokens, *_UNLISTED}
    for number, name in enumerate(names, start=1):
        if names.count(name) > 1:
            raise AddressError(f"the option {_shown(name)} stands there twice; write one, with commas in it.")
        own = schema == address.strip().partition("://")[0].lower()
        if own and name not in known and name[:1] not in prefixes:
            raise AddressError(f"option {number} behind the ? ({_shown(name)}) is none of this service; correct it.")


def _shown(option: str) -> str:
    return repr(option) if option.isascii() and option.isalnum() and len(option) < _OPTION_CHARS else HIDDEN


def _single(schema: str, parsed: dict[str, Any], address: str) -> list[dict[str, Any]]:
    """One set of arguments for each recipient, if the service has several that can be separated; else one set.

    Raises AddressError if there is no recipient, or one that the service cannot use.
    """
    if schema in signed.SCHEMES:
        _instance(schema, parsed)
        return [parsed]
    if schema in _MAIL:
        singles = mail.read(address, parsed)
        _instance(schema, singles[0])
        return singles
    listed = parsed.get("targets")
    if isinstance(listed, list):
        listed = [part.strip() for one in listed for part in _SEPARATORS.split(str(one)) if part.strip()]
        parsed = {**parsed, "targets": listed}
    whole: Any = _instance(schema, parsed)
    if reaches_nobody(whole):
        raise AddressError("it names no recipient that the service can use; see docs/subscribing.md for each form.")
    if len(whole) < 2 or not isinstance(listed, list) or schema in _MENTIONS:
        return [parsed]
    singles = [{**parsed, "targets": [one]} for one in listed]
    return singles if sum(len(_instance(schema, one)) for one in singles) == len(whole) else [parsed]


def speaks_http(plugin: NotifyBase) -> bool:
    """Whether a plugin sends by HTTP, so that there is an answer."""
    return any(hasattr(sys.modules[kind.__module__], "requests") for kind in type(plugin).__mro__)


def reaches_nobody(plugin: Any) -> bool:
    """Whether a service that needs recipients has none; Apprise then sends nothing and reports success."""
    takes_some = all("target" in form for form in plugin.templates)
    return not len(plugin) or (takes_some and hasattr(plugin, "targets") and not plugin.targets)


def _instance(schema: str, parsed: dict[str, Any]) -> NotifyBase:
    arguments = {**({} if schema in _MAIL else _PATIENCE), **parsed, "asset": asset(), "tag": set()}
    if schema in _PICTURED and "image" not in parsed["qsd"]:
        arguments["include_image"] = False
    own = OURS.get(schema)
    try:
        plugin = own(**arguments) if own else Apprise.instantiate(arguments, asset=asset())
    except AppriseImproperlyConfigured as error:
        raise AddressError(f"Apprise cannot use it: {MASKER.error(str(error))}") from None
    if plugin is None:
        raise AddressError("Apprise cannot use it; see docs/subscribing.md for each form.")
    if schema == "lark":
        plugin.request_rate_per_sec = 0  # its plugin waits twice before one request; the pace is ours (services.csv)
    return plugin


def _identity(address: str, schema: str, parsed: Mapping[str, Any]) -> str:
    """Identity of a target, without password or secret where possible, so that a new one does not make a new target."""
    if schema in signed.SCHEMES:
        return f"{schema}\n{parsed['url']}"
    if schema in _MAIL:
        kept = (parsed.get(name) for name in ("smtp_host", "host", "port", "user", "from_addr"))
        return "\n".join(["mail", *(str(one or "") for one in kept), *parsed["targets"]])
    return "\n".join([schema, address, *(str(one) for one in parsed.get("targets") or ())])
