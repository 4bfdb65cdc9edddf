"""From an address to targets that can be sent to: one for each recipient, so that one refusal concerns one."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apprise import Apprise, AppriseAsset
from apprise.common import PersistentStoreMode
from apprise.plugins import url_to_dict
from apprise.plugins.base import NotifyBase

from alerts.channels import chat, mail, signed
from alerts.channels.masking import MASKER, install
from alerts.channels.services import OTHER, Service, service
from alerts.channels.urls import AddressError, mask
from alerts.enclosures import Attachment

OURS: Mapping[str, type[NotifyBase]] = {
    "mailto": mail.DigestMail,
    "mailtos": mail.DigestMail,
    "wecombot": chat.WeCom,
    "dingtalk": chat.DingTalk,
    "feishu": chat.Feishu,
    "lark": chat.Lark,
    "schan": chat.ServerChan,
    "pushdeer": chat.PushDeer,
    "pushdeers": chat.PushDeer,
    "bark": chat.Bark,
    "barks": chat.Bark,
    **dict.fromkeys(signed.SCHEMES, signed.SignedHook),
}
"""Plugins of our own in place of Apprise's, by schema."""

_MAIL = frozenset({"mailto", "mailtos"})
_HEADED = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
_RESERVED = {
    "retry": "the outbox repeats what failed, and knows what was delivered",
    "optional": "it would report failures as delivered",
    "overflow": "messages are cut between datasets here",
    "key": "encrypted Bark messages are not supported",
}
"""Options of an address that would undo what the outbox promises."""

SERVICE_SECONDS = 60.0
"""Longest that one message to one target may take."""


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of one subscriber."""

    subscriber: str
    index: int
    """1, 2, 3 … within the subscriber, addresses in the order of the file, recipients in the order of the address."""
    schema: str
    label: str
    """What may be shown."""
    identity: str = field(repr=False)
    """What makes it this target and no other; holds secrets, stored only as a keyed hash."""
    parsed: Mapping[str, Any] = field(repr=False)

    @property
    def service(self) -> Service:
        return service(self.schema)

    @property
    def limit(self) -> int:
        """Most of one message in the service's unit; of a service not listed, what Apprise knows; 0 for no limit."""
        if self.service.schema != OTHER:
            return self.service.limit
        return int(self.plugin().body_maxlen)

    def ref(self, key: bytes) -> str:
        """Keyed hash by which the outbox recognises the target without holding its address."""
        return hmac.new(key, self.identity.encode(), hashlib.sha256).hexdigest()[:32]

    @property
    def takes_files(self) -> bool:
        """Whether a file can go with a message."""
        return self.schema in _MAIL

    def plugin(
        self,
        *,
        message_id: str = "",
        text: str = "",
        language: str = "",
        is_document: bool = False,
        attachment: Attachment | None = None,
    ) -> NotifyBase:
        """The plugin that sends to this target; the message id goes where the service has a place for it."""
        parsed = dict(self.parsed)
        if self.schema in signed.SCHEMES:
            parsed |= {"message_id": message_id, "language": language, "is_document": is_document}
        if self.schema in _MAIL:
            parsed |= {"message_id": message_id, "text": text, "language": language, "attachment": attachment}
        if self.schema in _HEADED and message_id:
            parsed["headers"] = {**(parsed.get("headers") or {}), "Idempotency-Key": message_id}
        return _instance(self.schema, parsed)


def asset() -> AppriseAsset:
    """How Apprise behaves here: no redirects (a 302 would turn a POST into a GET that says 200), no files, bounded."""
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
    """Every target of a subscriber. Raises AddressError, with the number of the address and never its text."""
    found: list[Target] = []
    for number, address in enumerate(addresses, start=1):
        try:
            found += _targets(subscriber, len(found), address)
        except AddressError as error:
            raise AddressError(f"address {number} ({mask(address)}): {error}") from None
    return found


def _targets(subscriber: str, before: int, address: str) -> list[Target]:
    install()
    MASKER.learn([address])
    parsed = _parse(address)
    schema = str(parsed["schema"]).lower()
    return [
        Target(subscriber, before + number, schema, mask(address), _identity(address, schema, one), one)
        for number, one in enumerate(_single(schema, parsed), start=1)
    ]


def _parse(address: str) -> dict[str, Any]:
    if address.strip().partition("://")[0].lower() in signed.SCHEMES:
        return signed.parse(address)
    quiet = logging.getLogger("apprise")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        parsed = url_to_dict(address)  # type: ignore[no-untyped-call]
        plugin = Apprise.instantiate(address, asset=asset()) if parsed else None
    finally:
        quiet.setLevel(level)
    if not parsed or plugin is None:
        raise AddressError("Apprise knows no such service or misses a part; see docs/subscribing.md for each form.")
    for option, why in _RESERVED.items():
        if option in parsed.get("qsd", {}) and not (option == "key" and not str(parsed["schema"]).startswith("bark")):
            raise AddressError(f"the option {option!r} cannot be used: {why}; remove it.")
    return dict(parsed)


def _single(schema: str, parsed: dict[str, Any]) -> list[dict[str, Any]]:
    """One set of arguments for each recipient, where the service has several and they can be told apart."""
    whole: Any = _instance(schema, parsed)
    if schema in signed.SCHEMES:
        return [parsed]
    if schema in _MAIL:
        copies = [*(address for _, address in whole.targets), *sorted(whole.cc), *sorted(whole.bcc)]
        return [{**parsed, "targets": [one], "cc": None, "bcc": None} for one in dict.fromkeys(copies)]
    listed = parsed.get("targets")
    if len(whole) < 2 or not isinstance(listed, list):
        return [parsed]
    singles = [{**parsed, "targets": [one]} for one in listed]
    return singles if sum(len(_instance(schema, one)) for one in singles) == len(whole) else [parsed]


def _instance(schema: str, parsed: dict[str, Any]) -> NotifyBase:
    arguments = {**parsed, "asset": asset(), "tag": set()}
    own = OURS.get(schema)
    plugin = own(**arguments) if own else Apprise.instantiate(arguments, asset=asset())
    if plugin is None:
        raise AddressError("Apprise cannot use it; see docs/subscribing.md for each form.")
    return plugin


def _identity(address: str, schema: str, parsed: Mapping[str, Any]) -> str:
    """Without password or secret where they can be told apart: a new one does not make a new recipient."""
    if schema in signed.SCHEMES:
        return f"{schema}\n{parsed['url']}"
    if schema in _MAIL:
        kept = (parsed.get(name) for name in ("smtp_host", "host", "port", "user", "from_addr"))
        return "\n".join(["mail", *(str(one or "") for one in kept), *parsed["targets"]])
    return "\n".join([schema, address, *(str(one) for one in parsed.get("targets") or ())])
