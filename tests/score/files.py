"""The files of some watched datasets through the year, and what a look at them shows each night.

The datasets lie beside the invented catalogue, so that its own truth stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from opendata_spiders.store.content import digest
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Verdict
from tests.score.file_truth import FileTruth
from tests.score.nights import Reading

FIELDS = ("名称", "地址", "联系人", "经度", "纬度", "所属区县", "主管部门", "登记日期", "备注", "类别", "金额", "状态")
MORE = ("邮政编码", "开放时间", "服务范围", "统计口径", "计量单位", "来源")
CLASSES = ("not_found", "server_error", "empty", "html", "timeout", "truncated", "wrong_type")
HOST_CLASSES = ("timeout", "server_error", "html", "unreachable")
EVERY = 3
"""One portal in so many has watched datasets."""
LATER = timedelta(minutes=90)
"""From the reading of the list to the looks at files."""


@dataclass(eq=False, slots=True)
class File:
    """One file as it is."""

    dataset: str
    id: str
    name: str
    is_table: bool
    fields: list[str] = field(default_factory=list)
    rows: int = 0
    content: int = 0
    fault: str = ""
    """Class in which it fails now; `vanished` when it is off the list."""
    fault_from: int = 0
    fault_until: int = 0
    mended_at: int = 0
    fields_from: int = 0
    rows_from: int = 0
    halved: bool = False
    """Tonight only half of it is there, or its first lines are missing."""

    @property
    def is_list(self) -> bool:
        return not self.id


class Files:
    """The watched datasets of one portal: what happens to their files, and the rounds of looks at them."""

    def __init__(self, portal: str, slug: str, rng: Random, *, watched: bool) -> None:
        self.portal, self.slug, self.rng = portal, slug, rng
        self.serial = self.rounds = 0
        self.host, self.host_from, self.host_until = "", 0, 0
        self.sets = [self._dataset(number) for number in range(rng.randint(3, 5))] if watched else []
        self.truth = FileTruth()

    def _dataset(self, number: int) -> list[File]:
        name = f"watched-{number}"
        table = File(name, self._new_id(), "名录20260101.csv", is_table=True, rows=self.rng.randrange(200, 20_000))
        table.fields = self.rng.sample(FIELDS, self.rng.randint(6, len(FIELDS)))
        papers = [File(name, self._new_id(), f"附件{n}.pdf", is_table=False) for n in range(self.rng.randint(0, 2))]
        return [File(name, "", "", is_table=False), table, *papers]

    def _new_id(self) -> str:
        self.serial += 1
        return f"f{self.serial}"

    def _all(self) -> Iterator[File]:
        return (one for files in self.sets for one in files)

    # --- what happens

    def live(self, night: int) -> None:
        """Make what happens to the files before this night's looks."""
        if self.host and night >= self.host_until:
            self.host = ""
        if not self.host and self.rng.random() < 0.008:
            self._host_fails(night)
        for files in self.sets:
            for one in files:
                self._mend(one, night)
            if not any(one.fault for one in files) and not self.truth.busy(files[0].dataset):
                self._happens(files, night)

    def _host_fails(self, night: int) -> None:
        self.host, self.host_from = self.rng.choice(HOST_CLASSES), night
        self.host_until = night + self.rng.choice((1, 2, 4, 6, 12))

    def _mend(self, one: File, night: int) -> None:
        one.halved = False
        if one.fault and night >= one.fault_until:
            one.fault, one.mended_at = "", night
        elif one.fault not in ("", "vanished") and self.rng.random() < 0.03:
            one.fault = self.rng.choice(CLASSES)

    def _happens(self, files: list[File], night: int) -> None:
        acts = (
            (0.012, self._breaks), (0.004, self._vanishes), (0.003, self._list_fails), (0.008, self._new_fields),
            (0.006, self._new_size), (0.03, self._halves), (0.05, self._again), (0.10, self._updates),
        )  # fmt: skip
        for rate, act in acts:
            if self.rng.random() < rate:
                act(files, night)
                return

    def _breaks(self, files: list[File], night: int) -> None:
        self._fault(self.rng.choice(files[1:]), self.rng.choice(CLASSES), night)

    def _vanishes(self, files: list[File], night: int) -> None:
        self._fault(self.rng.choice(files[1:]), "vanished", night)

    def _list_fails(self, files: list[File], night: int) -> None:
        self._fault(files[0], self.rng.choice(CLASSES[:4]), night)

    def _fault(self, one: File, why: str, night: int) -> None:
        one.fault, one.fault_from = why, night
        one.fault_until = night + self.rng.choice((1, 1, 2, 2, 5, 9, 20, 45))

    def _new_fields(self, files: list[File], night: int) -> None:
        table, rng = files[1], self.rng
        fields = list(table.fields)
        act = rng.choice(("add", "drop", "rename", "rename"))
        if act == "add":
            spare = [name for name in MORE if name not in fields]
            fields.append(rng.choice(spare) if spare else f"附加项{len(fields)}")
        elif act == "drop" and len(fields) > 4:
            fields.remove(rng.choice(fields))
        else:
            place = rng.randrange(len(fields))
            fields[place] = (
                fields[place].removesuffix("信息") if fields[place].endswith("信息") else fields[place] + "信息"
            )
        table.fields, table.fields_from, table.content = fields, night, table.content + 1

    def _new_size(self, files: list[File], night: int) -> None:
        """Half of it is gone for good, or it is six times as large."""
        table = files[1]
        shrinks = table.rows > 400 and (table.rows > 100_000 or self.rng.random() < 0.6)
        table.rows = int(table.rows * (0.45 if shrinks else 6))
        table.rows_from, table.content = night, table.content + 1

    def _halves(self, files: list[File], night: int) -> None:
        files[1].halved = True

    def _again(self, files: list[File], night: int) -> None:
        """Another upload under another id, with another date in its name."""
        for one in files[1:]:
            one.id = self._new_id()
            one.name = f"名录{20260000 + night}.csv" if one.is_table else one.name
        self._updates(files, night)

    def _updates(self, files: list[File], night: int) -> None:
        table = files[1]
        table.content += 1
        table.rows = max(200, int(table.rows * self.rng.uniform(0.97, 1.04)))
        if self.rng.random() < 0.2:
            self.rng.shuffle(table.fields)

    # --- what is seen of it

    def look(self, night: int, reading: Reading) -> FileRound | None:
        """This night's round, told to the book of truth; None where none was made."""
        if not self.sets or self.rng.random() < 0.04:
            return None
        self.rounds += 1
        at = reading.at + LATER
        lost = reading.ours or reading.verdict is Verdict.UNREACHABLE
        checks = [check for files in self.sets for check in self._checks(files, lost)]
        checks = self._given_up(checks) if self.host and not lost else checks
        excused = reading.ours or reading.verdict in (Verdict.UNREACHABLE, Verdict.BLOCKED)
        self.truth.looked(night, at, list(self._all()), checks, self, excused=excused)
        name = f"{self.slug}-files-{night}"
        return FileRound(name, self.portal, self.slug, 0, at, at, at, f"{self.slug}.example", tuple(checks))

    def _checks(self, files: list[File], lost: bool) -> Iterator[FileCheck]:  # noqa: FBT001
        told = files[0]
        if lost:
            yield self._failed(told, "unreachable")
            return
        if told.fault or self.rng.random() < 0.01:
            yield self._failed(told, told.fault or "timeout")
            return
        yield FileCheck(told.dataset, "", outcome=FileOutcome.OK, status=200)
        for one in files[1:]:
            if one.fault != "vanished":
                yield self._check(one)

    def _check(self, one: File) -> FileCheck:
        if self.host:
            return self._failed(one, self.host)
        if self.rng.random() < 0.1:
            return FileCheck(
                one.dataset, one.id, one.name, FileOutcome.UNSEEN, self.rng.choice(("budget", "login", "slow"))
            )
        if one.fault or self.rng.random() < 0.006:
            return self._failed(one, one.fault or "timeout")
        return self._whole(one)

    def _failed(self, one: File, why: str) -> FileCheck:
        return FileCheck(one.dataset, one.id, one.name, FileOutcome.FAILED, why, 500, url=f"https://x.example/{one.id}")

    def _whole(self, one: File) -> FileCheck:
        if not one.is_table:
            return FileCheck(one.dataset, one.id, one.name, FileOutcome.OK, "", 200, 9000, "pdf", "pdf")
        fields, rows = list(one.fields), one.rows
        if one.halved and self.rng.random() < 0.5:
            fields = fields[:3]
        elif one.halved:
            rows = rows // 5
        if self.rng.random() < 0.03:
            fields = self.rng.choice(([], [*fields[:-1], ""], [str(number) for number in range(len(fields))]))
        shown = [f" {name} " if self.rng.random() < 0.01 else name for name in fields]
        content = digest(f"{one.dataset} {one.content} {rows}".encode())
        return FileCheck(
            one.dataset, one.id, one.name, FileOutcome.OK, "", 200, rows * 40, "csv", "csv", tuple(shown), rows, content
        )  # fmt: skip

    def _given_up(self, checks: list[FileCheck]) -> list[FileCheck]:
        """After four failures in a row the crawl asks the host no more."""
        failed = 0
        for place, check in enumerate(checks):
            if check.outcome is FileOutcome.FAILED:
                failed += 1
                if failed > 4:
                    checks[place] = FileCheck(check.dataset, check.file, check.name, FileOutcome.UNSEEN, "stopped")
        return checks
