"""What is kept of a dataset that is gone from its portal: when it was last seen, how to cite it, where else to look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.model.states import Absence, DatasetState
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.sanitising import clean, inert
from alerts.text.statements import both
from alerts.text.templates import render, when
from opendata_spiders.national.policy import national_source
from opendata_spiders.store.clock import SHANGHAI

_ABSENCES = 12
"""Most absences that are told one by one."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An address at which a copy or another entry may be found."""

    name: Both
    url: str
    note: Both


@dataclass(frozen=True, slots=True)
class Relisted:
    """An entry of the same title on another portal."""

    place: Both
    url: str


@dataclass(frozen=True, slots=True)
class GoneDataset:
    """The dataset as last seen: what citation and letter name."""

    title: str
    office: str
    place: Both
    portal: Both
    address: str
    """Address of its page on the portal; empty unless on the portal's own host."""
    dataset: str
    published: str
    """As the portal wrote it."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """All that is told of a dataset that is gone."""

    word: str
    """removed, unlisted …: a word of `catalogue.GONE`."""
    seen_then_absent: Both
    last_seen: datetime
    absences: Sequence[Absence]
    content_hash: str
    runs: Sequence[str]
    """The run that last listed it, as far as known, and those that did not."""
    stated: str
    """Id of the event that states it; empty until one does."""
    citation_gb: str
    """GB/T 7714-2015."""
    citation: Both
    elsewhere: Sequence[Elsewhere]
    letter: str
    """A request for disclosure, in Chinese, as plain text."""


def tombstone(
    state: DatasetState, word: str, subject: GoneDataset, run_at: Mapping[datetime, str], relisted: Sequence[Relisted]
) -> Tombstone:
    """The tombstone of a dataset; `run_at`: ids of the portal's runs by time."""
    seen = run_at.get(state.last_seen)
    return Tombstone(
        word=word,
        seen_then_absent=_seen_then_absent(state),
        last_seen=state.last_seen,
        absences=state.absences[:_ABSENCES],
        content_hash=state.entry.version,
        runs=[*([seen] if seen else []), *(one.run for one in state.absences[:_ABSENCES])],
        stated=state.ended_by or "",
        citation_gb=_gb(subject, state),
        citation=_plain(subject, state),
        elsewhere=[*_elsewhere(subject, state), *_relisted(relisted)],
        letter=_letter(subject, state, word),
    )


def _seen_then_absent(state: DatasetState) -> Both:
    days = [one.at for one in state.absences[:_ABSENCES]]
    absent = both(lambda words: str(words.text("list_separator")).join(dict.fromkeys(map(words.full_day, days))))
    return said("tombstone.seen_then_absent", seen=both(lambda words: words.full_day(state.last_seen)), absent=absent)


def _gb(subject: GoneDataset, state: DatasetState) -> str:
    """Responsible party. Title[DS/OL]. (date of publication)[date of access]. address."""
    seen = f"{state.last_seen.astimezone(SHANGHAI):%Y-%m-%d}"
    published = f"({clean(subject.published, 10)})" if subject.published else ""
    office = subject.office or subject.place.zh
    return f"{office}. {subject.title}[DS/OL]. {published}[{seen}]. {subject.address or subject.portal.zh}."


def _plain(subject: GoneDataset, state: DatasetState) -> Both:
    return said(
        "tombstone.citation",
        office=Both.same(subject.office) if subject.office else subject.place,
        dataset=subject.title,
        portal=subject.portal,
        address=subject.address,
        day=both(lambda words: words.full_day(state.last_seen)),
        hash=state.entry.version,
    )


def _elsewhere(subject: GoneDataset, state: DatasetState) -> list[Elsewhere]:
    register = Elsewhere(said("tombstone.register"), national_source().base_url, said("tombstone.register_note"))
    if not subject.address:
        return [register]
    day = f"{state.last_seen.astimezone(SHANGHAI):%Y%m%d}"
    wayback, archive = f"https://web.archive.org/web/{day}/{subject.address}", f"https://archive.ph/{subject.address}"
    return [
        Elsewhere(said("tombstone.wayback"), wayback, said("tombstone.wayback_note")),
        Elsewhere(said("tombstone.archive_today"), archive, said("tombstone.archive_note")),
        register,
    ]


def _relisted(relisted: Sequence[Relisted]) -> list[Elsewhere]:
    return [Elsewhere(one.place, one.url, said("tombstone.relisted_note")) for one in relisted]


def _letter(subject: GoneDataset, state: DatasetState, word: str) -> str:
    """What has no value is left as a blank to fill in by hand."""
    return render(
        "site/letter.txt.j2",
        subject=subject,
        unlisted=word == "unlisted",
        last_seen=when(state.last_seen),
        absences=[when(one.at) for one in state.absences[:_ABSENCES]],
        frequency=inert(clean(state.entry.frequency or "", 40)),
    )
