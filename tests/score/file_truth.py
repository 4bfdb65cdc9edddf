"""The truth about watched files: what could have been known of them by which look, without any of the diff's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opendata_spiders.store.file_checks import FileCheck, FileOutcome

if TYPE_CHECKING:
    from tests.score.book import Case
    from tests.score.files import File, Files

ENOUGH, HOURS = 3, timedelta(hours=48)
FILES, DATASETS = 3, 2
"""Fewer that fail together are no trouble of the host."""


@dataclass(slots=True)
class Trouble:
    """Failures alike in a row of looks."""

    why: str
    first: datetime
    night: int
    looks: int = 0
    told: bool = False

    def grown(self, at: datetime) -> bool:
        """Whether one more look makes it enough to be told."""
        self.looks += 1
        if self.told or self.looks < ENOUGH or at - self.first < HOURS:
            return False
        self.told = True
        return True


class FileTruth:
    """Of one portal's watched datasets."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.troubles: dict[File, Trouble] = {}
        self.known: dict[File, str] = {}
        """Files that a round has named, with the id they had then."""
        self.host: Trouble | None = None
        self.fields: dict[File, frozenset[str]] = {}
        self.new_fields: dict[File, tuple[frozenset[str], int]] = {}
        self.rows: dict[File, int] = {}
        self.new_rows: dict[File, tuple[str, int]] = {}
        self.waiting: dict[str, set[str]] = defaultdict(set)
        """Dataset to what has happened to it and was not told yet."""

    def busy(self, dataset: str) -> bool:
        """Whether something is on its way to be told: then nothing else happens to the dataset."""
        return bool(self.waiting[dataset])

    def _say(self, kind: str, subject: str, night: int, happened: int) -> None:
        from tests.score.book import Case  # noqa: PLC0415

        self.cases.append(Case(kind, subject, happened, night, night))

    # --- one round

    def looked(
        self, night: int, at: datetime, files: list[File], checks: list[FileCheck], world: Files, *, excused: bool
    ) -> None:
        """What a round has shown; in an excused one what failed counts as not looked at."""
        shown = {(check.dataset, check.file): check for check in checks}
        lists = {check.dataset for check in checks if not check.file and check.outcome is FileOutcome.OK}
        self._named(files, shown, lists)
        whole = [one for one in checks if one.outcome is FileOutcome.OK and one.file]
        if whole and self.host:
            if self.host.told:
                self._say("platform.files_up", "", night, world.host_until)
            self.host = None
        if not whole and not excused and self._host_failed(night, at, checks, world):
            return
        for one in files:
            check = shown.get((one.dataset, one.id))
            if check is None and one in self.known and one.dataset in lists:
                self._failed(one, "vanished", night, at)
            elif check is not None:
                self._one(one, check, night, at, excused=excused)

    def _named(self, files: list[File], shown: Mapping[tuple[str, str], FileCheck], lists: set[str]) -> None:
        """The ids that are known of files: those in a list that was read, and those that were looked at."""
        for one in files:
            check = None if one.is_list else shown.get((one.dataset, one.id))
            if check and (one.dataset in lists or check.outcome is not FileOutcome.UNSEEN):
                self.known[one] = one.id

    def _host_failed(self, night: int, at: datetime, checks: list[FileCheck], world: Files) -> bool:
        """Whether the round shows the host to fail: all that was looked at fails alike, enough of it or once more.

        What the world knows is no measure: the files of one dataset that fail together may have been taken off.
        """
        failed = [one for one in checks if one.outcome is FileOutcome.FAILED]
        failed = [one for one in failed if one.file] or failed
        if not failed:
            return False
        told, why = self.host is not None and self.host.told, failed[0].why
        blamed = [*failed, *(one for one in checks if one.why == "stopped")]
        enough = len(blamed) >= FILES and len({one.dataset for one in blamed}) >= DATASETS
        more = told or enough or (self.host is not None and self.host.why == why)
        if not more or any(one.why != why for one in failed):
            self.host = self.host if told else None
            return told
        if self.host is None or (self.host.why != why and not told):
            self.host = Trouble(why, at, night)
        if self.host.grown(at):
            self._say("platform.files_down", "", night, world.host_from)
        return True

    def _one(self, one: File, check: FileCheck, night: int, at: datetime, *, excused: bool) -> None:
        if check.outcome is FileOutcome.FAILED and not excused:
            self._failed(one, check.why, night, at)
        if check.outcome is FileOutcome.OK:
            trouble = self.troubles.pop(one, None)
            if trouble and trouble.told:
                # What failed with the rest of its host was never mended by itself.
                since = one.mended_at if one.mended_at > trouble.night else night
                self._say("resource.fixed", self._subject(one), night, since)
            if one.is_table:
                self._fields_seen(one, check, night)
                self._rows_seen(one, check, night)

    def _failed(self, one: File, why: str, night: int, at: datetime) -> None:
        trouble = self.troubles.get(one)
        if trouble is None or (trouble.why != why and not trouble.told):
            trouble = self.troubles[one] = Trouble(why, at, night)
        if trouble.grown(at):
            self._say("resource.broken", self._subject(one), night, one.fault_from if one.fault else trouble.night)

    # --- what stands in a table

    def _fields_seen(self, one: File, check: FileCheck, night: int) -> None:
        names = [name.strip() for name in check.columns]
        if not names or "" in names or names[0].isdigit():
            return
        shown = frozenset(names)
        known = self.fields.setdefault(one, shown)
        first = self.new_fields.get(one)
        if shown == known:
            self.new_fields.pop(one, None)
            self._settled(one, "fields")
        elif first is None or first[0] != shown:
            self.new_fields[one] = (shown, night)
            self.waiting[one.dataset].add("fields")
        else:
            self._say("dataset.schema_changed", one.dataset, night, one.fields_from)
            self.fields[one] = shown
            del self.new_fields[one]
            self._settled(one, "fields")

    def _rows_seen(self, one: File, check: FileCheck, night: int) -> None:
        rows = check.rows or 0
        known = self.rows.setdefault(one, rows)
        kind = "dataset.shrunk" if rows <= 0.7 * known else "dataset.grew" if rows >= 4 * known else ""
        first = self.new_rows.get(one)
        if not kind or known < 100:
            self.rows[one] = rows
            self.new_rows.pop(one, None)
            self._settled(one, "rows")
        elif first is None or first[0] != kind:
            self.new_rows[one] = (kind, night)
            self.waiting[one.dataset].add("rows")
        else:
            self._say(kind, one.dataset, night, one.rows_from)
            self.rows[one] = rows
            del self.new_rows[one]
            self._settled(one, "rows")

    def _settled(self, one: File, what: str) -> None:
        self.waiting[one.dataset].discard(what)

    def _subject(self, one: File) -> str:
        return f"{one.dataset}/{self.known.get(one, '')}"
