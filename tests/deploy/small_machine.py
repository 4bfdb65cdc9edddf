"""`python -m tests.deploy.small_machine`: whole nights of one large portal within the memory of a small server.

Each night is `scripts/nightly.sh` on a replica (which is not counted), with digests, site and embedded database, in a
memory cgroup of the given size where this account may make one; else only measured, which the report says. Memory is
PSS (shared pages divided among their users), sampled; the cgroup's own peak includes the page cache it gave back.
"""

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.commands import ROOT
from tests.crawl.conftest import lay_register
from tests.replica import PortalSpec, Replica, World
from tests.replica.catchers import MailCatcher

PORTAL = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100")
VERSION_1 = Path("/sys/fs/cgroup/memory")
VERSION_2 = Path("/sys/fs/cgroup")
SAMPLE_SECONDS = 0.2
FOLDER_MARK = b"nightwatch-small-data"
"""Name of DATA_DIR, by which the embedded database is found among all processes."""


@dataclass
class MemoryGroup:
    """A cgroup with a limit; None where none can be made."""

    folder: Path | None
    limit_file: str = ""
    peak_file: str = ""

    @classmethod
    @contextmanager
    def of(cls, megabytes: int) -> Iterator["MemoryGroup"]:
        name = f"nightwatch-small-{os.getpid()}"
        for root, limit, peak in (
            (VERSION_1, "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
            (VERSION_2, "memory.max", "memory.peak"),
        ):
            group = cls(root / name, limit, peak)
            with suppress(OSError):
                group.folder.mkdir()
                (group.folder / limit).write_text(str(megabytes << 20))
                try:
                    yield group
                finally:
                    group.folder.rmdir()
                return
        yield cls(None)

    def join(self) -> None:
        """Put the calling process, and what it starts, into the group."""
        if self.folder:
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    @property
    def peak(self) -> str:
        if not self.folder:
            return "no cgroup could be made: measured without a limit"
        events = Counter({name: int(count) for name, count in self._events()})
        killed = events["oom_kill"]
        return f"{int((self.folder / self.peak_file).read_text()) >> 20} MB with page cache, {killed} processes killed for want of memory"

    def _events(self) -> list[tuple[str, str]]:
        assert self.folder
        for name in ("memory.oom_control", "memory.events"):
            if (self.folder / name).exists():
                return re.findall(r"^(\w+) (\d+)$", (self.folder / name).read_text(), re.MULTILINE)
        return []


@dataclass
class Peaks:
    """The most memory that was seen, in bytes."""

    by_name: dict[str, int] = field(default_factory=dict)
    together: int = 0
    at: str = ""
    """The processes of the moment of `together`."""

    def sample(self, root: int) -> None:
        now: Counter[str] = Counter()
        for pid in family(root):
            with suppress(OSError):
                name = name_of(Path(f"/proc/{pid}/cmdline").read_bytes())
                now[name] += pss(pid)
        for name, size in now.items():
            self.by_name[name] = max(size, self.by_name.get(name, 0))
        if now.total() > self.together:
            self.together = now.total()
            self.at = ", ".join(f"{name} {size >> 20}" for name, size in now.most_common(4))


def pss(pid: int) -> int:
    """Proportional set size of a process in bytes."""
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) << 10 if found else 0


def family(root: int) -> set[int]:
    """A session's processes with what they started; the embedded database is a child of nobody, and known by its folder."""
    parents, ours = {}, {root}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    for pid in parents:
        with suppress(OSError):
            if FOLDER_MARK in Path(f"/proc/{pid}/cmdline").read_bytes():
                ours.add(pid)
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return ours


def name_of(command: bytes) -> str:
    words = command.decode(errors="replace").split("\0")
    if "mongod" in words[0]:
        return "mongod"
    if "-m" in words:
        module = words[words.index("-m") + 1 :]
        return " ".join(module[:2]) if module[0] in {"scrapy", "alerts"} else module[0].rpartition(".")[2]
    return Path(words[0]).name


def night(group: MemoryGroup, env: Mapping[str, str], log: Path) -> tuple[int, float, Peaks]:
    """Run one; return its status, its seconds and its peaks."""
    peaks, begun = Peaks(), time.monotonic()
    with (
        log.open("w", encoding="utf-8") as out,
        subprocess.Popen(
            ["scripts/nightly.sh"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=out,
            preexec_fn=group.join,  # noqa: PLW1509
        ) as process,
    ):
        while process.poll() is None:
            peaks.sample(process.pid)
            time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        print(log.read_text("utf-8"))
    return process.returncode, time.monotonic() - begun, peaks


@click.command()
@click.option("--datasets", default=20_000, show_default=True)
@click.option("--nights", default=2, show_default=True)
@click.option("--limit", default=2048, show_default=True, help="Megabytes for all processes together.")
def main(datasets: int, nights: int, limit: int) -> None:
    """Print the peaks of each night; end with 1 if a night fails or takes more than the limit."""
    worst = 0
    world = World([replace(PORTAL, datasets=datasets)], seed=7)
    with (
        TemporaryDirectory() as made,
        Replica(world) as replica,
        MailCatcher(Path(made, "mails")) as mails,
        MemoryGroup.of(limit) as group,
    ):
        folder = Path(made)
        (folder / "subscribers.yaml").write_text(f"subscribers:\n  - name: desk\n    urls: ['{mails.url}']\n", "utf-8")
        register = lay_register(folder / "register", {PORTAL.slug: replica.url(PORTAL.slug)})
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env |= {
            "DATA_DIR": str(folder / FOLDER_MARK.decode()),
            "SITE_DIR": str(folder / "site"),
            "SUBSCRIBERS": str(folder / "subscribers.yaml"),
            "REGISTER_DIR": str(register),
            "ONLY": PORTAL.slug,
        }
        for number in range(nights):
            replica.night = number
            moment = {**env, "WATCH_NOW": world.moment(number).isoformat()}
            status, seconds, peaks = night(group, moment, folder / "night.log")
            print(
                f"\nnight {number}: status {status}, {seconds:.0f} s, at most {peaks.together >> 20} MB together ({peaks.at})"
            )
            for name, size in sorted(peaks.by_name.items(), key=lambda one: -one[1]):
                print(f"  {size >> 20:5} MB  {name}")
            worst = max(worst, status, peaks.together >> 20 > limit)
        time.sleep(3)  # the database ends a second after its last user
        print(f"\ncgroup of {limit} MB: {group.peak}; {len(mails.mails)} mails")
    raise SystemExit(min(worst, 1))


if __name__ == "__main__":
    main()
