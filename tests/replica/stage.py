"""Answers requests to the hosts: finds the portal, makes its answer for the night, and logs both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from tests.replica import downloads, guizhou, inspur, wire
from tests.replica.declared.portals import DeclaredHost
from tests.replica.incidents import EVERYWHERE, PACED, Incident, Kind
from tests.replica.listing import Listing, listing
from tests.replica.records import Record
from tests.replica.wire import Ask, Reply, Request
from tests.replica.world import World

GUIZHOU, INSPUR = "guizhou_api", "inspur_oportal"
BY_HAND = (GUIZHOU, INSPUR)
"""Families with a module of their own here; any other is simulated from its declaration."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One request and its answer; `slug` is empty without a portal, `what` for an unrecognised request."""

    night: int
    slug: str
    what: str
    method: str
    path: str
    status: int
    """0: reset or hung up."""


class RequestLog:
    """Every request, in order."""

    def __init__(self) -> None:
        self.requests: list[Logged] = []
        self._lock = Lock()

    def add(self, logged: Logged) -> None:
        with self._lock:
            self.requests.append(logged)

    def clear(self) -> None:
        with self._lock:
            self.requests.clear()

    def count(self, slug: str | None = None, what: str | None = None, night: int | None = None) -> int:
        """Count requests of a portal, of a kind, of a night; None: of any."""
        wanted = (slug, what, night)
        rows = [(each.slug, each.what, each.night) for each in list(self.requests)]
        return sum(all(want in (None, got) for want, got in zip(wanted, row, strict=True)) for row in rows)

    def by_portal(self) -> Mapping[str, Counter[str]]:
        """Return requests by portal and kind."""
        counts: dict[str, Counter[str]] = {}
        for logged in list(self.requests):
            counts.setdefault(logged.slug, Counter())[logged.what or "unknown"] += 1
        return counts

    def by_path(self) -> Counter[str]:
        return Counter(logged.path for logged in list(self.requests))


@dataclass
class Stage:
    """All portals of a world on one night, and the log."""

    world: World
    night: int = 0
    log: RequestLog = field(default_factory=RequestLog)
    _declared: dict[Sequence[str], DeclaredHost] = field(default_factory=dict)
    _counts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Raise NotPlayedError for a portal with neither a module nor a declaration."""
        for host in filter(None, self.hosts()):
            if self.world.portals[host[0]].family not in BY_HAND:
                self._declared[host] = DeclaredHost(self.world, host)

    def hosts(self) -> list[tuple[str, ...]]:
        """Return the portals of each host, that of Guizhou first."""
        servers: dict[str, list[str]] = {GUIZHOU: []}
        for spec in self.world.portals.values():
            servers.setdefault(spec.server, []).append(spec.slug)
        return [tuple(slugs) for slugs in servers.values()]

    def answer(self, host: Sequence[str], request: Request) -> Reply:
        """Answer a request to a host as its portals do on this night, and log it."""
        night = self.night
        ask = self._understand(host, request, night)
        reply = ask if isinstance(ask, Reply) else self._play(ask, host, night)
        slug, what = ("", "") if isinstance(ask, Reply) else (ask.slug, ask.what)
        status = 0 if reply.reset or reply.silent else reply.status
        if len(host) == 1:
            slug = host[0]
        self.log.add(Logged(night, slug, what, request.method, request.path, status))
        return reply

    def _understand(self, host: Sequence[str], request: Request, night: int) -> Ask | Reply:
        if not host:
            return wire.not_found()
        prefix = self.world.prefix(host[0], night)
        if not request.path.startswith(prefix):
            return self._gone_elsewhere(host[0], request, night)
        path = request.path.removeprefix(prefix)
        spec = self.world.portals[host[0]]
        if host in self._declared:
            return self._declared[host].understand(request, path, night)
        if spec.family == INSPUR:
            return inspur.understand(request, path, spec)
        ask = guizhou.understand(request, path, {self.world.portals[slug].division: slug for slug in host})
        return replace(ask, slug=self._owner(host, ask.id, night)) if isinstance(ask, Ask) and ask.id else ask

    def _gone_elsewhere(self, slug: str, request: Request, night: int) -> Reply:
        move = next(each for each in reversed(self.world.incidents(slug, night)) if each.kind is Kind.MOVES)
        if move.status not in (301, 302):
            return wire.not_found()
        return Reply(status=move.status, headers=(("Location", move.value + request.path),))

    def _owner(self, host: Sequence[str], dataset: str, night: int) -> str:
        """Return the portal of a dataset: on a shared host the request for a detail does not name it."""
        cities = sorted(host, key=lambda slug: self.world.portals[slug].division == "")
        return next((slug for slug in cities if self._find(slug, dataset, night)), "")

    def _find(self, slug: str, dataset: str, night: int) -> Record | None:
        return self.world.find(slug, dataset, night) if slug else None

    def _play(self, ask: Ask, host: Sequence[str], night: int) -> Reply:
        number = self._number(ask, night)
        incidents = [
            incident
            for incident in self.world.incidents(ask.slug or EVERYWHERE, night)
            if incident.concerns(ask.what, ask.file_key) and (incident.kind in PACED or number % incident.every == 0)
        ]
        return wire.disturb(self._show(ask, host, night, incidents), incidents)

    def _number(self, ask: Ask, night: int) -> int:
        """Count requests of a kind per night; for the list, how often its first page was requested."""
        with self._lock:
            self._counts[ask.slug, night, ask.what] += 1
            if ask.what == "list" and ask.page == 1:
                self._counts[ask.slug, night, "reading"] += 1
            return self._counts[ask.slug, night, ask.what]

    def _show(self, ask: Ask, host: Sequence[str], night: int, incidents: Sequence[Incident]) -> Reply:
        redesigned = any(incident.kind is Kind.REDESIGN for incident in incidents)
        if host in self._declared:
            return self._show_declared(self._declared[host], ask, night, incidents, redesigned=redesigned)
        if self.world.portals[host[0]].family == GUIZHOU:
            return self._show_guizhou(host, ask, night, incidents, redesigned=redesigned)
        return self._show_inspur(ask, night, incidents, redesigned=redesigned)

    def _show_declared(
        self, host: DeclaredHost, ask: Ask, night: int, incidents: Sequence[Incident], *, redesigned: bool
    ) -> Reply:
        if ask.what == "home":
            return host.home()
        if ask.what == "detail":
            return host.detail_page(self._find(ask.slug, ask.id, night), ask.slug, redesigned=redesigned)
        if ask.what == "preview":
            return host.preview_page(self._find(ask.slug, ask.id, night), ask.slug, ask.page)
        if ask.what == "parts":
            return host.parts_page(ask.slug, redesigned=redesigned)
        rows = host.part(self._listed(ask.slug, host.slugs, night, incidents), ask)
        return host.list_page(self._page(rows, ask, night, incidents), ask.slug, redesigned=redesigned)

    def _listed(self, slug: str, host: Sequence[str], night: int, incidents: Sequence[Incident]) -> Sequence[Record]:
        """Return the list of a portal, or of the whole host where no tenant is named or it is ignored."""
        shown = next((incident.value for incident in incidents if incident.kind is Kind.IGNORES), slug)
        rows = self.world.listed(shown, night) if shown else self.world.listed_by(host, night)
        nameless = sum(incident.count for incident in incidents if incident.kind is Kind.NAMELESS)
        return [*(replace(record, id="") for record in rows[:nameless]), *rows[nameless:]]

    def _show_guizhou(
        self, host: Sequence[str], ask: Ask, night: int, incidents: Sequence[Incident], *, redesigned: bool
    ) -> Reply:
        if ask.what == "home":
            return guizhou.home()
        if ask.what == "detail":
            return guizhou.detail_page(self._find(ask.slug, ask.id, night), redesigned=redesigned)
        rows = self._listed(ask.slug, host, night, incidents)
        return guizhou.list_page(self._page(rows, ask, night, incidents), redesigned=redesigned)

    def _show_inspur(self, ask: Ask, night: int, incidents: Sequence[Incident], *, redesigned: bool) -> Reply:
        spec, prefix = self.world.portals[ask.slug], self.world.prefix(ask.slug, night)
        if ask.what == "home":
            return _with_session(inspur.home(spec))
        record = self._find(ask.slug, ask.id, night)
        if ask.what == "files":
            return _with_session(inspur.files(record, ask.filters["fileFormat"]))
        if ask.what == "preview":
            return _with_session(inspur.preview(record))
        if ask.what == "file":
            return _with_session(downloads.download(record, ask.file))
        if ask.what == "detail":
            return _with_session(inspur.detail_page(record, spec, prefix, redesigned=redesigned))
        rows = inspur.keep(self._listed(ask.slug, (ask.slug,), night, incidents), ask.filters, spec)
        page = self._page(rows, ask, night, incidents)
        return _with_session(inspur.list_page(page, spec, prefix, redesigned=redesigned))

    def _page(self, rows: Sequence[Record], ask: Ask, night: int, incidents: Sequence[Incident]) -> Listing:
        reading = max(1, self._counts[ask.slug, night, "reading"])
        return listing(rows, ask.page, ask.size, incidents, reading)


def _with_session(reply: Reply) -> Reply:
    """Inspur sets a cookie that nothing needs."""
    return replace(reply, headers=(*reply.headers, ("Set-Cookie", "OPENSESSION=MWE2; Path=/; HttpOnly")))
