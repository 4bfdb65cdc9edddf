"""How far a night is: on a terminal a table that is kept up to date, elsewhere a line now and then."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from opendata_spiders.night.crawl_plan import NightPlan
from opendata_spiders.night.policy import night_policy
from opendata_spiders.night.scheduler import NightState


class NightProgress:
    """A context manager: shows a night from its beginning to its end."""

    def __init__(self, console: Console, plan: NightPlan, hosts: int) -> None:
        self._console = console
        self._plan = plan
        self._hosts = hosts
        self._live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None
        self._shown = time.monotonic()

    def show(self, state: NightState) -> None:
        """Show it, if it is time to."""
        since, minutes = time.monotonic() - self._shown, night_policy().alive_minutes
        if since < (1 if self._live else minutes * 60):
            return
        self._shown += since
        if self._live:
            self._live.update(self._table(state), refresh=True)
        else:
            reading = f": {', '.join(state.running)}" if state.running else ""
            self._console.print(f"{self._far(state)}{reading}", highlight=False, soft_wrap=True)

    def _far(self, state: NightState) -> str:
        left = {*state.running, *state.waiting}
        count, minutes = len(self._plan.portals), self._plan.minutes(self._hosts, left)
        done = f"{count - len(left)} of {count} portals read, {len(state.waiting)} wait"
        return f"{done}, by the plan at most {minutes:.0f} minutes left; {len(state.running)} are being read"

    def _table(self, state: NightState) -> Group:
        table = Table("host", "portal")
        for column in ("datasets", "of", "requests", "minutes"):
            table.add_column(column, justify="right")
        for slug, now in sorted(state.running.items(), key=lambda one: -one[1].seconds):
            declared = "" if now.declared is None else f"{now.declared:,}"
            far = (f"{now.seen:,}", declared, f"{now.requests:,}", f"{now.seconds / 60:.0f}")
            table.add_row(state.hosts[slug], slug, *far)
        return Group(self._far(state), table)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._live:
            self._live.stop()
