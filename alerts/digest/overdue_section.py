"""An officer's overdue list in a digest: counts by department; the whole table is attached to mails."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.audience.filters import Filter
from alerts.digest.model import CityGroup, Digest, DigestKind, Line, Section, Table, View
from alerts.digest.overdue import OverdueDataset, as_csv, in_order
from alerts.digest.sections import rest_of_cities
from alerts.model.sections import levels, policy
from alerts.records.enclosures import Attachment
from alerts.text.wording import Wording

SECTION = "list"
_NO_FILE_NAME = re.compile(r"[^\w-]+")


def with_list(digest: Digest, rows: Sequence[OverdueDataset], scope: Filter, view: View) -> Digest:
    """The digest with the list, which replaces the counts by city in a first digest. Unchanged without rows."""
    if not rows:
        return digest
    first = digest.kind is DigestKind.FIRST
    others = tuple(one for one in digest.sections if not (first and one.key == "overdue"))
    # For each city one group, the city with most rows first.
    slugs = sorted(_by(rows, "slug").items(), key=lambda pair: (-len(pair[1]), pair[0]))
    cities, most = [(view.city(slug), late) for slug, late in slugs], levels()[0].groups_max
    offices = policy().list_offices if len(cities) == 1 else levels()[0].offices
    groups = [CityGroup(city, (_city_line(late, offices, view),)) for city, late in cities[:most]]
    if rest := [(city, len(late)) for city, late in cities[most:]]:
        groups.append(CityGroup("", (rest_of_cities(rest, view.wording),)))
    section = Section(SECTION, view.wording.text("sections/list"), tuple(groups), len(rows))
    return replace(digest, sections=(*others, section), table=_table(rows, scope, view))


def list_subject(rows: Sequence[OverdueDataset], view: View) -> str:
    """The subject of a digest that contains only the list."""
    slugs = sorted({row.slug for row in rows})
    if len(slugs) == 1:
        return view.wording.plain("list/subject", place=view.city(slugs[0]), count=len(rows))
    return view.wording.plain("list/subject_many", cities=len(slugs), count=len(rows))


def _by(rows: Iterable[OverdueDataset], name: str) -> dict[str, list[OverdueDataset]]:
    found: dict[str, list[OverdueDataset]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _city_line(rows: Sequence[OverdueDataset], limit: int, view: View) -> Line:
    wording = view.wording
    offices = sorted(_by(rows, "office").items(), key=lambda pair: (-len(pair[1]), pair[0]))
    shown, rest = offices[:limit], offices[limit:]
    named = [
        wording.say("list/office", name=wording.office(name), count=len(late), days=_longest(late))
        for name, late in shown
    ]
    if rest:
        named.append(wording.say("list/rest", rest=len(rest), count=sum(len(late) for _, late in rest)))
    words = wording.say("list/city", count=len(rows), days=_longest(rows))
    return Line(words + wording.asides(wording.as_of(rows[0].read_at, view.now)), named=tuple(named))


def _longest(rows: Iterable[OverdueDataset]) -> int:
    return max(row.days for row in rows)


def _table(rows: Sequence[OverdueDataset], scope: Filter, view: View) -> Table:
    """The whole list, or as many of the longest overdue rows as a mail may carry."""
    kept, content = rows, as_csv(rows).encode()
    while len(content) > policy().list_bytes:
        share = policy().list_bytes / len(content)
        longest = sorted(kept, key=lambda row: -row.days)[: min(int(len(kept) * share), len(kept) - 1)]
        kept, content = in_order(longest), as_csv(in_order(longest)).encode()
    wording = view.wording
    names = scope.names(wording.language)
    several = wording.plain("list/places", place=names[0], count=len(names)) if len(names) > 1 else "".join(names)
    place = _NO_FILE_NAME.sub("-", several or wording.text("list/country"))
    name = wording.plain("list/file", place=place, day=wording.iso_day(view.now))
    return Table(Attachment(name, content), len(kept), len(rows))


def placed(digest: Digest, name: str, wording: Wording, *, attached: bool, mailed: bool) -> Digest:
    """The digest with a line on where the list is: attached, in the mail of the same digest, or to be fetched."""
    if (table := digest.table) is None:
        return digest
    key = "attached" if attached else "by_mail" if mailed else "by_command"
    values: Mapping[str, object] = {"rows": table.rows, "total": table.total, "name": name}
    words = wording.say(f"list/{key}", file=table.attachment.filename, **values)
    if (attached or mailed) and table.rows < table.total:
        words += wording.say("list/cut", **values)
    where = CityGroup("", (Line(words),))
    told = (replace(one, groups=(*one.groups, where)) if one.key == SECTION else one for one in digest.sections)
    return replace(digest, sections=tuple(told))
