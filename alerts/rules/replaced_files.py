"""Replaced files: portals give a new upload a new id, so an old file that is no longer listed may not be broken.

States no events. The state of the old file continues under the id of a new file with the same name, with the same name
apart from digits, or of the only new file if only one old file is left.
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
    """The bundle with replaced files under their new ids."""
    if not looks.listed:
        return bundle
    gone = {name: state for name, state in bundle.files.items() if name not in {LIST, PREVIEW, *looks.files}}
    came = {name: check.name for name, check in looks.files.items() if name not in bundle.files}
    new_ids = _replacements(gone, came) if gone and came else {}
    if not new_ids:
        return bundle
    count, recount, stretch = bundle.count, bundle.recount, bundle.stretch
    return replace(
        bundle,
        files={new: replace(state, file=new) for new, state in _under(bundle.files, new_ids).items()},
        count=replace(count, files=_names(count.files, new_ids)) if count else None,
        recount=replace(recount, files=_names(recount.files, new_ids)) if recount else None,
        stretch=replace(stretch, hashes=_under(stretch.hashes, new_ids)) if stretch else None,
    )


def _replacements(gone: Mapping[str, FileState], came: Mapping[str, str]) -> dict[str, str]:
    """Old id to new id: of the same name, else of the same name apart from digits, else the only pair left."""
    new_ids: dict[str, str] = {}
    # Of several candidates, a file that was listed in the last round comes first.
    order = sorted(gone.items(), key=lambda item: (_was_gone(item[1]), item[1].name, item[0]))
    old = {name: state.name or name for name, state in order}
    new = dict(sorted(((name, shown or name) for name, shown in came.items()), key=lambda item: (item[1], item[0])))
    for key in (normalise.title_key, lambda name: _DIGITS.sub("", normalise.title_key(name))):
        new_ids |= _paired(_left(old, new_ids.keys()), _left(new, new_ids.values()), key)
    last = [name for name in _left(old, new_ids.keys()) if not _was_gone(gone[name])]
    fresh = list(_left(new, new_ids.values()))
    return new_ids | (dict(zip(last, fresh, strict=True)) if len(last) == len(fresh) == 1 else {})


def _was_gone(state: FileState) -> bool:
    """Whether it had vanished before this round: a new file of this round is no replacement of it."""
    return state.last is not None and state.last.why == VANISHED


def _left(names: Mapping[str, str], taken: Collection[str]) -> dict[str, str]:
    return {name: shown for name, shown in names.items() if name not in taken}


def _paired(old: Mapping[str, str], new: Mapping[str, str], key: Callable[[str], str]) -> dict[str, str]:
    """Old id to new id of files with an equal key, in their order."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, shown in new.items():
        groups[key(shown)].append(name)
    return {name: found.pop(0) for name, shown in old.items() if (found := groups[key(shown)])}


def _under(values: Mapping[str, T], new_ids: Mapping[str, str]) -> dict[str, T]:
    return {new_ids.get(name, name): value for name, value in values.items()}


def _names(files: Iterable[str], new_ids: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(new_ids.get(name, name) for name in files))
