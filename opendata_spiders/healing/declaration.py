"""The module of a drafted family: its declaration as Python source, with the recipe of what was proven, and when."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from opendata_spiders.declared import OMIT, Call, JsonDetail, JsonList, Slot
from opendata_spiders.healing.proof import IdProof, Proof
from opendata_spiders.normalise import UPDATE_CLOCKS
from opendata_spiders.pages.bodies import plain

_WIDTH = 120
_VERSION = re.compile(r"_v(\d+)$")


@dataclass(frozen=True, slots=True)
class ProvenList:
    """How the list is asked for and read now."""

    call: Call
    page: JsonList
    page_size: int
    first_page: int
    proof: Proof
    id: IdProof
    total: str = ""
    """How the total was proven, as a phrase; empty where none was."""


@dataclass(frozen=True, slots=True)
class ProvenDetails:
    """How details are asked for and read now."""

    call: Call
    page: JsonDetail
    proof: Proof


@dataclass(frozen=True, slots=True)
class OldFamily:
    """What a draft takes over from the family that read the portal before."""

    family: str
    class_name: str
    id_rule: int
    detail_fields: tuple[str, ...] = ()
    human_page: str = ""
    dates_in_details: bool = False


@dataclass(frozen=True, slots=True)
class DraftFamily:
    """A family that was drafted for one portal."""

    old: OldFamily
    slug: str
    watched: str
    """Path of the page for people whose loading was watched."""
    list: ProvenList
    details: ProvenDetails | None = None
    keeps_details: bool = False
    """Whether the old declaration still reads the details."""
    human_page: str = ""
    """Empty where no link of the page shows it and the old one has to stand in."""
    home_marks: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """Name of the new family: `gddata_v2`, the next one where the old name has a version."""
        name = self.old.family
        known = _VERSION.search(name)
        return f"{_VERSION.sub('', name)}_v{int(known[1]) + 1 if known else 2}"

    @property
    def class_name(self) -> str:
        return "".join(part.capitalize() for part in self.family.split("_")) + "Spider"

    @property
    def id_rule(self) -> int:
        """That of before where ids survive, else the next one."""
        return self.old.id_rule + (not self.list.id.survives)

    @property
    def dates_in_details(self) -> bool:
        """Whether only details show an update date."""
        if self.keeps_details:
            return self.old.dates_in_details
        shown = [{*proof.fits}.intersection(UPDATE_CLOCKS) for _, proof in self.proofs]
        return not shown[0] and any(shown)

    @property
    def proofs(self) -> Sequence[tuple[str, Proof]]:
        """What was proven of the list, and of details where they were found, each with its name."""
        return [("list", self.list.proof), *([("detail", self.details.proof)] if self.details else [])]

    @property
    def proven(self) -> Mapping[str, str]:
        """Field to where it was proven, the list first."""
        found: dict[str, str] = {}
        for where, proof in self.proofs:
            for name, fit in proof.fits.items():
                found.setdefault(name, f"{where}, {fit.path}")
        return found

    @property
    def unproven(self) -> Mapping[str, str]:
        """Field of the last reading to why it was left out."""
        read = {*self.proven, *(self.old.detail_fields if self.keeps_details else ())}
        return {name: why for _, proof in self.proofs for name, why in proof.unproven.items() if name not in read}


def module(draft: DraftFamily, at: datetime) -> str:
    """The source of the family's module."""
    base = draft.old.class_name if draft.keeps_details else "DeclaredFamily"
    body = "\n".join(_assignments(draft))
    text = "\n".join(_recipe(draft, at))
    used = [name for name in _NAMES if re.search(rf"\b{name}\b", body) or name == base]
    imports = [f"from opendata_spiders.declared import {', '.join(used)}"]
    if draft.keeps_details:
        imports.append(f"from opendata_spiders.families.{draft.old.family} import {draft.old.class_name}")
    return (
        f'"""{draft.family}: the portal {draft.slug} since {at:%Y-%m}; drafted from {draft.old.family}."""\n\n'
        + "\n".join(imports)
        + f'\n\n\nclass {draft.class_name}({base}):\n    """{text}\n    """\n\n'
        + textwrap.indent(body, "    ")
        + "\n"
    )


_NAMES = ("AsJson", "AsText", "Call", "DeclaredFamily", "JsonDetail", "JsonList", "OMIT", "Slot", "Tenant")


def _assignments(draft: DraftFamily) -> Iterator[str]:
    yield f'family = "{draft.family}"'
    if draft.list.id.survives:
        yield f'ids_of = "{draft.old.family}"'
    yield f"id_rule = {draft.id_rule}"
    yield f"page_size = {draft.list.page_size}"
    yield f"first_page = {draft.list.first_page}"
    yield f"dates_in_details = {draft.dates_in_details}"
    yield _laid("list_call = ", draft.list.call)
    yield _laid("list_page = ", draft.list.page)
    if draft.details:
        yield _laid("detail_call = ", draft.details.call)
        yield _laid("detail_page = ", draft.details.page)
    if draft.human_page or not draft.keeps_details:
        yield f"human_page = {_atom(draft.human_page or draft.old.human_page or '/#/{id}')}"
    if draft.home_marks and not draft.keeps_details:
        yield f"home_marks = {source(draft.home_marks)}"


def _recipe(draft: DraftFamily, at: datetime) -> Iterator[str]:
    """The lines of the class docstring."""
    day = f"{at:%Y-%m-%d}"
    yield f"Reads the portal {draft.slug} since its interface changed (JSON); no other portal has been read with it."
    yield ""
    yield "    What is read; every path was proven by the values of the last trusted reading, not by its name:"
    yield ""
    steps = [
        _of_list(draft, day),
        f"Total: {draft.list.total}." if draft.list.total else "Total: none is proven.",
        f"Id: `{_shown(draft.list.id.path)}`; {_shown(draft.list.id.why, 200)}."
        + ("" if draft.list.id.survives else " Ids are new: no dataset can be compared by id with earlier readings."),
        *_of_details(draft, day),
        "The page for people is that of the page's own links."
        if draft.human_page
        else "The page for people is not proven: the address of before stands in for it (a guess).",
    ]
    for number, said in enumerate(steps, 1):
        yield from _wrapped(f"{number}. {said}")
    yield ""
    yield "    Proven, with the share of entries that say the same as the last reading:"
    yield ""
    for number, said in enumerate(_proven(draft), len(steps) + 1):
        yield from _wrapped(f"{number}. {said}")
    yield ""
    names = ", ".join(f"`{name}`" for name in draft.unproven)
    yield from _wrapped(f"Left out, because nothing proves which path shows them: {names or 'nothing'}.")
    yield ""
    yield "    Gone: HTTP 404 or 410 on a detail alone; nobody has seen what the portal says of a dataset that is gone."


def _of_list(draft: DraftFamily, day: str) -> str:
    return (
        f"List: `{_method(draft.list.call)} {_shown(draft.list.call.path)}`, watched on {day} while the page "
        f"`{_shown(draft.watched)}` loaded; further pages were asked for by the same call. {draft.list.proof.matched} "
        "entries are datasets of the last reading."
    )


def _of_details(draft: DraftFamily, day: str) -> Iterator[str]:
    if draft.keeps_details:
        yield f"Detail: as in {draft.old.family}, which still reads it ({day})."
    elif draft.details:
        yield (
            f"Detail: `{_method(draft.details.call)} {_shown(draft.details.call.path)}`, watched on {day} while the "
            f"page of a dataset loaded; {draft.details.proof.matched} were asked for."
        )
    else:
        yield "Detail: none was found."


def _proven(draft: DraftFamily) -> Iterator[str]:
    for where, proof in draft.proofs:
        for name, fit in proof.fits.items():
            codes = f"; its codes stand for the words of before, one to one ({len(fit.codes)})" if fit.codes else ""
            yield f"`{name}` is `{_shown(fit.path)}` of the {where}: {fit.share:.0%}{codes}."


def _wrapped(said: str) -> list[str]:
    return textwrap.wrap(
        said, _WIDTH, initial_indent="    ", subsequent_indent="       ", break_long_words=False, break_on_hyphens=False
    )


def _method(call: Call) -> str:
    return "GET" if call.json is None and call.form is None else "POST"


def _shown(text: str, length: int = 100) -> str:
    """Text of the portal within a docstring."""
    return plain(text, length).replace("\\", "/").replace('"', "'")


# --- values as source -------------------------------------------------------------------------------------------------


def source(value: Any) -> str:
    """A value of a declaration as Python source, on one line."""
    opening, parts, closing = _parts(value)
    if parts is None:
        return opening
    comma = "," if opening == "(" and len(parts) == 1 else ""
    return f"{opening}{', '.join(head + source(one) for head, one in parts)}{comma}{closing}"


def _laid(head: str, value: Any, indent: str = "") -> str:
    """A value as source behind `head`, on several lines where one is too long; 4 columns are the class's own."""
    opening, parts, closing = _parts(value)
    line = f"{indent}{head}{source(value)}"
    if parts is None or len(line) <= _WIDTH - 5:
        return line
    rows = [_laid(name, one, f"{indent}    ") + "," for name, one in parts]
    return "\n".join([f"{indent}{head}{opening}", *rows, f"{indent}{closing}"])


def _parts(value: Any) -> tuple[str, Sequence[tuple[str, Any]] | None, str]:
    """How a value opens, its parts with what stands before each, and how it closes; no parts for an atom."""
    if isinstance(value, Slot):
        return f"Slot.{value.name}", None, ""
    if value is OMIT:
        return "OMIT", None, ""
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}(", _arguments(value), ")"
    if isinstance(value, Mapping):
        return "{", [(f"{_atom(name)}: ", one) for name, one in value.items()], "}"
    if isinstance(value, list | tuple):
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")")
        return opening, [("", one) for one in value], closing
    return _atom(value), None, ""


def _arguments(value: Any) -> list[tuple[str, Any]]:
    """The arguments of a declaration that differ from their defaults; the first one of a call without its name."""
    found = []
    for place, one in enumerate(fields(value)):
        given = getattr(value, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if given != default or type(given) is not type(default):
            bare = place == 0 and not isinstance(value, JsonList | JsonDetail)
            found.append(("" if bare else f"{one.name}=", given))
    return found


def _atom(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
