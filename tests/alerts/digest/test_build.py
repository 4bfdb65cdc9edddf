"""What a digest says, to whom, in which order; and when it says nothing."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.audience.filters import Filter
from alerts.digest.build import build, build_first, build_heartbeat
from alerts.digest.model import Digest, PortalStanding, Situation, View
from alerts.digest.sections import fits
from alerts.digest.subject import fitting
from alerts.model.events import Confidence, Event, Severity
from alerts.model.sections import section_order
from alerts.text.parts import as_text
from alerts.text.sanitising import columns
from alerts.text.wording import LANGUAGES
from tests.alerts.digest.making import CITIES, NOW, PLACES, Reader, ago, event, night, situation, view, wording


def digest(
    events: list[Event], reader: Reader | None = None, language: str = "zh", seen: Situation | None = None
) -> Digest:
    built = build(reader or Reader(), events, View(seen or situation(), wording(language), NOW))
    assert built
    return built


def said(built: Digest) -> str:
    lines = [*built.summary, *built.coverage, *built.footer]
    lines += [line for section in built.sections for group in section.groups for line in group.lines]
    return "\n".join(as_text(words) for line in lines for words in (line.words, *line.named))


def test_sections_come_in_their_order_whatever_the_order_of_events() -> None:
    for events in (night(), night()[::-1]):
        keys = [section.key for section in digest(events).sections]
        assert keys == [name for name in section_order() if name in keys]
        assert keys[0] == "stopped"


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("zh", "德州停更 120 天后恢复；另有 2 条变化"),
        ("en", "Dezhou is updating again after 120 days; 2 other changes there"),
    ],
)
def test_a_subject_does_not_name_its_city_twice(language: str, subject: str) -> None:
    events = [event("city.resumed", "dezhou", evidence={"silent_days": 120})]
    events += [event("dataset.new", "dezhou", f"n{n}", title="预算") for n in range(2)]
    assert digest(events, language=language).subject == subject


def test_what_was_overtaken_by_a_later_event_is_not_told_beside_it() -> None:
    late = {"title": "空气质量日报", "office": "局", "since": ago(35)}
    events = [
        event("city.slowed", since=ago(99)),
        event("city.stopping", since=ago(230), evidence={"days_left": 14}),
        event("city.stopping", since=ago(242), evidence={"days_left": 2}),
        event("city.stopped", since=ago(244)),
        event("dataset.due", dataset="d", severity=Severity.NOTABLE, **late),
        event("dataset.overdue", dataset="d", **late),
        event("dataset.delinquent", dataset="d", **late),
        event("dataset.overdue", dataset="e", **late),
    ]
    built = digest(events, language="en")
    assert built.subject == "Guiyang stopped updating 244 days ago; 2 other changes there"
    assert [(section.key, section.count) for section in built.sections] == [("stopped", 1), ("overdue", 2)]
    assert "close to counting" not in said(built)
    assert len(built.events) == len({one.id for one in events}), "all of them count as told"
    back = digest([*events, event("city.resumed", evidence={"silent_days": 250})], language="en")
    assert back.subject.startswith("Guiyang is updating again after 250 days")
    assert [section.key for section in back.sections] == ["resumed", "overdue"]


def test_one_city_more_is_told_rather_than_counted() -> None:
    def cities(count: int) -> int:
        events = [event("city.stopped", f"city{n}", since=ago(250)) for n in range(count)]
        [section] = digest(events, Reader(scope=Filter())).sections
        return sum(bool(group.heading) for group in section.groups)

    assert [cities(count) for count in (8, 9, 10)] == [8, 9, 8]


def test_nothing_that_concerns_the_reader_makes_no_digest() -> None:
    elsewhere = [event("city.stopped", "somewhere")]
    quiet = [event("dataset.updated", "guiyang", "d")]
    ours = [event("ops.drifted", "guiyang"), event("platform.blocked", "guiyang")]
    for events in ([], elsewhere, quiet, ours):
        assert build(Reader(), events, view()) is None


@pytest.mark.parametrize("role", ["reader", "researcher", "officer", "operator"])
def test_only_operators_hear_of_our_own_failures(role: str) -> None:
    keys = [section.key for section in digest(night(), Reader(role=role)).sections]
    assert ("ours" in keys) == (role == "operator")


@pytest.mark.parametrize("role", ["reader", "operator"])
def test_what_could_not_be_read_is_told_as_our_own_view(role: str) -> None:
    coverage = "\n".join(as_text(line.words) for line in digest(night(), Reader(role=role)).coverage)
    assert "6 个平台中，完整读取了 5 个" in coverage
    assert "昆明（平台拒绝了我们的读取，上次完整读取 11月21日）" in coverage
    assert "对这些平台不报告变化" in coverage
    assert ("HTTP 412" in coverage) == (role == "operator")


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "贵阳：目录成片消失又恢复"), ("en", "Guiyang: whole parts of its")]
)
@pytest.mark.parametrize("role", ["reader", "operator"])
def test_that_a_catalogue_flaps_stands_where_it_says_what_was_checked(role: str, language: str, says: str) -> None:
    record = {"vanished": 2089, "back": 1879, "longest_days": 9}
    flapping = replace(situation().standings[0], flapping=record)
    seen = situation(standings=(flapping, *situation().standings[1:]))
    lines = [as_text(line.words) for line in digest(night(), Reader(role=role), language, seen).coverage]
    (line,) = (line for line in lines if says in line)
    assert all(number in line.replace(",", "") for number in ("2089", "1879", "9"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_odds_stand_in_the_words_of_a_loss(language: str) -> None:
    odds = {"vanished": 6043, "back": 5187, "longest_days": 4, "chance": 0.004, "away_days": 23}
    loss = event("bulk.deletion", "guiyang", evidence={"count": 30, "catalogue": 300, **odds})
    told = said(digest([loss], language=language)).replace(",", "")
    assert all(number in told for number in ("30", "6043", "5187", "4", "23"))
    plain = event("bulk.deletion", "guiyang", evidence={"count": 30, "catalogue": 300})
    assert "5187" not in said(digest([plain], language=language)).replace(",", "")


def test_a_stop_says_since_when_how_long_and_how_sure() -> None:
    text = said(digest(night()))
    assert "已 251 天没有更新，最后一次在 3月18日（按平台自报日期）" in text


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (5, 5), (6, 1), (400, 1)])
def test_many_of_a_kind_in_a_city_are_one_line_with_three_samples(count: int, lines: int) -> None:
    built = digest([event("dataset.new", "jinan", f"d{n}", title=f"数据{n}") for n in range(count)])
    [section] = built.sections
    [group] = section.groups
    assert len(group.lines) == lines
    assert section.count == count
    if lines < count:
        assert as_text(group.lines[0].words) == f"新增 {count} 个数据集"
        named = [f"《数据{n}》" for n in range(3)]
        assert [as_text(note) for note in group.lines[0].named] == [*named, f"另有 {count - 3} 个"]


def test_many_cities_share_one_line_and_none_is_left_out() -> None:
    slugs = [f"city{n}" for n in range(40)]
    events = [event("dataset.new", slug, "d", title="预算") for slug in slugs]
    built = digest(events, Reader(scope=Filter()))
    text = said(built)
    headings = {group.heading for group in built.sections[0].groups}
    assert all(slug in headings or re.search(rf"{slug} 1\b", text) for slug in slugs)
    assert len(headings) < 15


def test_a_stopped_city_is_named_even_among_very_many() -> None:
    slugs = [f"city{n}" for n in range(40)]
    events = [event("city.stopped", slug, since=ago(250), evidence={"days_silent": 250}) for slug in slugs]
    built = digest(events, Reader(scope=Filter()))
    named = said(built) + " ".join(group.heading for group in built.sections[0].groups)
    assert not [slug for slug in slugs if slug not in named]


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_thousand_changes_are_one_screen_and_still_true(language: str) -> None:
    kinds = ("dataset.removed", "dataset.overdue", "dataset.new")
    events = [
        event(kinds[n % 3], f"city{n // 34}", f"d{n}", title="行政许可和行政处罚信息公示", office="市场监督管理局", since=ago(2))
        for n in range(10_000)
    ]  # fmt: skip
    built = digest(events, Reader(scope=Filter()), language=language)
    assert sum(section.count for section in built.sections) == 10_000
    assert fits(built.sections, 36)
    text = said(built)
    assert "市场监督管理局 12" in text
    assert "行政许可和行政处罚信息公示" in text
    for section in built.sections:
        [shown, rest] = section.groups
        told = [
            int(n.replace(",", ""))
            for n in re.findall(r"\d[\d,]*", as_text(shown.lines[0].words) + as_text(rest.lines[0].words))
        ]
        assert told[0] + told[2] == section.count, "what is named and what is counted make the whole"


def test_a_bulk_deletion_names_departments_and_datasets_with_their_last_day() -> None:
    built = digest([event("bulk.deletion", "jinan", evidence={
        "count": 26, "catalogue": 200, "offices": [["市场监管局", 20], ["民政局", 3], ["水务局", 2], ["", 1]],
        "datasets": [{"id": f"b{n}", "title": f"第{n}批双公示", "office": "市场监管局", "last_seen": ago(3)} for n in range(26)],
    })], language="en")  # fmt: skip
    [line] = built.sections[0].groups[0].lines
    assert [as_text(note) for note in line.named] == [
        "By department: 市场监管局 20, 民政局 3, 水务局 2, and 1 other (1)",
        *(f"“第{n}批双公示” (市场监管局), last seen 21 November" for n in range(3)),
        "and 23 more",
    ]


@pytest.mark.parametrize(
    ("read", "subject"),
    [
        ((1, 2), "A quiet month: 2 portals read, nothing to report"),
        ((1, 40), "A quiet month: 1 of 2 portals read, nothing to report"),
        ((40, None), "No portal fully read this month (2 tracked): changes unknown"),
    ],
)
def test_a_month_without_a_reading_is_not_called_quiet(read: tuple[int | None, ...], subject: str) -> None:
    standings = [
        PortalStanding(slug, "live", verdict="blocked", trusted=ago(days) if days else None)
        for slug, days in zip(("guiyang", "jinan"), read, strict=True)
    ]
    built = build_heartbeat(Reader(), view("en", standings=standings))
    assert built.subject == subject
    assert ("Nothing worth reporting happened in what you follow" in said(built)) == (": 2 portals" in subject)


READ, NEVER, OLD = {"trusted": NOW}, {"trusted": None}, {"trusted": ago(60)}


@pytest.mark.parametrize(
    ("state", "read", "zh", "en"),
    [
        ("stopped", READ, "现状：贵阳停更 251 天", "State of play: Guiyang stopped updating 251 days ago"),
        ("stopped", OLD, "现状：贵阳停更 191 天（截至9月25日）", "State of play: Guiyang stopped updating 191 days ago (as of 25 September)"),
        ("live", READ, "现状：贵阳没有停更", "State of play: Guiyang has not stopped"),
        ("live", OLD, "现状：贵阳没有停更（截至9月25日）", "State of play: Guiyang has not stopped (as of 25 September)"),
        ("none", NEVER, "现状：尚未完整读取贵阳的平台", "State of play: Guiyang has not been fully read yet"),
        ("down", READ, "现状：从我们这里连不上贵阳的平台", "State of play: the portal of Guiyang is out of reach from here"),
        ("empty", READ, "现状：贵阳的目录是空的", "State of play: the catalogue of Guiyang is empty"),
    ],
)  # fmt: skip
def test_the_state_of_one_city_is_no_statistics(state: str, read: dict[str, datetime], zh: str, en: str) -> None:
    seen = situation(standings=(PortalStanding("guiyang", state, ago(8), ago(251), **read),))
    assert build_first(Reader(), View(seen, wording(), NOW)).subject == zh
    assert build_first(Reader(), View(seen, wording("en"), NOW)).subject == en


@pytest.mark.parametrize(
    ("states", "subject"),
    [
        ([("live", 0.1), ("live", 0.1), ("slowed", 0.1)], "State of play: 3 portals, none stopped"),
        (
            [("live", 0.1), ("none", None), ("slowed", 0.1)],
            "State of play: 2 of 3 portals fully read, none of them stopped",
        ),
        ([("live", 0.1), ("live", 200), ("down", 2)], "State of play: 1 of 3 portals fully read, none of them stopped"),
        ([("none", None), ("live", 200)], "State of play: none of 2 portals fully read lately"),
        (
            [("stopped", 0.1), ("none", None), ("live", 0.1)],
            "State of play: 1 of 2 portals stopped, Guiyang (251 days)",
        ),
        ([("stopped", 9), ("stopped", 0.1)], "State of play: 2 of 2 portals stopped, Chengdu longest (251 days)"),
    ],
)
def test_nobody_is_called_alive_who_was_not_read(states: list[tuple[str, float | None]], subject: str) -> None:
    standings = [
        PortalStanding(slug, state, ago(8), ago(251), trusted=None if days is None else ago(days))
        for slug, (state, days) in zip(("guiyang", "chengdu", "jinan"), states, strict=False)
    ]
    assert build_first(Reader(), view("en", standings=standings)).subject == subject


def test_quiet_events_are_counted_not_listed() -> None:
    built = digest(night())
    assert "123 个数据集有更新" in said(built)
    assert len(built.events) > 123


def test_many_new_ids_are_told_once_and_not_counted_again() -> None:
    moved = [event("dataset.rekeyed", "jinan", f"b{n}", severity=Severity.QUIET) for n in range(40)]
    rows = [{"id": f"b{n}", "old_id": f"a{n}", "title": f"第{n}批名录", "office": "民政局"} for n in range(40)]
    bulk = event("bulk.rekeyed", "jinan", evidence={"count": 40, "offices": [["民政局", 40]], "datasets": rows})
    built = digest([*moved, bulk], language="en")
    [line] = built.sections[0].groups[0].lines
    assert as_text(line.words).startswith("40 datasets listed under new ids; none of them is counted as removed or new")
    assert as_text(line.named[-1]) == "and 37 more"
    assert said(built).count("new ids") == 1
    assert "40 datasets listed under new ids" in said(
        digest([*moved, event("dataset.removed", "jinan", "x")], language="en")
    )


def test_an_office_is_told_by_what_is_known_of_it() -> None:
    def renamed(before: str, after: list[list[object]], joined: list[str]) -> Event:
        count = sum(number for _, number in after if isinstance(number, int))
        return event("office.renamed", "jinan", evidence={
            "before": before, "after": after, "joined": joined, "count": count,
        })  # fmt: skip

    text = said(digest([renamed("扶贫办", [["乡村振兴局", 6]], [])]))
    assert "“扶贫办”现名“乡村振兴局”（6 个数据集）" in text
    text = said(digest([renamed("旅游局", [["文化和旅游局", 5]], ["文化和旅游局"])], language="en"))
    assert "“旅游局” no longer appears; its 5 datasets are listed under 文化和旅游局" in text
    text = said(digest([renamed("教体局", [["教育局", 3], ["体育局", 2]], [])]))
    assert "“教体局”不再出现，其 5 个数据集现列于教育局、体育局名下" in text


def test_many_offices_renamed_in_a_city_are_one_line() -> None:
    reform = [
        event("office.renamed", "jinan", id=f"e{n}", evidence={
            "before": f"第{n}处", "after": [[f"第{n}局", 4]], "joined": [], "count": 4,
        })
        for n in range(9)
    ]  # fmt: skip
    [line] = digest(reform, language="en").sections[0].groups[0].lines
    assert as_text(line.words) == "9 departments renamed or reorganised"
    assert as_text(line.named[0]) == "“第0处” is now called “第0局” (4 datasets)"
    assert as_text(line.named[-1]) == "and 6 more"


def test_runs_and_totals_are_told_once_for_a_city() -> None:
    built = digest(night())
    notes = [note for section in built.sections for group in section.groups for note in group.notes]
    texts = [as_text(note) for note in notes]
    assert len(texts) == len(set(texts))
    assert any("平台自报 512、实际读到 510、巡查 guiyang-20261123、对照 guiyang-20261122" in text for text in texts)


def test_with_pages_of_our_own_each_event_links_to_its_own() -> None:
    built = digest([event("city.stopped", id="abc123")], seen=situation(site_url="https://watch.cn/"))
    [note] = built.sections[0].groups[0].lines[0].notes
    assert note[0].href == "https://watch.cn/zh/events/abc123.html"


SUBJECTS = [
    (
        [event("city.stopped", evidence={"days_silent": 251})],
        "贵阳停更 251 天", "Guiyang stopped updating 251 days ago",
    ),
    (
        [event("city.stopped", evidence={"days_silent": 251})]
        + [event("dataset.new", slug, f"{n}") for slug in ("jinan", "chengdu", "dezhou") for n in range(9)],
        "贵阳停更 251 天；另有 3 城 27 条变化", "Guiyang stopped updating 251 days ago; 27 changes in 3 cities",
    ),
    (
        [event("city.stopped", slug, evidence={"days_silent": days}) for slug, days in (("guiyang", 244), ("jinan", 250))],
        "贵阳等 2 城停更，最久 250 天", "Guiyang and 1 more stopped, longest 250 days",
    ),
    ([event("platform.down", "jinan")], "济南：我们已连不上平台", "Jinan: out of reach from here"),
    (
        [event("bulk.deletion", "jinan", evidence={"count": 312}), event("dataset.removed", "jinan", "a")],
        "济南下架 313 个数据集", "Jinan removed 313 datasets",
    ),
    ([event("city.resumed", "dezhou", evidence={"silent_days": 120})], "德州停更 120 天后恢复", "Dezhou is updating again after 120 days"),
    ([event("dataset.overdue", "dezhou", "a")], "德州 1 个数据集逾期", "Dezhou: 1 dataset overdue"),
    (
        [event("dataset.overdue", slug, "a") for slug in ("dezhou", "jinan")],
        "2 城 2 个数据集逾期", "2 datasets overdue in 2 cities",
    ),
    ([event("city.slowed", "jinan")], "济南更新变慢", "Jinan is slowing down"),
    ([event("dataset.renamed", "jinan", "a")], "济南 1 条变更", "Jinan: 1 change"),
    ([event("claim.mismatch", "jinan")], "济南平台有变化", "Jinan: news about the portal"),
    ([event("dataset.reappeared", "jinan", "a")], "济南 1 条变更", "Jinan: 1 change"),
]  # fmt: skip


@pytest.mark.parametrize(("events", "zh", "en"), SUBJECTS)
def test_the_subject_says_the_one_most_important_thing(events: list[Event], zh: str, en: str) -> None:
    assert digest(events).subject == zh
    assert digest(events, language="en").subject == en


def test_a_subject_is_short_and_one_line() -> None:
    assert fitting("贵\r\nBcc: x" + "阳" * 200).startswith("贵 Bcc: x阳")
    assert columns(fitting("阳" * 200)) <= 76
    assert fitting("阳" * 200).endswith("…")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_leads_to_a_subject(language: str) -> None:
    for one in night():
        built = build(Reader(role="operator"), [one], view(language))
        assert built is None or built.subject


def test_the_first_digest_is_the_state_of_play() -> None:
    built = build_first(Reader(), view())
    assert built.subject == "现状：6 个平台中 2 个停更，林芝最久（400 天）"
    text = said(built)
    for part in (
        "2025年10月20日起停更，已 400 天",
        "120 个数据集逾期（共 3000 个）",
        "没有已知的开放数据平台：拉萨",
        "已知有平台，还不能读取：西安",
    ):
        assert part in text
    assert [section.key for section in built.sections] == ["stopped", "slowed", "overdue", "silent"]
    assert built.events == ()


def test_a_first_digest_with_nothing_to_watch_says_so() -> None:
    built = build_first(Reader(), View(Situation(PLACES), wording("en"), NOW))
    assert built.subject == "State of play: no portal to watch yet in what you follow"
    assert "no readable portal yet" in said(built)


def test_every_state_can_be_told_in_a_first_digest() -> None:
    for state in ("stopped", "stopped_faking", "stopping", "slowed", "down", "empty"):
        for moment in (ago(300), None):
            standing = PortalStanding("guiyang", state, moment, moment)
            for language in ("zh", "en"):
                built = build_first(Reader(), view(language, standings=(standing,)))
                assert built.sections[0].groups[0].heading in CITIES["guiyang"]


def test_a_heartbeat_says_that_the_watch_is_alive() -> None:
    built = build_heartbeat(Reader(), view("en"))
    assert built.subject == "A quiet month: 6 portals read, nothing to report"
    assert "Still stopped (2): Nyingchi (400 days), Guiyang (251 days)" in said(built)


def test_the_footer_says_why_and_how_to_leave() -> None:
    reader = Reader(
        scope=Filter(
            frozenset({"jinan"}), frozenset({"交通出行"}), ("city.*",), Severity.SEVERE, (), ("济南",), ("Jinan",)
        )
    )
    built = digest([event("city.stopped", "jinan")], reader, "en")
    why, leave = (as_text(line.words) for line in built.footer)
    assert why == (
        "You get this because the subscription “desk” follows Jinan (only severe events, transport, city.*), "
        "every day at 08:00."
    )
    assert "delete “desk” in the subscribers file" in leave


def test_one_odd_event_does_not_keep_the_others_from_being_told() -> None:
    odd = [
        event("brand.new_kind", "jinan"), event("dataset.overdue", "jinan", "d", evidence={"frequency": 5, "claimed": "soon"}),
        event("bulk.deletion", "jinan", evidence={"count": "many", "catalogue": 0}), event("dataset.changed", "jinan", "e", severity=Severity.NOTABLE, evidence={"fields": {"x<y": 1}}),
        event("dataset.open_type_changed", "jinan", "f", evidence={"before": None, "after": []}), event("platform.moved", "jinan", evidence={"by_id": 3}),
        event("dataset.removed", "jinan", "g", evidence={"absent": [], "last_seen": "2026-11-01"}, confidence=Confidence.PROBABLE),
    ]  # fmt: skip
    for language in ("zh", "en"):
        assert len(digest(odd, language=language).events) == len(odd)


def test_without_evidence_and_pages_nothing_hangs_in_the_air() -> None:
    bare = event("dataset.new", "jinan", "d", title="公交", evidence={"runs": []}, run="")
    [section] = digest([bare]).sections
    assert section.groups[0].lines[0].notes == ()
    assert section.groups[0].notes == ()


@pytest.mark.parametrize(("look", "page"), [("gone", True), ("unknown", False), (None, False)])
def test_a_page_is_called_gone_only_where_it_was_looked_at(look: str | None, *, page: bool) -> None:
    removed = event("dataset.removed", "jinan", "d", title="公交", evidence={"last_seen": ago(3), "look": look})
    text = said(digest([removed]))
    assert "最后一次见到是 11月21日" in text
    assert ("详情页也已不在" in text) == page
