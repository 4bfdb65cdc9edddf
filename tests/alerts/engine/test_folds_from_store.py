"""Diffs that read from the database only what they judge state what a fold states that holds everything in memory.

The stories are random, from fixed seeds: datasets vanish alone and in masses, return, get other ids; the portal moves.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest

from alerts.engine.repository import load
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.events import Event
from alerts.model.policy import policy
from opendata_spiders.store.store import Store

pytestmark = pytest.mark.slow

PLACE = PortalRef("id-of-testcity", "testcity")
VERDICTS = {"complete": 24, "partial": 3, "blocked": 1, "unreachable": 1, "empty": 1, "drifted": 1}


class Catalogue:
    """What is listed and what is hidden, and what a night does to it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.listed = [f"d{number}" for number in range(1, 61)]
        self.hidden: list[str] = []

    def night(self, number: int) -> dict[str, Any]:
        dice = self.dice
        found: dict[str, Any] = {"verdict": dice.choices([*VERDICTS], [*VERDICTS.values()])[0]}
        if number == 30:
            return {"epoch": "moved"}
        if dice.random() < 0.25:
            gone = self._move(self.listed, self.hidden, dice.choice([1, 1, 2, 30]))
            found |= {"hide": gone, "look": {name: dice.choice(["gone", "open", "unknown"]) for name in gone}}
        elif self.hidden and dice.random() < 0.2:
            found["show"] = self._move(self.hidden, self.listed, dice.choice([1, 1, 2, 20]))
        elif dice.random() < 0.1:
            names = dice.sample(self.listed, dice.choice([1, 2, 8]))
            found["rename_id"] = {name: f"{name}x{number}" for name in names}
            self.listed = [found["rename_id"].get(name, name) for name in self.listed]
        else:
            found["set"] = {name: {"updated": "D"} for name in dice.sample(self.listed, 2)}
        return found | {"skip": dice.sample(self.listed, 1) if dice.random() < 0.2 else []}

    def _move(self, here: list[str], there: list[str], many: int) -> list[str]:
        moved = self.dice.sample(here, min(many, max(0, len(here) - 10 * (here is self.listed))))
        here[:] = [name for name in here if name not in moved]
        there += moved
        return moved


def brief(events: list[Event]) -> list[Any]:
    return [(one.kind, one.dataset, one.confidence, one.severity, one.since) for one in events]


@pytest.mark.parametrize("seed", [3, 8])
def test_what_is_read_as_it_is_asked_for_leads_to_the_same(
    store: Store, tell: Any, put: Callable[..., Any], seed: int
) -> None:
    catalogue = Catalogue(seed)
    story = tell({"start": {"d1..d60": {"frequency": "每月"}}, "nights": [catalogue.night(one) for one in range(70)]})
    (memory, events), stated = story.fold(), list[Event]()
    for number in range(len(story.runs)):
        put(story, number, number + 1)
        stated += fold_new(store, PLACE, policy()).events
    assert brief(stated) == brief(events)
    assert {"dataset.removed", "dataset.reappeared", "dataset.rekeyed", "platform.moved"} <= {
        one.kind for one in stated
    }
    kept = load(store, PLACE.id)
    assert kept.datasets == memory.datasets
    assert kept.habits == memory.habits
