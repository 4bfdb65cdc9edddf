"""Quarters and scores: what holds for all of them."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from alerts.scoreboard.definitions import components, definitions
from alerts.scoreboard.quarters import Quarter, judge_quarters, last_complete, quarter_of
from alerts.scoreboard.rank import score

DAYS = st.dates(date(2008, 1, 1), date(2100, 1, 1))
NAMES = sorted(components())
SHARES = st.fixed_dictionaries({name: st.floats(0, 1) for name in NAMES})


@given(DAYS)
def test_quarters_follow_one_another(day: date) -> None:
    quarter = quarter_of(day)
    assert quarter.plus(-1).plus(1) == quarter.plus(1).plus(-1) == quarter
    assert quarter.first <= day < quarter.plus(1).first
    four = last_complete(day, 4)
    assert [one.plus(1) for one in four] == [*four[1:], quarter]


@given(
    st.sets(st.sampled_from(last_complete(date(2026, 11, 24), 4))),
    st.dictionaries(st.sampled_from(last_complete(date(2026, 11, 24), 4)), st.integers(0, 92)),
    st.sets(st.sampled_from(last_complete(date(2026, 11, 24), 4))),
)
def test_evidence_proves_and_watching_or_the_portal_s_own_dates_disprove(
    evidence: set[Quarter], nights: dict[Quarter, int], quiet: set[Quarter]
) -> None:
    told = judge_quarters(last_complete(date(2026, 11, 24), 4), evidence, nights, 60, quiet)
    for quarter, answer in told.updated.items():
        missed = nights.get(quarter, 0) >= 60 or quarter in quiet
        assert answer is (True if quarter in evidence else False if missed else None)
    assert told.observed == sum(count >= 60 for count in nights.values())
    assert told.is_observed == (told.observed == 4)
    assert (told.every is True) == (len(evidence) == 4)
    assert (told.every is False) == (False in told.updated.values())


@given(SHARES, st.sampled_from(NAMES), st.floats(0, 1))
def test_a_better_part_never_lowers_a_score(shares: dict[str, float], name: str, other: float) -> None:
    better = {**shares, name: max(shares[name], other)}
    assert 0 <= score(shares) <= score(better) <= 100


def test_the_ends_of_the_scale() -> None:
    assert score(dict.fromkeys(NAMES, 0.0)) == 0
    assert score(dict.fromkeys(NAMES, 1.0)) == 100


def test_definitions_are_whole() -> None:
    for one in definitions().values():
        assert all((one.zh, one.en, one.definition, one.version))
        assert one.basis in ("read by us", "register only", "official register")
        assert one.kind in ("share", "sum", "median")


def test_every_definition_is_published() -> None:
    page = (Path(__file__).parents[3] / "docs" / "scoreboard.md").read_text("utf-8")
    for code, one in definitions().items():
        row = (f"`{code}`", one.zh, one.en, str(one.version), one.basis, one.definition, one.differs)
        assert f"| {' | '.join(row)} |" in page
    for name, part in components().items():
        assert f"| {name} | {part.zh} | {part.weight:g} | {part.definition} |" in page
