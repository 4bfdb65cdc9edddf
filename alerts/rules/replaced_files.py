"""Files that took the place of others: portals give a new upload a new id, so the old file is not broken.

States nothing: the state of the old file goes on under the new id, of the same name, of the same name but for digits,
or of the only file that came while one went.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from alerts.comparison.file_context import Looks
from alerts.model.file_states import VANISHED, Bundle, FileState
from opendata_spiders import normalise
from opendata_spiders.store.file_checks import LIST, PREVIEW

_DIGITS = re.compile(r"[\d._\-]+")
T = TypeVar("T")


def succeeded(bundle: Bundle, looks: Looks) -> Bundle:
    """The files under the ids they have now: of the same name, digits aside; else the only one gone and come."""
    if not looks.listed:
        return bundle
    gone = {name: state for name, state in bundle.files.items() if name not in {LIST, PREVIEW, *looks.files}}
    came = {name: check.name for name, check in looks.files.items() if name not in bundle.files}
    heirs = _heirs(gone, came) if gone and came else {}
    if not heirs:
        return bundle
    count, recount, stretch = bundle.count, bundle.recount, bundle.stretch
    return replace(
        bundle,
        files={new: replace(state, file=new) for new, state in _under(bundle.files, heirs).items()},
        count=replace(count, files=_names(count.files, heirs)) if count else None,
        recount=replace(recount, files=_names(recount.files, heirs)) if recount else None,
        stretch=replace(stretch, hashes=_under(stretch.hashes, heirs)) if stretch else None,
    )


def _heirs(gone: Mapping[str, FileState], came: Mapping[str, str]) -> dict[str, str]:
    """Old id to new: of the very same name, else of the same name but for digits, else the only pair left."""
    heirs: dict[str, str] = {}
    # Of several that may have been replaced, it was rather one that was there the last time.
    order = sorted(gone.items(), key=lambda item: (_was_gone(item[1]), item[1].name, item[0]))
    old = {name: state.name or name for name, state in order}
    new = dict(sorted(((name, shown or name) for name, shown in came.items()), key=lambda item: (item[1], item[0])))
    for key in (normalise.title_key, lambda name: _DIGITS.sub("", normalise.title_key(name))):
        heirs |= _paired(_left(old, heirs.keys()), _left(new, heirs.values()), key)
    last = [name for name in _left(old, heirs.keys()) if not _was_gone(gone[name])]
    fresh = list(_left(new, heirs.values()))
    return heirs | (dict(zip(last, fresh, strict=True)) if len(last) == len(fresh) == 1 else {})


def _was_gone(state: FileState) -> bool:
    """Whether it had vanished before this round: what comes now has nothing to do with it."""
    return state.last is not None and state.last.why == VANISHED


def _left(names: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    return {name: shown for name, shown in names.items() if name not in taken}


def _paired(old: Mapping[str, str], new: Mapping[str, str], key: Callable[[str], str]) -> dict[str, str]:
    """Those with one key, in the order in which they stand."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, shown in new.items():
        groups[key(shown)].append(name)
    return {name: found.pop(0) for name, shown in old.items() if (found := groups[key(shown)])}


def _under(values: Mapping[str, T], heirs: Mapping[str, str]) -> dict[str, T]:
    return {heirs.get(name, name): value for name, value in values.items()}


def _names(files: Iterable[str], heirs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(heirs.get(name, name) for name in files))
