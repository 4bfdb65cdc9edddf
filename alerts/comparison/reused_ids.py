"""Reused ids: an id refers to another dataset now, so its earlier dataset has vanished and the new one has appeared.

Portals that are republished assign their ids anew. The earlier dataset of such an id is missing from then on under a
name of its own, so that all rules for missing datasets apply to it: it may be found under another id.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import fuzz

from alerts.comparison.context import RunContext
from alerts.comparison.run_view import Lens, trimmed
from alerts.model.policy import EventPolicy
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry, Version

_UNTIL = " until "
Pairs = Mapping[str, tuple[Entry, Entry]]


def former(native: str, day: str) -> str:
    """The name under which a dataset is missing whose id refers to another dataset since `day` (ISO)."""
    return f"{native}{_UNTIL}{day}"


def native(name: str) -> str:
    """The portal's own id of a dataset, also from the name of one whose id was reused."""
    return name.rpartition(_UNTIL)[0] or name


@dataclass(frozen=True, slots=True)
class Likeness:
    """Which fields agree between two contents under one id; None where one of them lacks the field."""

    title: bool | None
    office: bool | None
    published: bool | None
    """Whether the day of its first publication is the same."""
    description: bool | None

    @property
    def is_another(self) -> bool:
        """Title and office differ, publication day or description differs too, and neither of these agrees."""
        rest = (self.published, self.description)
        return self.title is False and self.office is False and False in rest and True not in rest

    @property
    def is_doubtful(self) -> bool:
        """Whether little but the id shows that it is the same dataset."""
        return self.title is False and (self.office, self.published, self.description).count(False) > 1


def find_reused(pairs: Pairs, step: RunContext) -> list[str]:
    """Ids that refer to another dataset: no content agrees, or the content is what another of the ids had before."""
    differing = {name: pair for name, pair in pairs.items() if pair[0].version != pair[1].version}
    versions = step.view.reader.versions({one.version for pair in differing.values() for one in pair}, evidence=False)
    known = {
        name: (versions[old.version], versions[new.version])
        for name, (old, new) in differing.items()
        if old.version in versions and new.version in versions
    }
    renamed = {name: pair for name, pair in known.items() if _is_renamed(*pair)}
    came = set(_exchanged(renamed))
    return sorted(
        name
        for name, pair in renamed.items()
        if (alike := likeness(pairs[name], pair, step.lens, step.policy)).is_another
        or (name in came and alike.title is False)
    )


def likeness(
    entries: tuple[Entry, Entry], versions: tuple[Version, Version], lens: Lens, policy: EventPolicy
) -> Likeness:
    """Which fields agree between the old and the new content of one id."""
    title, office, text = (_texts(versions, name) for name in ("title", "office", "description"))
    return Likeness(
        None if None in title else _core_score(*title) >= policy.reused_score,
        None if None in office else _core_score(*office) >= policy.reused_score,
        _same_day(entries, lens),
        None if None in text else _told_alike(text, policy),
    )


def _texts(versions: tuple[Version, Version], name: str) -> tuple[str, str] | tuple[None, None]:
    old, new = (normalise.sense(one.content.get(name)) for one in versions)
    return (old, new) if old and new else (None, None)


def _core_score(before: str | None, after: str | None) -> float:
    """Similarity (0 to 100) without the common beginning and end, such as the place and words like «信息»."""
    cores = trimmed(before or "", after or "")
    return fuzz.ratio(*cores) if all(cores) else 100.0


def _told_alike(texts: tuple[str | None, str | None], policy: EventPolicy) -> bool | None:
    """Whether the descriptions agree; None for a medium score, because descriptions share phrases of their office."""
    score = fuzz.ratio(*(text or "" for text in texts))
    return True if score >= policy.same_score else False if score < policy.reused_score else None


def _same_day(entries: tuple[Entry, Entry], lens: Lens) -> bool | None:
    old, new = (lens.published(one.clocks) for one in entries)
    return None if old is None or new is None else abs(new - old) <= timedelta(days=1)


def _is_renamed(old: Version, new: Version) -> bool:
    before, after = old.content.get("title"), new.content.get("title")
    return before != after and normalise.sense(before) != normalise.sense(after)


def _exchanged(renamed: Mapping[str, tuple[Version, Version]]) -> Iterator[str]:
    """Ids whose content now is, by title and office, what exactly one other of the ids had before."""
    before = {name: _key(old) for name, (old, _) in renamed.items()}
    after = {name: _key(new) for name, (_, new) in renamed.items()}
    once = [{key for key, count in Counter(many.values()).items() if count == 1} for many in (before, after)]
    owners = {key: name for name, key in before.items() if key in once[0]}
    yield from (name for name, key in after.items() if key in once[1] and owners.get(key, name) != name)


def _key(version: Version) -> str:
    return normalise.second_key(version.content.get("title"), version.content.get("office"))
