"""Values of every kind that alerts keeps, for the test that their documents stay what they were."""

from datetime import UTC, datetime, timedelta

from alerts.audience.remarks import Remark, RemarkKind
from alerts.audience.watches import Watch
from alerts.delivery.outbox import Cursor, Delivery, Piece
from alerts.model.events import Confidence, Event, Severity
from alerts.model.file_states import Bundle, Count, Failing, FileMemory, FileState, Header, Last, Stretch
from alerts.model.states import (
    Absence,
    AbsenceOutcome,
    City,
    Coverage,
    DatasetState,
    DatasetStatus,
    Evidence,
    Phase,
    PortalState,
    Rewriting,
    Shift,
    Streak,
    Summary,
    Turn,
)
from opendata_spiders.store.file_checks import FileOutcome
from opendata_spiders.store.models import Entry, LookResult, Verdict

AT = datetime(2026, 11, 23, 2, 15, 3, 123000, tzinfo=UTC)

STATE = PortalState(
    portal="guiyang.1",
    slug="guiyang",
    last_run="r3",
    last_seq=3,
    last_at=AT,
    last_verdict=Verdict.COMPLETE,
    last_reason="all 3 of 3 pages read",
    last_complete_at=AT,
    known="a" * 32,
    read_fields=("title", "updated"),
    declared=12,
    first_observed=AT - timedelta(days=3),
    nights=3,
    settled=True,
    city=City(Phase.STOPPED, AT, Evidence(AT, "claimed", "d1", "r1"), 30, confirmed=("d1",), days=("2026-11-20",)),
    streaks={"down": Streak("r2", AT, 2, 2, AT, stated=True)},
    restamps=("2026-11-01",),
    shifts=(Shift(3600, AT, AT, 10, 12, stated=True), Shift(-60, AT, AT)),
    rewritings=(Rewriting("title", "市", "", AT),),
    extractor=2,
    counts={"known": 12, "overdue": 1},
    coverage=Coverage("b" * 32, 3, {"theme:1": 4}, ("key:2",), (Turn("theme:3", "r3", AT),)),
    record=(AbsenceOutcome("2026-11", "alone", 3, 2),),
    swings=("2026-11-02",),
    learnt="r3",
)
BARE_STATE = PortalState("p", "")
SUMMARY = Summary("stopped", AT, "ok", 30, Confidence.CLAIMED, {"vanished": 3, "back": 2, "longest_days": 9})
BARE_SUMMARY = Summary("none", None, "ok", None, Confidence.CONFIRMED)
DATASET = DatasetState(
    dataset="d2",
    status=DatasetStatus.HELD,
    entry=Entry("d2", "fp2", "v2", {"updated": "2026-11-20"}, {"rows": "12"}, "每年", detailed=True),
    last_seen=AT,
    gap_before=-1,
    absences=(Absence("r2", AT, LookResult.GONE, 0), Absence("r3", AT, LookResult.UNKNOWN, 2)),
    title="道路",
    theme=("交通",),
    twin="d9",
    twin_score=0.5,
    ended=AT,
    lost_as=("2026-11", "alone"),
)
EVENT = Event(
    id="e" * 24,
    kind="city.stopped",
    portal="guiyang.1",
    slug="guiyang",
    dataset=None,
    run="r3",
    at=AT,
    severity=Severity.SEVERE,
    confidence=Confidence.CLAIMED,
    title="贵阳",
    since=AT - timedelta(days=30),
    rule="stopped/1",
    evidence={"days": 30, "evidence": {"date": AT, "kind": "claimed"}, "runs": ["r1", "r3"]},
    seq=7,
)
CURSOR = Cursor("desk", 7, AT, AT, 3, ("e1",))
DELIVERY = Delivery(
    id="0123456789abcdef01234567",
    subscriber="desk",
    index=1,
    ref="ref",
    service="mailtos",
    kind="digest",
    subject="贵阳停更",
    language="zh",
    format="html",
    pieces=(Piece("1/2", "a"), Piece("2/2", "b", sent=True)),
    text="a b",
    events=("e1", "e2"),
)
WATCH = Watch("desk", "guiyang.1", "d1", "道路", "大数据局", AT, ("d0",))
REMARK = Remark(RemarkKind.ACK, "guiyang.1", AT, AT + timedelta(days=3), "known", "Li")
FILES = FileMemory(
    "guiyang.1",
    "guiyang",
    "files-1",
    4,
    AT,
    Failing("timeout", "files-1", AT, AT),
    {
        "d1": Bundle(
            "d1",
            "v1",
            {
                "f1": FileState(
                    "f1",
                    "路.csv",
                    Last(FileOutcome.FAILED, "files-1", AT, "not_found", 404),
                    header=Header(("a",), "r", AT),
                )
            },
            Count(3, ("f1",), "files-1", AT),
            stretch=Stretch({"f1": "h"}, "files-1", AT, 2, (AT,), AT),
        )
    },
)
