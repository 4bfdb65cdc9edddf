"""`python -m tests.replica.demo`: two months of nights over six cities, replayed through the real pipeline."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.models import Verdict
from tests.replica import Replica
from tests.replica.catchers import HookCatcher, MailCatcher
from tests.replica.demo_commands import Commands, Done
from tests.replica.demo_report import (
    COLOURS,
    LETTERS,
    Judgement,
    cast,
    events_table,
    judge,
    keep_strip,
    last_digest,
    strip,
    where,
)
from tests.replica.demo_script import CITIES, NIGHTS, Play, the_play

MARK = ".made-by-the-demo"
"""File that marks a folder as made by the demo, which the next demo may overwrite."""
TILL_MORNING = timedelta(hours=6)
"""From the night's crawl to the digests, at a quarter past eight."""
AT_ONCE = 2
"""Crawls run beside each other."""
SUBSCRIBERS = """\
subscribers:
  - name: reader
    urls: ["{mail}"]
    language: {language}
    format: html
    filter: {{cities: [{cities}]}}
    rhythm: {{every: daily, at: "08:00"}}
  - name: newsroom
    urls: ["{hook}"]
    language: zh
    filter: {{cities: [{cities}], severity: notable}}
    rhythm: {{every: daily, at: "08:00"}}
"""


@dataclass
class Show:
    """One run of the demo: the commands that ran, and what did not go as scripted."""

    play: Play
    commands: Commands
    replica: Replica
    console: Console
    verdicts: dict[tuple[str, int], Verdict | None] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def night(self, night: int) -> None:
        """Read every city, compare, and send what is due."""
        self.replica.night = night
        with self.console.status(f"{self.play.world.moment(night):%d %B %Y}: reading {len(CITIES)} portals …"):
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda slug: self._read(slug, night), CITIES))
            for command in ("diff", "digest", "send"):
                self._must(self.commands.alerts(self.play.world.moment(night) + TILL_MORNING, command))
        self.console.print(self._line(night))

    def site(self) -> None:
        """Build the site of what was read and stated."""
        self._must(self.commands.alerts(self._last_morning, "site", "--out", str(self.commands.out / "site")))

    @property
    def _last_morning(self) -> datetime:
        return self.play.world.moment(self.play.nights[-1]) + TILL_MORNING

    def events(self) -> list[dict[str, Any]]:
        """Return every event as `python -m alerts events --json` prints it."""
        done = self.commands.alerts(self._last_morning, "events", "--json")
        self._must(done)
        if done.status:
            return []
        (self.commands.out / "events.json").write_text(done.output, encoding="utf-8")
        told = json.loads(done.output)
        return list(told["events"] if isinstance(told, dict) else told)

    def _read(self, slug: str, night: int) -> None:
        done = self.commands.crawl(slug, self.replica.url(slug), self.play.world.moment(night))
        self.verdicts[slug, night] = done.verdict
        if done.verdict is not (due := self.play.verdict(slug, night)):
            self.failures.append(f"{done.words} on night {night} was to be {due}, is {done.verdict} ({done.log})")

    def _must(self, done: Done) -> None:
        if done.status:
            self.failures.append(f"{done.words} ended with status {done.status} ({done.log})")

    def _line(self, night: int) -> str:
        cells = ((slug, self.verdicts[slug, night]) for slug in CITIES)
        words = (f"[{COLOURS[verdict]}]{LETTERS[verdict]} {slug}[/]" for slug, verdict in cells)
        return f"{self.play.world.moment(night):%Y-%m-%d}  {'  '.join(words)}"


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Where everything goes."
)
@click.option(
    "--nights",
    default=len(NIGHTS),
    show_default=True,
    type=click.IntRange(2, len(NIGHTS)),
    help="Play only the first so many.",
)
@click.option("--seed", default=7, show_default=True)
@click.option("--language", default="en", show_default=True, type=click.Choice(["en", "zh"]), help="Of the mails.")
def main(out: Path, nights: int, seed: int, language: str) -> None:
    """Replay nights of six cities through crawl, diff, digest and send, and show events and digests."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    sys.exit(
        0 if perform(_prepared(out.absolute()), the_play(seed=seed, nights=NIGHTS[:nights]), console, language) else 1
    )


def _prepared(out: Path) -> Path:
    """Return an empty folder: a new one, or that of an earlier demo cleared."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise click.UsageError(f"{out} holds something else than an earlier demo; name another folder with --out.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()
    return out


def _subscribers(mail: str, hook: str, language: str) -> str:
    return SUBSCRIBERS.format(mail=mail, hook=hook, language=language, cities=", ".join(CITIES))


def perform(out: Path, play: Play, console: Console, language: str = "en") -> bool:
    """Run the demo into the folder `out`; return whether everything went as scripted."""
    with ExitStack() as stack:
        mail = stack.enter_context(MailCatcher(out / "mails"))
        hook = stack.enter_context(HookCatcher(out / "hooks"))
        replica = stack.enter_context(Replica(play.world))
        commands = Commands(out)
        stack.enter_context(embedded_server(StoreConfig.from_env(commands.env)))  # else it stops between two commands
        (out / "subscribers.yaml").write_text(_subscribers(mail.url, hook.url, language), encoding="utf-8")
        show = Show(play, commands, replica, console)
        console.print(cast(play))
        for night in play.nights:
            show.night(night)
        show.site()
        return _report(show, mail.mails, hook.posts)


def _report(show: Show, mails: Sequence[Path], posts: Sequence[Path]) -> bool:
    judged = judge(show.play, show.events())
    drawn = strip(show.play, show.verdicts)
    keep_strip(drawn, show.commands.out)
    place = where(show.commands.out, len(mails), len(posts))
    for part in (last_digest(mails), drawn, events_table(show.play, judged), place):
        show.console.print(part, soft_wrap=part is place)
        show.console.print()
    failures = [*show.failures, *_differences(judged)]
    if not mails or not posts:
        failures.append("no digest arrived by mail and by web hook")
    for failure in failures:
        show.console.print(f"[red]✗[/] {failure}", soft_wrap=True)
    if not failures:
        show.console.print(f"[green]✓[/] {len(judged.found)} events stated as scripted, no other.")
    return not failures


def _differences(judged: Judgement) -> Iterator[str]:
    yield from (f"missing: {event}" for event in judged.missing)
    yield from (f"not scripted: {event}" for event in judged.invented)
    for (slug, night, kind), number in judged.miscounted.items():
        yield f"{kind} of {slug} on night {night}: {number:+} against the script"


if __name__ == "__main__":
    main()
