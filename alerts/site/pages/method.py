"""How every figure, rank and event is made, with its version: a page to cite from."""

from dataclasses import dataclass
from functools import cache

from alerts.audit.rules import RULES_VERSION, rules
from alerts.model.kinds import EventScope, Kind, kinds
from alerts.site.sources import Sources
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both
from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class ChineseText:
    """One row of chinese.csv: a definition or criterion in Chinese; the tables of figures and rules hold English."""

    text: str
    differs: str


@cache
def chinese() -> dict[str, ChineseText]:
    """By code of a figure, part of the rank, kind of event or rule of the audit. Raises TableError."""
    return dict(Tables("alerts.site").records(ChineseText, "chinese", "name"))


def defined(name: str, english: str) -> Both:
    """A definition in both languages; in English alone where nobody has put it into Chinese yet."""
    known = chinese().get(name)
    return Both(known.text if known else english, english)


def differs(name: str, english: str) -> Both:
    """How the studies count a figure differently."""
    known = chinese().get(name)
    return Both(known.differs if known and known.differs else english, english)


def kinds_told() -> list[Kind]:
    """The kinds of events that readers are told."""
    return [one for one in kinds().values() if one.is_stated and one.scope is not EventScope.OPS]


def put(trees: Trees, sources: Sources) -> None:
    """Put the page into both trees."""
    trees.put(
        "method.html",
        "method.html.j2",
        title=said("method.title"),
        section="method",
        figures=sources.board["figures"],
        rank=sources.board["rank"],
        kinds=kinds_told(),
        rules=rules(),
        rules_version=RULES_VERSION,
        defined=defined,
        differs=differs,
    )
