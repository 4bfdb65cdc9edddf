"""The printable page: Chinese and English side by side, every word of a portal made harmless."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from alerts.comparison.run_view import SHANGHAI
from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.model.states import plain
from alerts.publish.evidence.gather import Dossier, Side, Subject
from alerts.publish.evidence_rows import rows
from alerts.text.facts import sentence
from alerts.text.labels import label as label_of
from alerts.text.parts import as_text
from alerts.text.sanitising import clean
from alerts.text.wording import LANGUAGES, load
from opendata_spiders.store.file_checks import FileCheck, FileRound
from opendata_spiders.store.models import Run

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "evidence"
DATASETS_SHOWN = 100
IN_FULL = 3
"""So many datasets are printed with all their values; of more, their names, and the values lie in the archive."""
CONTACTS = frozenset({"contact_phone", "contact_email"})
"""Of persons: kept in the archive, not printed."""
LOOKS_SHOWN = 100
_CHARS = 600
"""Of one value on paper; the archive holds it whole."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as a row of the page."""

    id: str
    utc: str
    shanghai: str
    verdict: str
    regraded: str
    seen: int
    declared: int | None
    reason: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Values:
    """One dataset's values on both sides, those that differ first."""

    dataset: str
    title: str
    office: str
    page_url: str
    before: str
    """Run id; empty if no run listed it."""
    after: str
    listed_after: bool
    rows: Sequence[tuple[str, str, str, bool]]
    """Field, before, after, whether they differ."""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at one file as a row of the page."""

    round: str
    utc: str
    shanghai: str
    dataset: str
    file: str
    said: str
    """Outcome, reason and HTTP status."""
    content: str
    """Bytes, rows and hash, as far as known."""
    columns: str
    url: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """The page in one language."""

    language: str
    t: Mapping[str, Any]
    claim: str
    label: str
    confidence: str
    limits: Sequence[str]
    corrections: Sequence[tuple[str, str, str, str]]
    """Heading, why, UTC, Shanghai."""


def page(dossier: Dossier, names: Sequence[str]) -> str:
    """The page as HTML; `names` are the files beside it in the archive."""
    event = dossier.event
    zh, en = (_chapter(dossier, language) for language in LANGUAGES)
    subjects = [_values(subject) for subject in dossier.subjects[:DATASETS_SHOWN]]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            event=event,
            kind=kinds().get(event.kind),
            at=_times(event.at),
            since=_times(event.since) if event.since else None,
            zh=zh,
            en=en,
            corrections=list(zip(zh.corrections, en.corrections, strict=True)),
            limits=list(zip(zh.limits, en.limits, strict=True)),
            runs=[_row(run, dossier) for run in dossier.runs],
            before=dossier.compared[0],
            after=dossier.compared[1],
            looks=_looks(dossier)[:LOOKS_SHOWN],
            more_looks=len(_looks(dossier)) > LOOKS_SHOWN,
            looks_shown=LOOKS_SHOWN,
            subjects=subjects,
            listed_only=len(subjects) > IN_FULL,
            hides_contacts=any(_has_contacts(subject) for subject in dossier.subjects[:DATASETS_SHOWN]),
            more=len(dossier.subjects) > DATASETS_SHOWN,
            shown=DATASETS_SHOWN,
            numbers=list(rows({k: v for k, v in event.evidence.items() if k != "datasets"})),
            files=names,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["seen"] = visible
    return environment


def visible(value: Any, limit: int = _CHARS) -> str:
    """A value as one line without controls, overrides and half characters; nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return _when(value)
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False, default=_when)
    return clean(text, limit) or "–"


def _when(value: Any) -> str:
    return _times(value)[0] if isinstance(value, datetime) else str(value)


def _chapter(dossier: Dossier, language: str) -> Chapter:
    event, wording = dossier.event, load(language, SHANGHAI)
    t = wording.text("evidence_page")
    kind = kinds().get(event.kind)
    label = event.kind if kind is None else kind.zh if language == "zh" else kind.en
    return Chapter(
        language=language,
        t=t,
        claim=as_text(sentence(event, wording, event.at, event.at)[0]),
        label=label,
        confidence=t["confidences"][event.confidence.value],
        limits=_limits(event.kind, t["limits"]),
        corrections=[_correction(one, t) for one in dossier.corrections],
    )


def _limits(kind: str, limits: Mapping[str, str]) -> Sequence[str]:
    wanted = (kind, kind.partition(".")[0], "any")
    return [limits[name] for name in wanted if name in limits]


def _correction(event: Event, t: Mapping[str, Any]) -> tuple[str, str, str, str]:
    heading = t["retracted"] if "retracted" in event.evidence else t["restated"]
    return (heading, visible(event.evidence.get("why")), *_times(event.at))


def _times(moment: datetime) -> tuple[str, str]:
    """In UTC and in Shanghai."""
    return (
        f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} +08:00",
    )


def _row(run: Run, dossier: Dossier) -> RunRow:
    regrade = dossier.regraded.get(run.id)
    return RunRow(
        run.id,
        *_times(run.at),
        verdict=str(label_of(f"verdict.{run.verdict.value}")),
        regraded=f"{regrade.verdict}: {regrade.why}" if regrade else "",
        seen=run.seen,
        declared=run.declared,
        reason=run.reason,
        base_url=run.base_url,
    )


def _looks(dossier: Dossier) -> list[LookRow]:
    return [_look(looked, check) for looked in dossier.rounds for check in looked.checks]


def _look(looked: FileRound, check: FileCheck) -> LookRow:
    numbers = {"bytes": check.size, "rows": check.rows, "hash": check.content_hash or None}
    return LookRow(
        looked.id,
        *_times(looked.at),
        dataset=check.dataset,
        file=f"{check.name} ({check.file})" if check.name != check.file else check.file,
        said=" ".join(str(one) for one in (label_of(f"outcome.{check.outcome.value}"), check.why, check.status) if one),
        content=", ".join(f"{name} {value}" for name, value in numbers.items() if value is not None),
        columns=" | ".join(check.columns),
        url=check.url,
    )


def _values(subject: Subject) -> Values:
    before, after = _content(subject.before), _content(subject.after)
    listed = subject.after is not None and subject.after.entry is not None
    fields = sorted((before.keys() | after.keys()) - CONTACTS)
    pairs = [(name, before.get(name), after.get(name)) for name in fields]
    told = [(name, visible(old), visible(new) if listed else "", listed and old != new) for name, old, new in pairs]
    version = _version(subject)
    return Values(
        dataset=subject.dataset,
        title=subject.title or str(before.get("title") or after.get("title") or ""),
        office=str(before.get("office") or after.get("office") or ""),
        page_url=version.page_url if version else "",
        before=subject.before.run if subject.before else "",
        after=subject.after.run if subject.after else "",
        listed_after=listed,
        rows=sorted(told, key=lambda row: not row[3]),
    )


def _has_contacts(subject: Subject) -> bool:
    return bool(CONTACTS & (_content(subject.before).keys() | _content(subject.after).keys()))


def _version(subject: Subject) -> Any:
    sides = (subject.after, subject.before)
    return next((side.version for side in sides if side and side.version), None)


def _content(side: Side | None) -> Mapping[str, Any]:
    if side is None or side.entry is None:
        return {}
    content = side.version.content if side.version else {}
    return {**content, **side.entry.clocks, **side.entry.measures}
