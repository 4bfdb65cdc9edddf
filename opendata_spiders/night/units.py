"""The unit of a night, read by whoever is given it: the portals of one host group, one after the other."""

from collections.abc import Callable
from pathlib import Path

from opendata_spiders.night.scheduler import NightScheduler
from opendata_spiders.night.values import FINISHES, NightUnit, Result

__all__ = ["NightUnit", "Result", "read_unit"]


def read_unit(
    unit: NightUnit,
    logs: Path,
    *,
    report: Callable[[Result], None],
    stopped: Callable[[], bool],
    leaves: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Read the portals of a unit in one worker process, as the night's scheduler does; `report` is called as each ends.

    Once `leaves` says so no further one begins; once `stopped` says so the one that is being read ends, too, with what
    it has read. If this process dies, the one that is being read is read to its end: its run tells whoever takes the
    unit over.
    """
    logs.mkdir(parents=True, exist_ok=True)
    scheduler = NightScheduler(logs, hosts=1, processes=1, settings=[f"{FINISHES}=1"])
    return scheduler.read([unit], report=report, stopped=stopped, leaves=leaves)
