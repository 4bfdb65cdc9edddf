"""Files that took the place of others: portals give a new upload a new id, which makes the old one no broken file."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from alerts.files.state import VANISHED, Bundle, FileState
from alerts.files.step import Looks
from opendata_spiders import normalise

_DIGITS = re.compile(r"[\d._\-]+")
T = TypeVar("T")


def succeeded(bundle: Bundle, looks: Looks) -> Bundle:
    """The files under the ids they have now: of the same name, digits aside; else the only one gone and come."""
    if not looks.listed:
        return bundle
    gone = {name: state for name, state in bundle.files.items() if name and name not in looks.files}
    came = {name: check.name for name, check in looks.files.items() if name not in bundle.files}
    heirs = _heirs(gone, came) if gone and came else {}
    return _renamed(bundle, heirs) if heirs else bundle


def _heirs(gone: Mapping[str, FileState], came: Mapping[str, str]) -> dict[str, str]:
    heirs: dict[str, str] = {}
    new = _by_name(came)
    for name, old in _by_name({name: state.name for name, state in gone.items()}).items():
        heirs |= dict(zip(old, new.get(name, ()), strict=False))
    left = [name for name, state in gone.items() if name not in heirs and not _was_gone(state)]
    fresh = [name for name in came if name not in heirs.values()]
    if len(left) == len(fresh) == 1:
        heirs[left[0]] = fresh[0]
    return heirs


def _was_gone(state: FileState) -> bool:
    """Whether it had vanished before this round: what comes now has nothing to do with it."""
    return state.last is not None and state.last.why == VANISHED


def _by_name(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Ids by name without digits, those of a name in its order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, shown in sorted(files.items(), key=lambda item: (item[1], item[0])):
        groups[_DIGITS.sub("", normalise.title_key(shown or name))].append(name)
    return groups


def _renamed(bundle: Bundle, heirs: Mapping[str, str]) -> Bundle:
    count, recount, stretch = bundle.count, bundle.recount, bundle.stretch
    files = {new: replace(state, file=new) for new, state in _under(bundle.files, heirs).items()}
    return replace(
        bundle,
        files=files,
        count=replace(count, files=_names(count.files, heirs)) if count else None,
        recount=replace(recount, files=_names(recount.files, heirs)) if recount else None,
        stretch=replace(stretch, hashes=_under(stretch.hashes, heirs)) if stretch else None,
    )


def _under(values: Mapping[str, T], heirs: Mapping[str, str]) -> dict[str, T]:
    return {heirs.get(name, name): value for name, value in values.items()}


def _names(files: Iterable[str], heirs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(heirs.get(name, name) for name in files))
