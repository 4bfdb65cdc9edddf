"""HTML answers as declarations: where entries, totals and ids lie (CSS), and which labels stand before which field."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from parsel import Selector

from opendata_spiders.declared.answers import Answer, Fields, names, names_of, parts, put
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import Detail, ListPage, ListRow, PageDriftedError
from opendata_spiders.pages.endings import check_body_closed, check_list_whole
from opendata_spiders.pages.json_values import search
from opendata_spiders.pages.labels import cell_pairs, inline_pairs, inside, label_of, lines, shown, tidy
from opendata_spiders.pages.selecting import elements, strings
from opendata_spiders.store.fields import fields

_PSEUDO = "::"
_OUTER_INNER = re.compile(r"([^\s>+~,:]+) ([^\s>+~,]+)")
_AFTER_LABEL = re.compile("[ :：]+")


@dataclass(frozen=True, slots=True)
class FieldPlaces:
    """Where the values of one dataset stand.

    `cells` maps a CSS selector (with `::attr(name)` for an attribute) to its field. `labels` maps a label (NFKC,
    without blanks and colon) to its field; it is looked for in running text below `running`, in table rows below `rows`
    (the cell after a label cell is its value) and at the head of each line below `lines` (a blank or a colon parts it
    from its value; a line without a label is dropped).
    """

    cells: Mapping[str, Fields] = field(default_factory=dict)
    labels: Mapping[str, Fields] = field(default_factory=dict)
    running: str = ""
    rows: str = ""
    lines: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return names_of([self.cells, self.labels])

    def values(self, scope: Selector) -> RawValues:
        """Raw values by field; a field that the page does not show is left out, an empty one stays ''."""
        found: RawValues = {}
        for selector, served in self.cells.items():
            texts = _texts(scope, selector)
            first = next(texts, None)
            if first is None:
                continue
            if any(fields()[name].many for name in names(served)):
                filled = [text for text in (first, *texts) if text] or [""]
            else:
                filled = [first or next(filter(None, texts), "")]
            for name in names(served):
                cut = [dict(parts(served, text))[name] for text in filled]
                put(found, name, cut if len(cut) > 1 and fields()[name].many else cut[0])
        for label, text in self._labelled(scope):
            for name, part in parts(self.labels[label], text):
                put(found, name, part)
        return found

    def _labelled(self, scope: Selector) -> Iterator[tuple[str, str]]:
        own = {label: label for label in self.labels}
        yield from inline_pairs(_outermost(_select(scope, self.running)), own) if self.running else ()
        yield from cell_pairs(_select(scope, self.rows), own) if self.rows else ()
        for block in _outermost(_select(scope, self.lines)) if self.lines else ():
            for line in lines(block):
                label, _, value = _AFTER_LABEL.sub(":", line, count=1).partition(":")
                if (label := label_of(label)) in own:
                    yield label, value.strip()


@dataclass(frozen=True, slots=True)
class HtmlList:
    """A list page that is HTML, or HTML inside JSON (`inside` is its path).

    `frame` must be on every page of the list, also on an empty one: without it the page counts as drifted. `id` is
    a selector within an entry, `id_pattern` takes the id out of what stands there (its one group). The total is the
    text at `total`, or what `total_pattern` finds in the page; `pages` and `pages_pattern` say in the same way where a
    number of pages stands instead: the list is read to that page. `ends` is a text of each entry, after whose last the
    list must end: else the page was cut off on its way. A page that does not close its body was cut off, too, unless
    `unclosed` says who saw that the portal never closes it.
    """

    frame: str
    entries: str
    id: str
    layout: FieldPlaces
    id_pattern: str = "(.+)"
    total: str = ""
    total_pattern: str = ""
    pages: str = ""
    pages_pattern: str = ""
    inside: str = ""
    ends: str = ""
    unclosed: str = ""

    @property
    def kind(self) -> str:
        return "json" if self.inside else "html"

    @property
    def fields(self) -> tuple[str, ...]:
        return self.layout.fields

    def read(self, answer: Answer) -> ListPage:
        """One page; raises PageError for another shape and for a page that is cut off."""
        page = _page(answer, self.inside, self.unclosed)
        rows, without_id = self._rows(page)
        if not (rows or without_id or page.css(self.frame)):
            raise PageDriftedError(f"no list in the page (none of {self.frame})")
        if self.ends:
            check_list_whole(answer.text, self.ends)
        declared, oddities = _number(page, self.total, self.total_pattern)
        pages, odd_pages = bodies.of_pages(_number(page, self.pages, self.pages_pattern))
        return ListPage(rows, declared, without_id, (*answer.oddities, *oddities, *odd_pages), pages)

    def _rows(self, page: Selector) -> tuple[tuple[ListRow, ...], int]:
        """The rows, and how many entries carry no id."""
        entries = elements(page, self.entries)
        ids = [self._id(entry) for entry in entries]
        keyed = ((id_, entry) for id_, entry in zip(ids, entries, strict=True) if id_)
        rows = (ListRow(id_, self.layout.values(entry), bodies.whole(entry.get())) for id_, entry in keyed)
        return tuple(rows), ids.count("")

    def _id(self, entry: Selector) -> str:
        found = (re.search(self.id_pattern, text) for text in _texts(entry, self.id))
        return next((bodies.native_id(unquote(one[1])) for one in found if one), "")


@dataclass(frozen=True, slots=True)
class HtmlDetail:
    """A dataset's detail that is HTML; a page without `frame` counts as drifted. `unclosed` is that of `HtmlList`."""

    frame: str
    layout: FieldPlaces
    inside: str = ""
    unclosed: str = ""

    @property
    def kind(self) -> str:
        return "json" if self.inside else "html"

    @property
    def fields(self) -> tuple[str, ...]:
        return self.layout.fields

    def read(self, answer: Answer, id_: str) -> Detail:
        """One dataset; raises PageError, also for a page that is cut off: its missing rows would read as wiped."""
        page = _page(answer, self.inside, self.unclosed)
        frames = page.css(self.frame)
        found = self.layout.values(page) if frames else {}
        if not found:
            raise PageDriftedError(f"the page shows nothing of a dataset we know ({self.frame})")
        return Detail(found, bodies.whole("".join(frames.getall())))


def _page(answer: Answer, inside: str, unclosed: str) -> Selector:
    if not inside:
        page = bodies.html_page(answer.text)
        check_body_closed(answer.text, never_closed=bool(unclosed))
        return page
    found = bodies.json_object(answer.text)
    text = search(inside, found)
    if not isinstance(text, str):
        bodies.check_envelope(found)
        raise PageDriftedError(f"the answer has no HTML under {inside!r}, only: {bodies.plain(', '.join(found))}")
    return bodies.html_page(text)


def _number(page: Selector, selector: str, pattern: str) -> tuple[int | None, tuple[str, ...]]:
    """A total and what was odd about it: the first text with a digit at a selector, or a pattern's one group."""
    if selector:
        texts = list(_texts(page, selector))
        with_digit = (text for text in texts if any(char.isdigit() for char in text))
        return bodies.total(next(with_digit, next(filter(None, texts), None)))
    if pattern:
        found = re.search(pattern, page.get())
        return bodies.total(found[1] if found else None)
    return None, ()


def _texts(scope: Selector, selector: str) -> Iterator[str]:
    """What a reader sees of each element; with `::attr(name)` or `::text` the attribute or own text."""
    if _PSEUDO in selector:
        yield from (tidy(text) for text in strings(scope, selector))
    else:
        yield from (shown(element) for element in _outermost(_select(scope, selector)))


def _select(scope: Selector, selector: str) -> list[Selector]:
    """What a CSS selector selects; `.outer inner` in time that grows with the nesting of the page, not its square."""
    found = _OUTER_INNER.fullmatch(selector)
    return inside(scope, found[1], found[2]) if found else elements(scope, selector)


def _outermost(found: Iterable[Selector]) -> list[Selector]:
    """The elements that lie in no other of `found`; their text includes that of the others, which is thus read once."""
    found = list(found)
    around = {one.root for one in found}
    return [one for one in found if not any(up in around for up in one.root.iterancestors())]
