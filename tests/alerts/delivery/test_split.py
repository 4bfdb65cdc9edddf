"""Messages cut to what a service takes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.split import split
from alerts.delivery.targets import targets_of
from alerts.model.services import service
from alerts.text.sanitising import BREAK

WECOM, TELEGRAM = service("wecombot"), service("tgram")

bodies = st.lists(st.text(st.sampled_from("贵阳a🏙\n ·é"), max_size=120), max_size=12).map(BREAK.join)


def squeezed(text: str) -> str:
    return re.sub(r"[\n\f]", "", text)


@given(bodies, st.integers(4, 200))
def test_no_part_is_above_the_limit_in_bytes_and_nothing_is_lost(body: str, limit: int) -> None:
    parts = split(body, limit, WECOM.size)
    assert all(0 < WECOM.size(part) <= limit for part in parts)
    joined = "".join(squeezed(part) for part in parts)
    assert joined.replace(" ", "") == squeezed(body).replace(" ", "")


@given(bodies, st.integers(2, 100))
def test_characters_are_counted_as_telegram_counts_them(body: str, limit: int) -> None:
    assert all(len(part.encode("utf-16-le")) // 2 <= limit for part in split(body, limit, TELEGRAM.size))


def test_a_message_is_cut_between_datasets_where_that_is_possible() -> None:
    datasets = [f"· 《数据集{n}》{'说明' * n}\n" for n in range(1, 30)]
    parts = split(BREAK.join(datasets), 300, WECOM.size)
    assert len(parts) > 3
    assert [line for part in parts for line in part.splitlines(keepends=False)] == [d.strip("\n") for d in datasets]


def test_a_body_that_fits_is_one_part_without_marks() -> None:
    assert split(f"a\n{BREAK}b\n", 0, WECOM.size) == ["a\nb"]
    assert split(f"a\n{BREAK}b\n", 100, WECOM.size) == ["a\nb"]


def test_a_line_longer_than_a_message_is_cut_between_characters() -> None:
    parts = split("字" * 1000, 2048, WECOM.size)
    assert [WECOM.size(part) for part in parts] == [2046, 954]
    assert "".join(parts) == "字" * 1000


def test_a_service_we_do_not_list_has_the_limit_apprise_knows() -> None:
    [unlisted] = targets_of("me", ["rocket://user:password@chat.example.cn/#room"])
    [listed] = targets_of("me", ["wecombot://abcdef"])
    [own] = targets_of("me", ["json://127.0.0.1"])
    assert (unlisted.limit, listed.limit, own.limit) == (1000, 2048, 0)
