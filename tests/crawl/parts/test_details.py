"""The budget of details: who is asked first, and when we stop asking."""

from opendata_spiders.crawl.absence_probe import sweep_due, to_look_at, unanswered
from opendata_spiders.crawl.details import DetailQueue
from opendata_spiders.items import Dataset
from opendata_spiders.pages.contract import DatasetGoneError, PageBlockedError
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Entry, LookResult


def dataset(id_, fp="same"):
    return Dataset(portal="p", slug="s", id=id_, raw={}, list_fp=fp)


def entry(id_, *, detailed=True):
    return Entry(id=id_, list_fp="same", version="v", detailed=detailed)


def test_new_and_changed_come_before_never_read_before_the_rotating_thirtieth():
    day = next(day for day in range(30) if sweep_due("swept", day, policy()))
    queue = DetailQueue(budget=10, policy=policy(), day=day)
    assert queue.offer(dataset("swept"), entry("swept"))
    assert queue.offer(dataset("unread"), entry("unread", detailed=False))
    assert queue.offer(dataset("changed", fp="other"), entry("changed"))
    assert queue.offer(dataset("new"), None)
    assert [one.id for batch in queue.batches(3) for one in batch] == ["changed", "new", "unread", "swept"]


def test_an_unchanged_dataset_is_read_again_once_in_thirty_days_and_a_night_reads_about_a_thirtieth():
    ids = [f"d{n}" for n in range(3000)]
    for day in range(20_000, 20_030):
        assert 60 <= sum(sweep_due(id_, day, policy()) for id_ in ids) <= 145
    assert all(sum(sweep_due(id_, day, policy()) for day in range(77, 107)) == 1 for id_ in ids)


def test_the_budget_is_kept_and_what_is_left_out_is_counted():
    queue = DetailQueue(budget=2, policy=policy(), day=0)
    assert [queue.offer(dataset(f"d{n}"), None) for n in range(5)] == [True, True, False, False, False]
    assert [(one.code, one.count) for one in queue.findings()] == [("detail.left_out", 3)]


def test_a_portal_that_refuses_details_is_not_asked_on_but_gone_datasets_are_answers():
    queue = DetailQueue(budget=100, policy=policy(), day=0)
    for n in range(policy().same_failure_stop):
        queue.failed(f"gone{n}", DatasetGoneError("HTTP 404"))
    assert queue.may_ask()
    for n in range(policy().same_failure_stop):
        queue.failed(f"no{n}", PageBlockedError("HTTP 403"))
    assert not queue.may_ask()


def test_the_look_takes_all_of_a_few_and_a_changing_sample_of_many():
    known = {f"d{n}" for n in range(200)}
    assert to_look_at(known - {"d7"}, known, {"older"}, policy(), salt="1") == ["d7", "older"]
    first, second = (to_look_at(set(), known, set(), policy(), salt=salt) for salt in "12")
    assert len(first) == len(second) == policy().look_sample
    assert first != second


def test_a_page_that_does_not_answer_is_asked_three_times_and_not_for_ever() -> None:
    gone, still, never = LookResult.GONE, LookResult.OPEN, LookResult.UNKNOWN
    silent = dict.fromkeys(("was_gone", "was_open", "twice", "thrice"), never)
    before = {"was_gone": gone, "was_open": still, "twice": never, "thrice": never}
    assert unanswered([silent, before, {"thrice": never}]) == {"was_gone", "was_open", "twice"}
    assert unanswered([{"first": never}]) == {"first"}
    assert unanswered([{"was_gone": gone, "was_open": still}, before]) == set()
    assert unanswered([]) == set()
