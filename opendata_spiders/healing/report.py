"""The report of a draft: what was found again, what is proven, what is not, and what a person has to check."""

from collections.abc import Iterator
from datetime import datetime

from opendata_spiders.healing.declaration import DraftFamily
from opendata_spiders.healing.last_reading import LastReading
from opendata_spiders.healing.trying import Trial
from opendata_spiders.pages.bodies import plain
from opendata_spiders.store.fields import fields

_LONGEST = 200


def report(draft: DraftFamily, trial: Trial, reading: LastReading, now: datetime) -> str:
    """The report as Markdown; portal text in it holds no control characters."""
    lines = [f"# {draft.slug}: a draft of {draft.family}", "", *_tried(draft, trial, reading, now), ""]
    lines += ["| field | path | entries that say the same | entries that tell |", "|---|---|---|---|"]
    for where, proof in draft.proofs:
        for name, fit in proof.fits.items():
            agreeing = f"{fit.share:.1%} of {proof.matched}"
            lines.append(f"| {name} | {where}: `{_cell(fit.path)}` | {agreeing} | {fit.telling} |")
    lines += ["", "Left out:", ""]
    lines += [f"- {name}: {_cell(why)}" for name, why in draft.unproven.items()] or ["- nothing"]
    lines += ["", "What a person has to check, in this order:", ""]
    lines += [f"{number}. {said}" for number, said in enumerate(_checks(draft), 1)]
    return "\n".join(lines) + "\n"


def _tried(draft: DraftFamily, trial: Trial, reading: LastReading, now: datetime) -> Iterator[str]:
    works = f"It does not work: {_cell(trial.fault)}" if trial.fault else "It was tried and reads the portal"
    yield (
        f"Drafted on {now:%Y-%m-%d} against the reading of {reading.at:%Y-%m-%d}. {works}: {trial.rows:,} rows on "
        f"{trial.pages} pages, {trial.found:,} of them among the {trial.known:,} datasets of that reading, "
        f"{trial.same_ids:,} with the id they had."
    )
    yield ""
    ids = "Ids survive" if draft.list.id.survives else "**Ids are new: no dataset can be compared by id with before**"
    yield f"{ids}: {_cell(draft.list.id.why)} (`{_cell(draft.list.id.path)}`)."
    yield ""
    yield f"Total: {_cell(draft.list.total) or 'not proven'}."


def _checks(draft: DraftFamily) -> Iterator[str]:
    yield f"Open the portal: is the page that was watched (`{_cell(draft.watched)}`) its whole list, without a filter?"
    yield "Read the recipe in the module; compare three datasets with their pages, field by field."
    if not draft.list.total:
        yield "Find the total on the page: without one a list that ends early is known by its length alone."
    if not draft.human_page:
        yield "Write `human_page`: no link of the list shows the address of a dataset's page."
    if draft.old.detail_fields and not (draft.keeps_details or draft.details):
        yield "Find how details are asked for: no page of a dataset was seen to load one, so none can be looked at."
    missing = [one.name for one in fields().values() if one.mandatory and one.name not in draft.proven]
    if missing and not draft.keeps_details:
        yield f"Find {' and '.join(missing)}, which every dataset must have."
    if draft.unproven:
        yield "Look for the fields that were left out; a path named above may be added once a person has seen it."
    yield "Look through the golden pages for names and numbers of people."
    yield (
        "Move the files to where they lie in the project: the row replaces the portal's, codes join the tables, "
        "`asked.py` replaces its entries of ASKED. Then `python -m tests.families.goldens`, `scrapy checkall`, and "
        "`scrapy crawl` with `-s STORE_ENABLED=0`."
    )


def _cell(text: str) -> str:
    return plain(text, _LONGEST).replace("|", "/").replace("`", "'")
