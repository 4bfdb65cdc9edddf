"""The printable evidence page: Chinese and English side by side, all portal text inert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.model.kinds import kinds
from alerts.publish.evidence.gather import Dossier, Side, Subject
from alerts.publish.rows import file_check_rows, rows, run_row
from alerts.text.labels import kind_name, paired
from alerts.text.statements import statement_of
from alerts.text.templates import render, visible

DATASETS_SHOWN = 100
IN_FULL = 3
"""Up to this many datasets are printed with all values; if there are more, only with names."""
CONTACTS = frozenset({"contact_phone", "contact_email"})
"""Personal data: kept in the archive, not printed."""
LOOKS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Values:
    """One dataset's values before and after, those that differ first."""

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


def page(dossier: Dossier, names: Sequence[str]) -> str:
    """The page as HTML; `names` are the other files of the archive."""
    event, texts = dossier.event, paired("evidence_page")
    # What cannot be known about a kind of event; the general text comes last.
    limits = [event.kind, event.kind.partition(".")[0], "any"]
    subjects = dossier.subjects[:DATASETS_SHOWN]
    looks = file_check_rows(dossier.rounds, None)
    return render(
        "evidence/page.html.j2",
        event=event,
        kind=kinds().get(event.kind),
        label=kind_name(event.kind),
        claim=statement_of(event, {}).what,
        t=texts,
        confidence=texts["confidences"][event.confidence.value],
        corrections=[
            (texts["retracted" if "retracted" in one.evidence else "restated"], visible(one.evidence.get("why")), one)
            for one in dossier.corrections
        ],
        limits=[texts["limits"][name] for name in limits if name in texts["limits"]],
        runs=[(run_row(run), dossier.regraded.get(run.id)) for run in dossier.runs],
        before=dossier.compared[0],
        after=dossier.compared[1],
        looks=looks[:LOOKS_SHOWN],
        more_looks=len(looks) > LOOKS_SHOWN,
        looks_shown=LOOKS_SHOWN,
        subjects=[_values(subject) for subject in subjects],
        listed_only=len(subjects) > IN_FULL,
        hides_contacts=any(CONTACTS & (_content(one.before).keys() | _content(one.after).keys()) for one in subjects),
        more=len(dossier.subjects) > DATASETS_SHOWN,
        shown=DATASETS_SHOWN,
        numbers=rows({name: value for name, value in event.evidence.items() if name != "datasets"}),
        files=names,
    )


def _values(subject: Subject) -> Values:
    before, after = _content(subject.before), _content(subject.after)
    listed = subject.after is not None and subject.after.entry is not None
    fields = sorted((before.keys() | after.keys()) - CONTACTS)
    pairs = [(name, before.get(name), after.get(name)) for name in fields]
    shown = [(name, visible(old), visible(new) if listed else "", listed and old != new) for name, old, new in pairs]
    version = next((side.version for side in (subject.after, subject.before) if side and side.version), None)
    return Values(
        dataset=subject.dataset,
        title=subject.title or str(before.get("title") or after.get("title") or ""),
        office=str(before.get("office") or after.get("office") or ""),
        page_url=version.page_url if version else "",
        before=subject.before.run if subject.before else "",
        after=subject.after.run if subject.after else "",
        listed_after=listed,
        rows=sorted(shown, key=lambda row: not row[3]),
    )


def _content(side: Side | None) -> Mapping[str, Any]:
    if side is None or side.entry is None:
        return {}
    content = side.version.content if side.version else {}
    return {**content, **side.entry.clocks, **side.entry.measures}
