"""The back-cast, as a function of claimed dates."""

from collections import Counter
from datetime import date

from alerts.scoreboard.backcast import ClaimedDays, ImportedCrawl, backcast
from alerts.scoreboard.quarters import Quarter

QUARTERS = tuple(Quarter(2025, 1).plus(n) for n in range(4))


def days(*datasets: tuple[str | None, ...]) -> ClaimedDays:
    """What a list claims; of each dataset the day of its publication, then its other days."""
    published = Counter(date.fromisoformat(first) for first, *_ in datasets if first)
    return ClaimedDays(
        len(datasets), published, frozenset(date.fromisoformat(one) for dates in datasets for one in dates if one)
    )


def test_datasets_count_from_the_quarter_of_their_publication() -> None:
    told = backcast(days(("2019-05-01",), ("2025-03-31",), ("2025-04-01",), (None,)), (), QUARTERS)
    assert list(told.published.values()) == [2, 3, 3, 3]
    assert (told.datasets, told.undated) == (4, 1)


def test_a_quarter_is_claimed_by_any_date_in_it() -> None:
    told = backcast(days(("2019-05-01", "2025-02-02"), (None, "2025-12-31")), (), QUARTERS)
    assert list(told.updated.values()) == [True, False, False, True]
    assert told.share == 0.5


def test_an_imported_crawl_adds_the_dates_that_stood_there_then_and_no_dataset() -> None:
    crawl = ImportedCrawl(date(2025, 7, 1), "old.csv", days(("2025-01-05", "2025-06-30")))
    told = backcast(days(("2025-01-05", "2025-12-01")), [crawl], QUARTERS)
    assert list(told.updated.values()) == [True, True, False, True]
    assert (told.datasets, list(told.published.values())) == (1, [1, 1, 1, 1])


def test_of_nothing_nothing_is_claimed() -> None:
    told = backcast(days(), (), QUARTERS)
    assert (told.share, set(told.updated.values()), backcast(days(), (), ()).share) == (0, {False}, 0)
