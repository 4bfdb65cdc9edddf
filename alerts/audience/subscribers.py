"""Reads subscribers.yaml: who wants which events, when and where; any error makes the whole file invalid."""

import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from alerts.audience.filters import Filter, UnknownNameError, Wanted, nearest, resolve
from alerts.audience.remarks import day_end
from alerts.audience.rhythm import Every, QuietHours, Rhythm
from alerts.delivery.targets import Target, targets_of
from alerts.text.target_urls import AddressError, expand, holds_secret, mask
from alerts.text.wording import Wording
from alerts.text.wording import load as load_texts
from opendata_spiders.register import Register
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.environment import setting

DEFAULT_FILE = "subscribers.yaml"
_OTHERS = stat.S_IRGRP | stat.S_IROTH
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_EXPLAINED: Mapping[str, str] = {
    "list_type": "input should be a valid list: write [one, another], also for a single one",
    "string_pattern_mismatch": "write small letters, digits and `-` only, such as guizhou-desk",
}
"""What is said instead of pydantic's own sentence, by the type of the error."""
_DATES = ("date", "datetime")
"""The two forms of `muted_until`, of which each has an error of its own."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class SubscribersError(ValueError):
    """Raised when the file cannot be used; the message names file, subscriber and field, never an address or secret."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _time(value: Any) -> Any:
    """A time of day as written, "08:00"; 480 is accepted too, because YAML 1.1 reads an unquoted 8:00 as 480."""
    if isinstance(value, int) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError('is no time of day; write it as "08:00"')
    return time(int(found.group(1)), int(found.group(2)))


class RhythmEntry(_Strict):
    """How often digests are sent, and at which local time."""

    every: Every = Every.DAILY
    at: time = time(8, 0)
    weekday: Weekday = "monday"
    day: int = Field(default=1, ge=1, le=31)
    timezone: ZoneInfo = SHANGHAI
    at_once: list[Literal["watched", "severe"]] = ["watched"]

    _read_at = field_validator("at", mode="before")(_time)


class QuietEntry(_Strict):
    """Hours without messages; `from` and `to` in the rhythm's time zone."""

    begin: time = Field(alias="from")
    end: time = Field(alias="to")

    _read = field_validator("begin", "end", mode="before")(_time)

    @model_validator(mode="after")
    def _has_an_end(self) -> "QuietEntry":
        if self.begin == self.end:
            raise ValueError(
                "begins and ends at the same time, which could mean every hour or none; write two times, leave `quiet` "
                "out, or pause with `muted_until`"
            )
        return self


class SubscriberEntry(_Strict):
    """One subscriber as written in the file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    urls: list[str] = Field(min_length=1)
    language: Literal["zh", "en"] = "zh"
    format: Literal["auto", "html", "markdown", "text"] = "auto"
    filter: Wanted = Wanted()
    rhythm: RhythmEntry = RhythmEntry()
    heartbeat: bool = True
    role: Literal["reader", "officer", "operator", "researcher"] = "reader"
    quiet: QuietEntry | None = None
    muted_until: date | datetime | None = None
    silent_days: int | None = Field(default=None, ge=7, le=3650)
    head_start: bool = False


class SubscribersFile(_Strict):
    """The whole file."""

    subscribers: list[SubscriberEntry]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscriber, with every name resolved and every address parsed."""

    name: str
    language: str
    format: str
    role: str
    heartbeat: bool
    scope: Filter
    rhythm: Rhythm
    quiet: QuietHours | None
    muted_until: datetime | None
    """No digests are written before this time; one digest afterwards covers the pause."""
    targets: tuple[Target, ...] = field(repr=False)
    silent_days: int | None = None
    """The subscriber's own threshold in days without an update, independent of the one for a stop."""
    head_start: bool = False
    """Whether this officer is told of late datasets a day before the readers of the same cities."""

    @property
    def wording(self) -> Wording:
        """The texts in the subscriber's language, dates in their time zone."""
        return load_texts(self.language, self.rhythm.timezone)

    @property
    def hears_first(self) -> bool:
        """Whether `head_start` has an effect: only an officer who names cities has one."""
        return self.head_start and self.role == "officer" and bool(self.scope.slugs)

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and now < self.muted_until

    def held_until(self, now: datetime) -> datetime | None:
        """Until when nothing may be delivered (mute, quiet hours); None if it may now."""
        if self.muted_until is not None and now < self.muted_until:
            return self.muted_until
        return self.quiet.until(now) if self.quiet else None


def subscribers_path() -> Path:
    """The file that SUBSCRIBERS names (environment, then .env), else ./subscribers.yaml."""
    return Path(setting("SUBSCRIBERS", DEFAULT_FILE) or DEFAULT_FILE)


def load(path: Path, register: Register) -> list[Subscriber]:
    """Every subscriber of the file, in its order.

    Raises SubscribersError with a line for each error: file, subscriber, field and, for an unknown name, the most
    similar known one. Names and addresses are looked at once every field has its form, and of each subscriber up to
    the first error.
    """
    found, faults = [], []
    for entry in _validated(path, _read(path)).subscribers:
        try:
            found.append(_subscriber(path, entry, register))
        except SubscribersError as error:
            faults.append(str(error))
    if faults:
        raise SubscribersError("\n".join(faults))
    return found


def lies_open(path: Path) -> bool:
    """Whether the file contains secrets and others than its owner may read it. Raises SubscribersError."""
    if not path.stat().st_mode & _OTHERS:
        return False
    return any(holds_secret(url) for one in _validated(path, _read(path)).subscribers for url in one.urls)


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SubscribersError(
            f"{path}: there is no such file; copy subscribers.example.yaml to it, or let SUBSCRIBERS name yours."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SubscribersError(f"{path}: cannot be read as UTF-8 text ({type(error).__name__}).") from None
    try:
        return yaml.load(text, _Loader)  # noqa: S506 -- _Loader is SafeLoader plus a check
    except yaml.YAMLError as error:
        # Only position and problem: the parser's own message quotes the line, which may contain an address.
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or type(error).__name__
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SubscribersError(
            f"{path}: {where}not valid YAML ({problem}); check indentation and quotes there."
        ) from None


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses duplicate keys, because the first value would silently be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is written twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _validated(path: Path, document: Any) -> SubscribersFile:
    if not isinstance(document, dict):
        raise SubscribersError(f"{path}: must begin with `subscribers:` and a list below it.")
    try:
        file = SubscribersFile.model_validate(document)
    except ValidationError as error:
        raise SubscribersError("\n".join(f"{path}: {said}" for said in _faults(error, document))) from None
    names = [entry.name for entry in file.subscribers]
    for name in names:
        if names.count(name) > 1:
            raise SubscribersError(f"{path}: subscriber {name!r} stands there twice; give each a name of its own.")
    return file


def _faults(error: ValidationError, document: Mapping[str, Any]) -> list[str]:
    """Every validation error as a sentence, without the value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return list(dict.fromkeys(_fault(one["loc"], one["type"], one["msg"], document) for one in found))


def _fault(place: Sequence[int | str], kind: str, message: str, document: Mapping[str, Any]) -> str:
    location = list(place[1:] if len(place) > 1 else place)
    who, steps = _who(location, document)
    if steps and steps[-1] in _DATES:
        return f"{who}{steps[0]}: write a date or a time, such as 2027-03-12."
    name = ".".join(str(step) for step in steps)
    if kind == "extra_forbidden":
        return f"{who}there is no field {name!r}{_nearest_field(steps, whole=not who)}"
    if kind == "missing":
        return f"{who}the field {name!r} is missing."
    reason = _EXPLAINED.get(kind, message.removeprefix("Value error, "))
    return f"{who}{name}: {reason[:1].lower()}{reason[1:]}."


def _who(location: list[int | str], document: Mapping[str, Any]) -> tuple[str, list[int | str]]:
    if not location or not isinstance(location[0], int):
        return "", location
    entries = document.get("subscribers")
    entry = entries[location[0]] if isinstance(entries, list) else None
    name = entry.get("name") if isinstance(entry, dict) else None
    label = repr(name) if isinstance(name, str) else f"number {location[0] + 1}"
    return f"subscriber {label}: ", location[1:]


def _nearest_field(steps: list[int | str], *, whole: bool) -> str:
    models: Mapping[str, type[BaseModel]] = {"filter": Wanted, "rhythm": RhythmEntry, "quiet": QuietEntry}
    top = SubscribersFile if whole else SubscriberEntry
    model = models.get(str(steps[0]), top) if len(steps) > 1 else top
    names = [one.alias or name for name, one in model.model_fields.items()]
    hint = nearest(str(steps[-1]), names, f"known are {', '.join(names)}.")
    return f"; {hint}"


def _subscriber(path: Path, entry: SubscriberEntry, register: Register) -> Subscriber:
    """The resolved subscriber; the default rhythm of a researcher is monthly, and a mute includes its last day."""
    rhythm, written = entry.rhythm, entry.muted_until
    zone, every = rhythm.timezone, rhythm.every
    if entry.role == "researcher" and "every" not in rhythm.model_fields_set:
        every = Every.MONTHLY
    weekday, at_once = get_args(Weekday).index(rhythm.weekday), frozenset(rhythm.at_once)
    muted = day_end(written, zone) if written and not isinstance(written, datetime) else None
    if isinstance(written, datetime):
        muted = (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)

    return Subscriber(
        name=entry.name,
        language=entry.language,
        format=entry.format,
        role=entry.role,
        heartbeat=entry.heartbeat,
        scope=_scope(path, entry, register),
        rhythm=Rhythm(every, rhythm.at, weekday, rhythm.day, zone, at_once),
        quiet=QuietHours(entry.quiet.begin, entry.quiet.end, zone) if entry.quiet else None,
        muted_until=muted,
        targets=tuple(_targets(path, entry)),
        silent_days=entry.silent_days,
        head_start=entry.head_start,
    )


def _scope(path: Path, entry: SubscriberEntry, register: Register) -> Filter:
    for name in ("cities", "provinces", "themes", "key_data", "kinds"):
        try:
            resolve(register, Wanted(**{name: getattr(entry.filter, name)}))
        except UnknownNameError as error:
            raise SubscribersError(f"{path}: subscriber {entry.name!r}: filter.{name}: {error}") from None
    return resolve(register, entry.filter)


def _targets(path: Path, entry: SubscriberEntry) -> list[Target]:
    addresses = []
    for number, written in enumerate(entry.urls, start=1):
        try:
            addresses.append(expand(written))
        except AddressError as error:
            where = f"{path}: subscriber {entry.name!r}: urls: address {number} ({mask(written)}): "
            raise SubscribersError(where + str(error)) from None
    try:
        return targets_of(entry.name, addresses)
    except AddressError as error:
        raise SubscribersError(f"{path}: subscriber {entry.name!r}: urls: {error}") from None
