"""The incidents that a script can apply to a portal, each for a range of nights."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.replica.records import Record

EVERYWHERE = "*"
"""In place of a slug: an incident of every portal."""


class Kind(StrEnum):
    """Incidents of the city (its catalogue changes) and of transport (the answers do not show the catalogue)."""

    # The city
    STOPS = "stops"
    """Its own habits are suspended: no dataset is updated on these nights."""
    UPDATES = "updates"
    """The chosen datasets are really updated the day before each of these nights (one night if `last` is not given)."""
    RESTAMPS = "restamps"
    """As UPDATES, but only the dates move; no record changes."""
    APPEARS = "appears"
    """`count` datasets that were not there before."""
    DELETES = "deletes"
    """The chosen datasets leave the list and their pages no longer open (`how`: null, page or 404)."""
    UNLISTS = "unlists"
    """The chosen datasets leave the list; their pages still open."""
    EDITS = "edits"
    """`field` of the chosen datasets becomes `value`."""
    MISDATES = "misdates"
    """The chosen datasets print `value` (ISO date) as their update."""
    SHIFTS = "shifts"
    """The portal's clock is changed: every printed date is `value` hours later, or earlier (a number)."""
    ESCAPES = "escapes"
    """Title and description of the chosen datasets are escaped twice, in full width and with a tag around them."""
    REUSES = "reuses"
    """The ids of the chosen datasets mean other datasets, published on that night."""
    SLASHES = "slashes"
    """The native ids of the chosen datasets become of the form 3066/025626."""
    HOSTILE = "hostile"
    """The titles of the chosen datasets become markup, mentions, control characters, or far too long."""
    MOVES = "moves"
    """Everything lies below `value` (a base path) under new ids; the old addresses answer `status` (404, or a 301)."""
    REKEYS = "rekeys"
    """The chosen datasets are listed under other native ids; nothing answers to the old ones."""
    # Transport
    REFUSES = "refuses"
    """Answers `status`: 403, 412, 521 with the page such walls send; 404, 500, 503 with an error page."""
    CHALLENGES = "challenges"
    """Answers 200 with a page of script that would set a cookie."""
    HTML = "html"
    """Answers 200 with the home page of something, whatever was asked."""
    CUTS = "cuts"
    """The body ends in the middle (Content-Length agrees with what is sent)."""
    ERRS = "errs"
    """200 with an error code inside."""
    GBK = "gbk"
    """The body is GBK while the header says UTF-8."""
    DRIFTS = "drifts"
    """Rows move to the front while the list is being paged, so that some repeat and others are missed (`passes`)."""
    INSERTS = "inserts"
    """While the list is being paged, `count` of its rows are inserted at the top, one every `every` requests."""
    NAMELESS = "nameless"
    """The newest `count` rows of the list carry no id."""
    IGNORES = "ignores"
    """A shared host ignores the tenant: the list is that of the portal `value`, or of the whole host."""
    DOUBLES = "doubles"
    """Every `count`-th row of the list is repeated; the printed total counts it once."""
    MISCOUNTS = "miscounts"
    """The printed total is `value`: a number, +n or -n (relative), or empty (not printed)."""
    ENDS_EARLY = "ends_early"
    """List pages after page `count` are empty; the total stays."""
    HOLE = "hole"
    """List pages `first_page` to `last_page` answer 404."""
    REDESIGN = "redesign"
    """The same catalogue in a shape that no family reads."""
    HANGS = "hangs"
    """Silence for `seconds` (at most 30), then the connection is closed."""
    RESETS = "resets"
    """The connection is reset."""
    SLOW = "slow"
    """Every answer takes `seconds` longer (at most 30)."""
    EMPTIES = "empties"
    """200 with a body of 0 bytes."""
    LOGIN = "login"
    """200 with a page that asks for name and password."""
    SWELLS = "swells"
    """The body is followed by so many lines that it has `count` bytes; `how` announced: with its Content-Length."""
    REDIRECTS = "redirects"
    """Answers `status` and sends its client to `value`."""
    NOTIFIES = "notifies"
    """200 with a notice that sends its reader to `value` after `seconds` by `<meta http-equiv=refresh>`."""
    REWRITES = "rewrites"
    """What the regular expression `field` finds in a body becomes `value`."""
    BREAKS_OFF = "breaks_off"
    """The connection ends before the announced length."""


CITY = frozenset(list(Kind)[: list(Kind).index(Kind.REFUSES)])
PACED = frozenset({Kind.DRIFTS, Kind.INSERTS})
"""Hold of every list request; their `every` is a pace."""
HARMLESS = frozenset({Kind.GBK, Kind.SLOW, Kind.MISCOUNTS, Kind.DOUBLES})
"""Incidents of transport under which the whole list can still be read."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of one portal; `kind` says which of the fields below matter."""

    kind: Kind
    first: int
    last: int | None = None
    """Last night (inclusive); None: from `first` on for ever."""
    ids: tuple[str, ...] = ()
    office: str = ""
    share: float = 1.0
    count: int = 0
    """Of the datasets chosen by `ids` or `office` (else of all): a share, or at most `count` of them if given."""
    field: str = ""
    value: str = ""
    status: int = 403
    how: str = ""
    seconds: float = 1.0
    on: tuple[str, ...] = ()
    """Only these requests: home, list, detail, files, file, preview. Empty: all."""
    files: tuple[str, ...] = ()
    """Incidents of transport: only these files (`dataset/file`) or lists of files (`dataset/`). Empty: all."""
    every: int = 1
    """Only each n-th such request; what happens to the list meanwhile (PACED) happens once in so many."""
    passes: int = 0
    """DRIFTS: the list is stable from this pass on (0: never)."""
    first_page: int = 0
    last_page: int = 0

    def holds(self, night: int) -> bool:
        return self.first <= night and (self.last is None or night <= self.last)

    def concerns(self, request: str, file: str = "") -> bool:
        return (not self.on or request in self.on) and (not self.files or file in self.files)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(fields: dict[str, Any]) -> Incident:
    """Build an incident from JSON; raise ValueError or TypeError when it is none."""
    typed: dict[str, Any] = {**fields, "kind": Kind(fields["kind"])}
    typed |= {name: tuple(fields[name]) for name in ("ids", "on", "files") if name in fields}
    return Incident(**typed)


def chosen(records: Iterable["Record"], incident: Incident) -> set[str]:
    """Return the ids an incident applies to: the same on every night, whatever is published later."""
    old = [record for record in records if record.born < incident.first]
    if incident.ids:
        return {record.id for record in old} & set(incident.ids)
    pool = [record.id for record in old if incident.office in ("", record.office)]
    return set(_draw(pool, incident))


def _draw(pool: Sequence[str], incident: Incident) -> Sequence[str]:
    size = incident.count or round(len(pool) * incident.share)
    salt = f"{incident.kind} {incident.first} "
    return sorted(pool, key=lambda name: sha256((salt + name).encode()).digest())[:size]
