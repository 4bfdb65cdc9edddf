"""The files of watched datasets, and what looks at them find."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.comparison.file_context import by_dataset
from alerts.rules.fake_updates import hashes_of
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Run
from opendata_spiders.store.national import NationalLook
from tests.tales.shelf import digest
from tests.tales.world import DAY_ZERO, names


@dataclass
class Desk:
    """The files of watched datasets, by `dataset/file`, as they are from night to night."""

    shown: dict[str, dict[str, Any]] = field(default_factory=dict)

    def change(self, files: Mapping[str, Any]) -> None:
        """`ok` mends, `gone` takes it off the list; anything else is what the look says from now on."""
        for pattern, values in files.items():
            for name in names([pattern]):
                if values == "gone":
                    self.shown.pop(name, None)
                elif values == "ok":
                    self.shown[name] = {k: v for k, v in self.shown.get(name, {}).items() if k not in ("why", "status")}
                else:
                    self.shown.setdefault(name, {}).update(values)

    def checks(self, night: Mapping[str, Any]) -> tuple[FileCheck, ...]:
        """`unseen` tells the files that were not looked at, and why."""
        unseen = dict(expanded_names(night.get("unseen", {})))
        return tuple(make_check(name, values, unseen.get(name)) for name, values in self.shown.items())


def expanded_names(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for pattern, value in table.items():
        yield from ((name, value) for name in names([pattern]))


def make_check(name: str, values: Mapping[str, Any], unseen: str | None) -> FileCheck:
    dataset, _, file = name.partition("/")
    known = {**values, "columns": tuple(values.get("columns", ())), "url": f"https://p.example/{name}"}
    why = unseen or known.pop("why", "")
    outcome = FileOutcome.UNSEEN if unseen else FileOutcome.FAILED if why else FileOutcome.OK
    if outcome is not FileOutcome.OK:
        known = {key: value for key, value in known.items() if key in ("name", "status", "url", "kind", "declared")}
    elif file not in (LIST, PREVIEW):
        known.setdefault("content_hash", digest([known["columns"], known.get("rows"), known.get("content")]))
    known.pop("content", None)
    return FileCheck(dataset, file, outcome=outcome, why=why, **{"name": file, **known})


def make_round(night: Mapping[str, Any], desk: Desk, run: Run, seq: int) -> FileRound:
    """The round of the night: an hour after the list was read."""
    at = run.at + timedelta(hours=1)
    return FileRound(
        f"{run.slug}-files-{at:%Y%m%dT%H}", run.portal, run.slug, seq, at, at, at, "p.example", desk.checks(night)
    )


@dataclass
class Asked:
    """What the national register says whenever it is asked: `entries` and `codes` by dataset."""

    told: Mapping[str, Mapping[str, Any]]

    def said(self, since: Mapping[str, datetime], until: datetime) -> dict[str, NationalLook]:
        found = {}
        for name, at in since.items():
            if known := self.told.get(name):
                codes, entries = tuple(known.get("codes", ())), known.get("entries")
                found[name] = NationalLook(f"p/{name}", "p", name, name, at, entries=entries, codes=codes)
        return found

    def products(self, until: datetime) -> list[NationalLook]:
        """`products`: by night, the codes that are named two hours after the list was read."""
        found = []
        for dataset, known in self.told.items():
            for night, codes in known.get("products", {}).items():
                at = DAY_ZERO + timedelta(days=night, hours=2)
                look = NationalLook(f"p/{dataset}@{night}", "p", dataset, dataset, at, entries=known.get("entries"))
                found.append(replace(look, products=len(codes), product_codes=tuple(codes)))
        return sorted((one for one in found if one.at <= until), key=lambda one: one.at)


@dataclass
class Looked:
    """The rounds of a story, as a fold of runs asks for them."""

    rounds: list[FileRound]

    def hashed(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        return frozenset(
            name
            for looks in self._between(since, until)
            for name in looks.keys() & set(datasets)
            if hashes_of(looks[name])
        )

    def counted(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        return frozenset(
            name
            for looks in self._between(since, until)
            for name in looks.keys() & set(datasets)
            if any(one.rows is not None for one in looks[name].checks.values())
        )

    def _between(self, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        return (by_dataset(one.checks) for one in self.rounds if since < one.at <= until)
