"""The promise of a dataset: its stated update frequency, as an EU frequency code with grace periods.

The only definition of due, overdue, delinquent and kept: crawl, diff, lists and scoreboard use it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cache, lru_cache
from itertools import groupby

import isodate

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.codes import code_row
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.policy import policy

UNKNOWN_WORD = "field.frequency_unknown"
SHIFTED = "field.frequency_shifted"
MIXED = "field.frequency_mixed"
MOJIBAKE = "field.mojibake"

_FILLERS = re.compile(r"更新|[一1]次/|一次|1次|进行|数据")
_PREFIXES = re.compile(r"按照|按|每")
_CHINESE_FIGURES = str.maketrans("一二两三四五六七八九", "1223456789")
_AROUND = re.compile(
    r"^(?:https?://(?:publications\.europa\.eu/resource/authority/frequency|purl\.org/cld/freq)/"
    r"|r\d*/(?=p)|(?:data(?:set)?)?(?:is|are)?updated(?=.))"
)
"""What stands before a word abroad: the address of a table of codes, ISO 8601's «repeating», «Data are updated …»."""
_JOINTS = re.compile(r"[、,，/;；|]|或者|以及|或|和|与|及")


@dataclass(frozen=True, slots=True)
class Promise:
    """How often a dataset says that it is updated."""

    code: str
    """EU frequency authority code; UNKNOWN where nothing is promised."""
    iso: str | None
    """ISO 8601 duration; None where no period is promised."""
    word: str
    """The portal's word (the word behind it, where the portal sends a code); empty where it sends nothing."""
    due: int | None
    """Days without an update after which one is due; None: can never be late."""
    overdue: int | None
    delinquent: int | None
    realtime: bool
    """Cannot be judged by a catalogue, which does not restate its date every second; only by an API's content."""
    finding: str | None = None


def promise_names(code: str) -> tuple[str, str]:
    """The promise behind an EU code in Chinese and English; KeyError for an unknown code."""
    return _names()[code]


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    return {row["code"]: (row["zh"] or row["en"], row["en"]) for row in table.rows("frequencies", "code", "zh", "en")}


def promise_of(code: str) -> Promise:
    """The promise that an EU code stands for; KeyError for an unknown code."""
    return _promises()[code]


class PromiseStanding(StrEnum):
    """How far a dataset keeps its promise."""

    FRESH = "fresh"
    DUE = "due"
    OVERDUE = "overdue"
    DELINQUENT = "delinquent"
    REALTIME = "realtime"
    """Promises real time: cannot be judged by a catalogue."""
    NO_PROMISE = "no_promise"
    NO_DATE = "no_date"


JUDGED = (PromiseStanding.FRESH, PromiseStanding.DUE, PromiseStanding.OVERDUE, PromiseStanding.DELINQUENT)
"""Standings of datasets that promise a period and show a date, from best to worst."""
BROKEN = (PromiseStanding.OVERDUE, PromiseStanding.DELINQUENT)
"""Past the grace period; until then a promise is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many promises are kept, of those that can be judged."""

    kept: int
    judged: int
    """Datasets that promise a period (not real time) and show a date."""

    @property
    def overdue(self) -> int:
        return self.judged - self.kept

    @property
    def share(self) -> float | None:
        """None where no promise can be judged."""
        return self.kept / self.judged if self.judged else None


def frequency(raw: object, *, family: str | None = None) -> Promise:
    """Read an update frequency; `family` («zj_athena» or «zj_athena/yichang») selects the meaning of bare codes.

    An absent value is no promise, never a default. Codes mean different things in every family, so a code without
    a family is unknown. Of several periods the slowest counts. Never raises.
    """
    shown = texts.text(raw)
    if shown is None or texts.is_blank(shown):
        return _no_promise(shown or "")
    return _read(shown, family)


def standing(promise: Promise, claimed: datetime | None, at: datetime, tz: tzinfo) -> PromiseStanding:
    """The standing at the moment `at` of a dataset last updated at `claimed`; `tz` is the portal's zone."""
    if promise.realtime:
        return PromiseStanding.REALTIME
    if (limits := deadlines(promise, claimed, tz)) is not None:
        return JUDGED[sum(at >= limit for limit in limits)]
    return PromiseStanding.NO_PROMISE if promise.overdue is None else PromiseStanding.NO_DATE


def broken_from(promise: Promise, claimed: datetime | None, tz: tzinfo) -> datetime | None:
    """The moment from which the standing of a dataset is one of BROKEN; None if it cannot be judged."""
    limits = None if promise.realtime else deadlines(promise, claimed, tz)
    return limits and limits[JUDGED.index(BROKEN[0]) - 1]


@lru_cache(maxsize=1 << 15)
def deadlines(promise: Promise, claimed: datetime | None, tz: tzinfo) -> tuple[datetime, datetime, datetime] | None:
    """When it becomes due, overdue and delinquent; None if it cannot be judged.

    Months and years are counted on the portal's calendar, shorter periods in days; the grace is always days.
    """
    if claimed is None or promise.due is None or promise.overdue is None or promise.delinquent is None:
        return None
    local = claimed.astimezone(tz)
    due = local + timedelta(days=promise.due)
    if promise.iso is not None:
        period = _period(promise.iso)
        due = local + period if isinstance(period, isodate.Duration) else due
    grace = [timedelta(days=days - promise.due) for days in (promise.overdue, promise.delinquent)]
    return due, due + grace[0], due + grace[1]


@cache
def _period(iso: str) -> timedelta | isodate.Duration:
    return isodate.parse_duration(iso)


def detail_sweep() -> timedelta:
    """How old a date read from a detail page may be: one rotation through all details, and a day."""
    return timedelta(days=policy().sweep_days + 1)


def judged_at(at: datetime, *, dates_in_details: bool) -> datetime:
    """The moment at which the promises in a reading made at `at` are judged.

    Where dates stand on detail pages that are read in rotation, a date may be a rotation old: the moment is that much
    earlier.
    """
    return at - detail_sweep() if dates_in_details else at


def kept(standings: Mapping[PromiseStanding, int]) -> Kept:
    """How many promises are kept, from the number of datasets in each standing."""
    judged = sum(standings.get(one, 0) for one in JUDGED)
    return Kept(judged - sum(standings.get(one, 0) for one in BROKEN), judged)


@lru_cache(maxsize=64)
def _no_promise(word: str) -> Promise:
    return replace(_promises()["UNKNOWN"], word=word)


@lru_cache(maxsize=8192)
def _read(shown: str, family: str | None) -> Promise:
    row = code_row("frequency_codes", family, shown)
    word = row["word"] if row else shown
    code, finding = _understood(texts.fold(word))
    return replace(_promises()[code], word=word, finding=finding)


def _understood(folded: str) -> tuple[str, str | None]:
    """Code and finding for a folded word: by the word list, then by its parts, then by the rules."""
    folded = _AROUND.sub("", folded)
    if code := _word(folded):
        return code, None
    parts = [_word(part) for part in _JOINTS.split(folded)]  # «每日和每年», «月/季度»
    known = [code for code in parts if code]
    if len(known) == len(parts):
        return _slowest(known)
    if folded in _foreign_words():
        return "UNKNOWN", SHIFTED
    return _of_rules(folded) or _of_mojibake(folded) or ("UNKNOWN", UNKNOWN_WORD)


def _of_rules(folded: str) -> tuple[str, str | None] | None:
    for _, rules in groupby(_rules(), key=lambda rule: rule[0]):
        if codes := [code for _, pattern, code in rules if pattern.search(folded)]:
            return _slowest(codes)
    return None


def _of_mojibake(folded: str) -> tuple[str, str | None] | None:
    """UTF-8 once read as GBK («姣忔湀» is 每月): undone where the result is a word of the list."""
    try:
        code = _word(folded.encode("gb18030").decode("utf-8"))
    except UnicodeError:
        return None
    return (code, MOJIBAKE) if code else None


def _slowest(codes: Sequence[str]) -> tuple[str, str | None]:
    distinct = sorted(set(codes), key=lambda code: (_slowness()[code], code))
    return distinct[-1], MIXED if len(distinct) > 1 else None


def _word(folded: str) -> str | None:
    """Look a word up as it stands, then without what portals add to it (每, 按, 更新, 一次)."""
    figures = folded.translate(_CHINESE_FIGURES).replace("十", "10")
    bare = _FILLERS.sub("", figures)
    spellings = (folded, figures, _FILLERS.sub("", folded), bare, _PREFIXES.sub("", bare))
    return next((code for code in map(_words().get, spellings) if code), None)


@cache
def _promises() -> Mapping[str, Promise]:
    columns = ("code", "iso", "days", "due", "overdue", "delinquent", "realtime", "zh", "en", "source")
    found = {}
    for row in table.rows("frequencies", *columns):
        due, overdue, delinquent = (int(row[name]) if row[name] else None for name in ("due", "overdue", "delinquent"))
        code, iso, realtime = row["code"], row["iso"] or None, row["realtime"] == "yes"
        found[code] = Promise(code, iso, row["zh"], due, overdue, delinquent, realtime)
    return found


@cache
def _slowness() -> Mapping[str, float]:
    return {row["code"]: float(row["days"]) for row in table.rows("frequencies", "code", "days") if row["days"]}


@cache
def _words() -> Mapping[str, str]:
    """Code by folded word; the codes themselves and their ISO 8601 durations are words, too."""
    durations = {one.iso.casefold(): code for code, one in reversed([*_promises().items()]) if one.iso}
    codes = {code.casefold(): code for code in _promises()}
    return durations | codes | dict(table.keyed("frequency_words", "word", "code", allowed=_promises()))


@cache
def _rules() -> Sequence[tuple[int, re.Pattern[str], str]]:
    """Tier, pattern and code of each rule, by tier."""
    rows = table.rows("frequency_rules", "tier", "pattern", "code", "note")
    rules = [(int(row["tier"]), row.pattern("pattern"), row["code"]) for row in rows]
    return sorted(rules, key=lambda rule: rule[0])


@cache
def _foreign_words() -> frozenset[str]:
    """Words of other columns: a frequency «无条件共享» or «牲畜饲养» comes from a neighbouring column."""
    tables = (("open_types", "word"), ("themes", "word"), ("industries", "word"), ("formats", "word"))
    return frozenset(texts.fold(row[column]) for name, column in tables for row in table.rows(name, column))
