"""Every number of a digest is there twice or more: in subject, headings, lines, mail and chat. They agree."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from alerts.digest.build import build
from alerts.digest.city_news import city_events, count_of, datasets_in, distinct, fingerprint, watched_in_bulk
from alerts.digest.model import Digest
from alerts.digest.render import Rendered
from alerts.model.events import Event, Severity
from alerts.text.parts import as_text
from alerts.text.wording import LANGUAGES
from tests.alerts.digest.making import CITIES, NOW, Reader, ago, event, view

SEEDS = range(16)
DATASET_KINDS = (
    "dataset.removed", "dataset.unlisted", "dataset.overdue", "dataset.delinquent", "dataset.new", "dataset.renamed",
    "dataset.promise_weakened", "dataset.updated", "dataset.changed", "resource.broken", "dataset.reappeared",
)  # fmt: skip
REPEATED = ("dataset.updated", "dataset.changed")
FOLD = {
    "zh": re.compile(r"(?:新增 )?([\d,]+) 个(?:数据集|文件)"),
    "en": re.compile(r"([\d,]+) (?:new )?(?:datasets?|files?)\b"),
}
BULK = {
    "zh": re.compile(r"一次(?:下架|新增) ([\d,]+) 个"),
    "en": re.compile(r"([\d,]+) datasets (?:removed|added) at once"),
}
REST = {"zh": re.compile(r"另有 \d+ 城共 ([\d,]+) 条"), "en": re.compile(r"more cit(?:y|ies), ([\d,]+) items?")}
NO_DATASET = {"zh": re.compile("已无任何数据集"), "en": re.compile("^No datasets left")}
AFTER = {"zh": re.compile(r"另有.*?([\d,]+) 条变化$"), "en": re.compile(r"; ([\d,]+) (?:other )?changes?\b")}


def world(seed: int) -> list[Event]:
    """A reader's week, drawn from a fixed seed: nothing, one or hundreds of each kind in each of six cities."""
    dice = Random(seed)
    found: list[Event] = []
    cities = dice.sample(list(CITIES), dice.randint(1, len(CITIES)))
    for slug in cities:
        for kind in dice.sample(DATASET_KINDS, dice.randint(0, 5)):
            for number in range(dice.choice((1, 1, 2, 5, 6, 30, 200))):
                one = event(kind, slug, f"{kind} {number}", title=f"{kind[8:]}目录{number}", office="民政局")
                found += [one] * (dice.randint(1, 3) if kind in REPEATED else 1)
        if dice.random() < 0.3:
            found += _bulk("bulk.deletion", slug, dice)
        if dice.random() < 0.3:
            found.append(event("coverage.lost", slug, evidence={"theme": "交通出行"}))
        if dice.random() < 0.2:
            found.append(event("city.stopped", slug, since=ago(250), evidence={"days_silent": 250}))
        if dice.random() < 0.2:
            found += _bulk("bulk.import", slug, dice)
    return found


def _bulk(kind: str, slug: str, dice: Random) -> Iterator[Event]:
    count = dice.randint(6, 900)
    rows = [{"id": f"bulk {n}", "title": f"第{n}批", "office": "财政局"} for n in range(min(count, 50))]
    yield event(
        kind, slug, evidence={"count": count, "catalogue": 2000} | ({"datasets": rows} if "del" in kind else {})
    )
    if kind == "bulk.import":
        yield from (event("dataset.new", slug, f"imported {n}", severity=Severity.QUIET) for n in range(count))


def built(seed: int, language: str) -> Digest | None:
    return build(Reader(), world(seed), view(language, standings=()))


def number(found: re.Match[str]) -> int:
    return int(found[1].replace(",", ""))


def told(section: str, lines: Sequence[str], language: str) -> int:
    """What the lines of one section add up to, read as a person reads them."""
    total = 0
    for line in lines:
        if found := REST[language].search(line) or BULK[language].search(line) or FOLD[language].match(line):
            total += number(found)
        elif not NO_DATASET[language].search(line):
            total += 1
    return total or len(lines)


def _lines(digest: Digest, key: str) -> list[str]:
    [section] = [one for one in digest.sections if one.key == key]
    return [as_text(line.words) for group in section.groups for line in group.lines]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", SEEDS)
def test_headings_are_what_their_lines_add_up_to(seed: int, language: str) -> None:
    digest = built(seed, language)
    for section in digest.sections if digest else ():
        assert section.count == told(section.key, _lines(digest, section.key), language), section.heading


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_subject_counts_what_the_body_tells(seed: int, language: str) -> None:
    digest = built(seed, language)
    if digest is None or not digest.sections:
        return
    first, *others = digest.sections
    head, tail = digest.subject, AFTER[language].search(digest.subject)
    if tail:
        assert number(tail) == sum(section.count for section in others)
        head = head[: tail.start()]
    if first.key in {"removed", "overdue", "new", "changed"} and (
        counts := re.findall(r"[\d,]+(?= (?:个|条|dataset|change))", head)
    ):
        assert int(counts[0].replace(",", "")) == first.count
    assert tail or not others or len(digest.subject) > 20, "the second half goes only where there is no room"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(6))
def test_mail_chat_and_text_hold_the_same_numbers(seed: int, language: str) -> None:
    digest = built(seed, language)
    if digest is None:
        return
    rendered = Rendered(digest)
    html = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]*>", " ", rendered.html, flags=re.DOTALL)
    html = html.replace(digest.subject, "", 1)
    text, chat = (Counter(re.findall(r"\d[\d,]*", one)) for one in (rendered.text, rendered.markdown))
    assert text == chat
    headings = Counter(str(section.count) for section in digest.sections if section.count > 1)
    assert Counter(re.findall(r"\d[\d,]*", re.sub(r"&#?\w+;", " ", html))) == text + headings


def test_a_theme_that_lost_its_last_dataset_is_no_dataset() -> None:
    gone = [event("dataset.removed", "jinan", f"d{n}", title="公交") for n in range(6)]
    lost = event("coverage.lost", "jinan", evidence={"theme": "交通出行"})
    for language, subject in (("zh", "济南下架 6 个数据集"), ("en", "Jinan removed 6 datasets")):
        digest = build(Reader(), [*gone, lost], view(language))
        assert digest
        assert (digest.subject, digest.sections[0].count) == (subject, 6)
    alone = build(Reader(), [lost], view("en"))
    assert alone
    assert alone.subject == "Jinan: a subject without datasets"


def test_who_hides_an_entry_is_not_said_to_have_removed_it() -> None:
    hidden = [event("dataset.unlisted", "jinan", f"d{n}", title="公交") for n in range(3)]
    for language, subject in (("zh", "济南 3 个数据集从目录消失"), ("en", "Jinan: 3 datasets gone from the catalogue")):
        digest = build(Reader(), hidden, view(language))
        assert digest
        assert digest.subject == subject


def test_a_dataset_is_one_however_often_it_changed() -> None:
    week = [event("dataset.updated", "jinan", "d", at=ago(day), seq=day) for day in range(7)]
    loud = [event("dataset.new", "jinan", "n", title="雨量")]
    digest = build(Reader(), [*week, *loud], view("en"))
    assert digest
    assert "Not listed individually: 1 dataset updated" in Rendered(digest).text


def test_what_an_import_counts_is_not_counted_once_more() -> None:
    many = list(_bulk("bulk.import", "jinan", Random(1)))
    digest = build(Reader(), many, view("en"))
    assert digest
    assert len(re.findall(r"\b\d+ (?:new )?datasets\b", f"{digest.subject}\n{Rendered(digest).text}")) == 2
    assert digest.subject == f"Jinan added {many[0].evidence['count']} datasets"


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("city.resumed", "city.resumed"), "Dezhou is updating again after 9 days; 1 change in Jinan"),
        (("city.stopped", "platform.down"), "Dezhou stopped updating 250 days ago; 1 change in Jinan"),
        (
            ("city.stopping", "city.slowed"),
            "Dezhou counts as stopped in 3 days; 1 change in Jinan",
        ),
        (("event.retracted", "event.retracted"), "Corrections: 2 earlier reports were wrong"),
    ],
)
def test_what_the_lead_leaves_out_is_counted_after_it(kinds: tuple[str, str], said: str) -> None:
    values = {"silent_days": 9, "days_silent": 250, "days_left": 3}
    told = [
        event(kind, slug, since=ago(250 - n), evidence=values if kind.startswith("city.") else {})
        for n, (kind, slug) in enumerate(zip(kinds, ("dezhou", "jinan"), strict=True))
    ]
    digest = build(Reader(), told, view("en", standings=()))
    assert digest
    assert digest.subject == said


Oracle = Callable[[Sequence[Event]], int]


@pytest.mark.parametrize("seed", SEEDS)
def test_datasets_are_counted_as_a_set(seed: int) -> None:
    events = [one for one in world(seed) if one.dataset is not None or one.kind.startswith("bulk.")]
    twice = [*events, *events[: len(events) // 2]]
    for slug in CITIES:
        mine = [one for one in twice if one.slug == slug and one.kind != "bulk.import"]
        ids = {one.dataset for one in mine if one.dataset is not None}
        bulk = sum(one.evidence["count"] for one in mine if one.kind == "bulk.deletion")
        assert datasets_in(mine) == len(ids) + bulk
        assert len(distinct(one for one in mine if one.dataset)) == len(
            {(one.kind, one.dataset) for one in mine if one.dataset}
        )
        if mine:
            assert count_of([city_events(slug, "removed", mine)]) == (datasets_in(mine) or len(mine))


def test_ids_named_by_a_bulk_event_are_not_counted_beside_it() -> None:
    bulk = event("bulk.deletion", "jinan", evidence={"count": 9, "datasets": [{"id": "a"}, {"id": "b"}]})
    events = [
        bulk,
        event("dataset.removed", "jinan", "a"),
        event("dataset.removed", "jinan", "x", at=NOW - timedelta(days=1)),
    ]
    assert datasets_in(events) == 10


def test_only_the_same_events_have_the_same_fingerprint() -> None:
    rows = [{"id": name, "title": "x", "office": ""} for name in "ab"]
    bulk = event("bulk.deletion", "jinan", evidence={"count": 2, "datasets": rows})
    one, other = (watched_in_bulk([bulk], frozenset({("jinan.1", name)})) for name in "ab")
    assert fingerprint(one) != fingerprint(other) != fingerprint([bulk])
    assert fingerprint([bulk, *one]) == fingerprint([replace(bulk), *one]) != fingerprint([*one, bulk])
