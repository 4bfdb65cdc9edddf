"""What the demo shows at the end: the verdicts by night, the events, the last digest, and the files it made."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from opendata_spiders.store.models import Verdict
from tests.replica.catchers import read_mail
from tests.replica.demo_script import CITIES, QUIET, Expected, Play

COLOURS: Mapping[Verdict | None, str] = {
    Verdict.COMPLETE: "green", Verdict.PARTIAL: "yellow", Verdict.BLOCKED: "red", Verdict.DRIFTED: "magenta",
    Verdict.UNREACHABLE: "bright_black", Verdict.EMPTY: "cyan", Verdict.FAILED: "white", None: "white",
}  # fmt: skip

LETTERS: Mapping[Verdict | None, str] = {
    Verdict.COMPLETE: "C", Verdict.PARTIAL: "P", Verdict.BLOCKED: "B", Verdict.DRIFTED: "D",
    Verdict.UNREACHABLE: "U", Verdict.EMPTY: "E", Verdict.FAILED: "F", None: "-",
}  # fmt: skip
"""Beside the colours, which a log, a pipe and some readers do not see."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The stated events compared with the expected ones."""

    found: tuple[Expected, ...]
    missing: tuple[Expected, ...]
    invented: tuple[Expected, ...]
    miscounted: Counter[tuple[str, int, str]]
    """Wrong numbers of events of severity quiet: stated minus expected, by city, night and kind."""

    @property
    def right(self) -> bool:
        return not (self.missing or self.invented or self.miscounted)


def judge(play: Play, events: Iterable[Mapping[str, Any]]) -> Judgement:
    """Compare the events of `python -m alerts events --json` with the script."""
    told = Counter(_told(play, event) for event in events)
    must = Counter(play.expected)
    loud = Counter({event: number for event, number in told.items() if event.kind not in QUIET})
    quiet: Counter[tuple[str, int, str]] = Counter()
    for event, number in (told - loud).items():
        quiet[event.slug, event.night, event.kind] += number
    quiet.subtract(play.quiet)
    wrong = Counter({key: number for key, number in quiet.items() if number})
    found, missing, invented = (tuple(sorted(part.elements())) for part in (loud & must, must - loud, loud - must))
    return Judgement(found, missing, invented, wrong)


def _told(play: Play, event: Mapping[str, Any]) -> Expected:
    days = {play.world.moment(night).date(): night for night in play.nights}
    return Expected(days[_local_date(play, event["at"])], event["slug"], event["kind"], event.get("dataset") or "")


def _local_date(play: Play, at: str) -> date:
    return datetime.fromisoformat(at).astimezone(play.world.moment(0).tzinfo).date()


def cast(play: Play) -> Table:
    """Say what will happen to each city."""
    table = Table(title="What the script does to each city", title_justify="left", box=None, padding=(0, 1))
    for slug in CITIES:
        table.add_row(f"{play.world.portals[slug].short_zh} {slug}", play.remarks[slug])
    return table


def strip(play: Play, verdicts: Mapping[tuple[str, int], Verdict | None]) -> Group:
    """Make one cell for each run, with the letter and the colour of its verdict."""
    table = Table(title="Nights × portals, one cell a reading", title_justify="left", box=None, padding=(0, 1))
    table.add_column("")
    for night in play.nights:
        table.add_column(f"{play.world.moment(night):%d %b}", justify="center", no_wrap=True)
    blocked = [slug for slug, night in verdicts if verdicts[slug, night] is Verdict.BLOCKED]
    for slug in CITIES:
        found = [verdicts.get((slug, night)) for night in play.nights]
        cells = [Text(f"██{LETTERS[verdict]}███", COLOURS[verdict]) for verdict in found]
        table.add_row(f"{play.world.portals[slug].short_zh} {slug}", *cells)
    captions = [Text(f"  {slug}, B, red: not read; nobody accused", "red") for slug in dict.fromkeys(blocked)]
    return Group(table, *captions, _legend())


def _legend() -> Text:
    legend = Text("  ")
    for verdict in Verdict:
        legend.append(f"■ {LETTERS[verdict]} ", COLOURS[verdict]).append(f"{verdict}   ", "default")
    return legend


def keep_strip(drawn: Group, out: Path) -> None:
    """Write the strip as strip.txt, strip.svg and strip.html."""
    with (out / "strip.txt").open("w", encoding="utf-8") as text:
        console = Console(record=True, width=120, file=text)
        console.print(drawn)
        console.save_svg(str(out / "strip.svg"), title="A night watch, replayed", clear=False)
        console.save_html(str(out / "strip.html"))


def events_table(play: Play, judged: Judgement) -> Table:
    """List the events above severity quiet by night, city and kind."""
    table = Table(title="What the watch stated", title_justify="left", box=None, padding=(0, 1))
    for heading in ("night", "city", "event", ""):
        table.add_column(heading, no_wrap=True)
    marks = (
        ("[green]as scripted", judged.found),
        ("[red]missing", judged.missing),
        ("[red]not scripted", judged.invented),
    )
    rows = Counter((event.night, event.slug, event.kind, mark) for mark, events in marks for event in events)
    for (night, slug, kind, mark), number in sorted(rows.items()):
        times = f" ×{number}" if number > 1 else ""
        table.add_row(f"{play.world.moment(night):%d %b}", slug, f"{kind}{times}", mark)
    return table


def last_digest(mails: Sequence[Path]) -> Panel:
    """Show the text part of the last mail."""
    if not mails:
        return Panel("No mail arrived.", title="The last digest")
    mail = read_mail(mails[-1])
    part = mail.get_body(("plain", "html"))
    text = part.get_content().strip() if part else ""
    return Panel(Text(text), title=f"The last digest: {escape(str(mail['Subject']))}", title_align="left")


def where(out: Path, mails: int, posts: int) -> str:
    """List the files that were made and what to look at next."""
    database, python = f"MONGODB_URI= MONGODB_DATABASE=demo DATA_DIR={out / 'data'}", sys.executable
    return f"""[bold]Where it all lies[/] ({out})
  site/       the site of these nights, Chinese and English: open {out / "site" / "index.html"} in a browser, or serve it:
              {sys.executable} -m http.server --bind 127.0.0.1 --directory {out / "site"} 8000
  mails/      {mails} digests as .eml, and the same as .html for a browser
  hooks/      {posts} digests as a web hook got them
  logs/       the log of every command, by night
  strip.svg   the strip above, also as strip.html
  events.json every event with its evidence
  data/       the database of the demo

[bold]Look further[/]
  {database} {python} -m alerts states
  {database} {python} -m alerts runs dazhou
  {database} {python} -m alerts events 青岛 --csv events.csv
  {python} -m tests.replica --portals guiyang,jinan    the same replica, to crawl yourself
  make crawl CITY=guiyang                            the real one"""
