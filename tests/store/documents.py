"""Values of every kind the store keeps, for the test that their documents stay what they were."""

from datetime import UTC, datetime, timedelta

from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound
from opendata_spiders.store.models import Entry, Finding, LookResult, Measure, Run, Verdict
from opendata_spiders.store.regrades import Regrade

AT = datetime(2026, 11, 23, 2, 15, 3, 123000, tzinfo=UTC)

RUN = Run(
    id="guiyang-20261123T021503Z-3",
    portal="guiyang.1",
    slug="guiyang",
    family="guizhou_api",
    epoch="e1",
    seq=3,
    at=AT,
    started=AT,
    finished=AT + timedelta(minutes=3),
    verdict=Verdict.PARTIAL,
    reason="2 of 3 pages read",
    base_url="http://data.example/",
    declared=12,
    seen=11,
    holes=(2, 5),
    total_trusted=False,
    measure=Measure(11, None),
    manifest="a" * 32,
    look={"d.2": LookResult.GONE, "$d1": LookResult.UNKNOWN},
    fill={"title": 1.0, "updated": 0.5},
    lost=("office",),
    fields=("title", "updated"),
    newest_claimed=AT,
    findings=(Finding("list.hole", "page 2", count=2), Finding("field.date_future", dataset="d\ud8001")),
    stats={"finish.reason": "done", "big": 1 << 70, "at": AT, "nested": {"a\0b": (1, 2)}},
)
BARE_RUN = Run("r", "p", "s", "f", "", 1, AT, AT, AT, Verdict.FAILED, "killed")
ROUND = FileRound(
    "files-1",
    "guiyang.1",
    "guiyang",
    4,
    AT,
    AT,
    AT,
    "data.example",
    (
        FileCheck("d1", "f1", "路.csv", FileOutcome.OK, status=200, size=12, columns=("a", "b"), rows=3),
        FileCheck("d1", "", outcome=FileOutcome.FAILED, why="not_found", status=404),
    ),
)
REGRADE = Regrade("guiyang-1", "guiyang.1", 2, Verdict.PARTIAL, Verdict.COMPLETE, "counted by hand", AT)
ENTRIES = (
    Entry("d1", "fp1", "v1"),
    Entry("d2", "fp2", "v2", {"updated": "2026-11-20"}, {"rows": "12"}, "每年", detailed=True),
    Entry("d\ud8003", "fp3", "v3", {"updated": "\udc00"}, {}, ""),
)
CONTENT = {"title": "道路\ud800", "tags": ["b", "a"], "office": None}
