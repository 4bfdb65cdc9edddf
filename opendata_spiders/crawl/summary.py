"""The summary a crawl ends with: six lines that say what was read, how far to trust it, and what to do next."""

from datetime import datetime
from zoneinfo import ZoneInfo

from opendata_spiders.store.models import DETAIL_FAILED, ENDED_EARLY, RECOGNISED, Run, Verdict

_NEXT = {
    Verdict.COMPLETE: "nothing to do; `python -m alerts diff {slug}` compares it with the last trusted run",
    Verdict.PARTIAL: "nothing is removed or stopped by it; crawl again later, and after seven such nights look at why",
    Verdict.BLOCKED: "ours to solve: `python -m alerts doctor {slug}`; a proxy for the host group may help (PROXIES)",
    Verdict.DRIFTED: "the portal has changed: try `scrapy heal {slug}`, or compare its pages with its family's recipe",
    Verdict.EMPTY: "open the portal in a browser: a catalogue of 0 datasets is rarely meant",
    Verdict.UNREACHABLE: "try `python -m alerts doctor {slug}`; several hosts do not answer from outside China",
    Verdict.FAILED: "read the log above; the run changed nothing and may be repeated",
}

_MANY = 3
"""Details that were asked for in vain; fewer may be datasets that have just been deleted."""


def card(run: Run, *, name: str, timezone: ZoneInfo) -> str:
    """Make the summary of one run: six labelled lines, with dates in the portal's time zone.

    A seventh says how a list was recognised that nobody has described; two are left out where nothing was read.
    """
    lines = {
        "verdict": f"{run.verdict.upper()} · {name} · {run.reason}",
        "seen": _seen(run),
        "list": next((one.detail for one in run.findings if one.code == RECOGNISED), ""),
        "newest": _newest(run.newest_claimed, run.at, timezone) if run.seen else "",
        "promises": _promises(run) if run.seen else "",
        "changes": _changes(run),
        "next": _next(run),
    }
    return "\n".join(f"  {label:<9} {text}" for label, text in lines.items() if text)


def _next(run: Run) -> str:
    refused = [finding for finding in run.findings if finding.code == DETAIL_FAILED]
    if run.verdict is Verdict.COMPLETE and not run.details_read and len(refused) >= _MANY:
        return (
            f"none of the details asked for could be read ({refused[0].detail}): compare one with the family's recipe "
            "(docs/adding-a-portal.md)"
        )
    if run.verdict in {Verdict.COMPLETE, Verdict.PARTIAL} and not run.id:
        return "nothing was recorded: this crawl ran without the store"
    if run.verdict is Verdict.PARTIAL and any(finding.code == ENDED_EARLY for finding in run.findings):
        return (
            "open the portal: if it lists no more, believe it once with "
            f"`python -m alerts regrade {run.id} --verdict complete --why …`; else crawl again later"
        )
    return _NEXT[run.verdict].format(slug=run.slug)


def _seen(run: Run) -> str:
    declared = "an undeclared number" if run.declared is None else f"{run.declared:,} declared"
    coverage = f"; details of {run.detailed:,} read so far ({run.detailed / run.seen:.0%})" if run.seen else ""
    return f"{run.seen:,} of {declared}{coverage}, {run.details_read:,} tonight; {run.requests:,} requests"


def _newest(newest: datetime | None, at: datetime, timezone: ZoneInfo) -> str:
    if newest is None:
        return "no plausible update date among the datasets read"
    days = (at.astimezone(timezone).date() - newest.astimezone(timezone).date()).days
    return f"{newest.astimezone(timezone):%Y-%m-%d}, {days} days ago, by the portal's own dates"


def _promises(run: Run) -> str:
    promised, overdue = run.stats.get("promised", 0), run.stats.get("overdue", 0)
    if not promised:
        return "no dataset read so far promises a rhythm and shows a date"
    return f"{promised - overdue:,} of {promised:,} kept ({(promised - overdue) / promised:.0%}), {overdue:,} overdue"


def _changes(run: Run) -> str:
    if not run.id and run.seen:
        return "none are looked for without the store"
    if not run.seen and run.verdict is not Verdict.EMPTY:
        return "nothing was read, so nothing can be compared"
    if "against" not in run.stats and run.verdict is not Verdict.COMPLETE:
        return "no earlier trusted run to compare with, and this reading is none either"
    if "against" not in run.stats:
        return "no earlier trusted run to compare with: this reading is the baseline"
    new, changed, missing = (run.stats.get(name, 0) for name in ("new", "changed", "missing"))
    looked = (
        f", {sum(r == 'gone' for r in run.look.values())} of {len(run.look)} looked at are gone" if run.look else ""
    )
    listed = "the list" if run.verdict in {Verdict.COMPLETE, Verdict.EMPTY} else "what was read of the list"
    return f"{new:,} new, {changed:,} changed, {missing:,} not in {listed}{looked} (against {run.stats['against']})"
