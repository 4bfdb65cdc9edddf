"""Which paths are proven to show which fields, and what is left out rather than guessed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_spiders.healing.proof import names_dataset, prove_id
from opendata_spiders.store.clock import SHANGHAI
from tests.healing.known import NOW, POLICY, datasets, entries, proven, value

KNOWN = datasets()
NAMES = ("title", "office", "description", "frequency", "open_type", "formats", "published", "updated", "rows")
CODES = {"每日": "17", "每月": "3", "每季度": "44", "每年": "1"}


def milliseconds(name: str):
    def show(one) -> int:
        stamp = datetime.strptime(one.values[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        return int(stamp.timestamp() * 1000)

    return show


def test_keys_without_a_meaning_are_proven_by_their_values():
    shown = entries(KNOWN, **{f"k{place}": value(name) for place, name in enumerate(NAMES)}, key=lambda one: one.id)
    proof, found = proven(KNOWN, shown)
    assert proof.keys == {f"k{place}": name for place, name in enumerate(NAMES)}
    assert (found.found, proof.unproven) == (len(KNOWN), {})
    assert prove_id(found, (), POLICY).path == "key"


def test_values_in_another_notation_say_the_same():
    shown = entries(
        KNOWN, a=value("title"), b=milliseconds("published"), c=lambda one: one.values["updated"].replace("-", "/")[:16],
        d=lambda one: ";".join(one.values["formats"]).upper(), e=lambda one: f"{int(one.values['rows']):,}",
        f=lambda one: {"name": one.values["office"]},
    )  # fmt: skip
    proof, _ = proven(KNOWN, shown)
    wanted = {"a": "title", "f.name": "office", "d": "formats", "b": "published", "c": "updated", "e": "rows"}
    assert proof.keys == wanted


def test_codes_are_proven_where_they_stand_for_words_one_to_one():
    shown = entries(KNOWN, t=value("title"), f=lambda one: CODES[one.values["frequency"]])
    proof, _ = proven(KNOWN, shown)
    assert proof.fits["frequency"].codes == {code: word for word, code in CODES.items()}


def test_one_code_for_two_words_proves_nothing():
    codes = {**CODES, "每年": "44"}
    proof, _ = proven(KNOWN, entries(KNOWN, t=value("title"), f=lambda one: codes[one.values["frequency"]]))
    assert "frequency" not in proof.fits


def test_codes_of_offices_are_not_taken_for_offices_or_themes():
    shown = entries(KNOWN, t=value("title"), o=lambda one: f"D{hash_of(one.values['office'])}")
    proof, _ = proven(KNOWN, shown)
    assert set(proof.fits) == {"title"}


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def constant(**changed: Any) -> list:
    return [type(one)(one.id, {**one.values, **changed}) for one in KNOWN]


def test_what_is_the_same_everywhere_is_proven_by_its_word_alone():
    known = constant(open_type="无条件开放")
    terms = value("open_type")
    by_value, _ = proven(known, entries(known, t=value("title"), x=terms))
    by_word, _ = proven(known, entries(known, t=value("title"), 开放类型=terms))
    two, _ = proven(known, entries(known, t=value("title"), 开放类型=terms, y=terms))
    assert "same nearly everywhere" in by_value.unproven["open_type"]
    assert by_word.keys == {"t": "title", '"开放类型"': "open_type"}
    assert "open_type" in two.unproven


def test_two_dates_that_are_the_same_everywhere_are_left_out():
    known = [type(one)(one.id, {**one.values, "updated": one.values["published"]}) for one in KNOWN]
    proof, _ = proven(known, entries(known, t=value("title"), a=value("published"), b=value("updated")))
    assert proof.unproven["published"] == proof.unproven["updated"] == "a and b fit equally well"
    one_path, _ = proven(known, entries(known, t=value("title"), a=value("published")))
    assert one_path.fits.keys() == {"title"}
    assert "nothing tells which it is" in one_path.unproven["updated"]
    called, _ = proven(known, entries(known, t=value("title"), issued=value("published"), modified=value("updated")))
    assert called.keys == {"t": "title", "issued": "published", "modified": "updated"}


def test_a_date_that_differs_on_one_entry_of_forty_is_another_date():
    def entered(one) -> str:
        return one.values["updated"] if one is KNOWN[7] else one.values["published"]

    proof, _ = proven(KNOWN, entries(KNOWN, t=value("title"), e=entered))
    assert proof.unproven["published"] == "no path shows its values"


def test_a_date_without_a_word_must_differ_from_the_others_on_many_entries():
    known = [
        type(one)(one.id, {**one.values, "updated": one.values["updated" if place < 12 else "published"]})
        for place, one in enumerate(KNOWN)
    ]
    shown = {"t": value("title"), "p": value("published")}
    by_value, _ = proven(known, entries(known, **shown, u=value("updated")))
    by_word, _ = proven(known, entries(known, **shown, modified=value("updated")))
    assert "too few entries" in by_value.unproven["updated"]
    assert by_word.fits["updated"].path == "modified"


def test_a_dataset_that_was_updated_since_proves_nothing_and_disproves_nothing():
    moved = {one.id for one in KNOWN[:10]}
    later = f"{NOW - timedelta(days=1):%Y-%m-%d %H:%M:%S}"
    shown = entries(
        KNOWN, t=value("title"), u=lambda one: later if one.id in moved else one.values["updated"],
        r=lambda one: "7" if one.id in moved else one.values["rows"], p=value("published"),
    )  # fmt: skip
    proof, _ = proven(KNOWN, shown)
    assert proof.keys == {"t": "title", "p": "published", "u": "updated", "r": "rows"}


def test_a_flag_that_agrees_by_chance_is_not_taken():
    known = [type(one)(one.id, {**one.values, "apis": "1" if n else "0"}) for n, one in enumerate(KNOWN)]
    proof, _ = proven(known, entries(known, t=value("title"), flag=lambda _: 1))
    assert "apis" in proof.unproven


def test_the_same_title_twice_is_a_title():
    proof, _ = proven(KNOWN, entries(KNOWN, t=value("title"), full=value("title")))
    assert proof.keys == {"t": "title"}


def test_too_few_entries_prove_nothing():
    few = datasets(POLICY.matched_least - 1)
    proof, _ = proven(few, entries(few, t=value("title"), o=value("office")))
    assert proof.fits == {}
    assert "20 are needed" in proof.unproven["title"]


def test_titles_that_repeat_are_told_apart_by_office():
    known = [
        type(one)(one.id, {**one.values, "title": f"名录{n // 2}", "office": f"{n % 2}局"})
        for n, one in enumerate(KNOWN)
    ]
    _, found = proven(known, entries(known, t=value("title"), o=value("office")))
    assert [one.known.id for one in found.matches] == [one.id for one in known]
    _, unknown = proven(known, entries(known, t=value("title")))
    assert unknown.found == 0


@pytest.mark.parametrize(("links", "path"), [("all", "mark"), ("none", None)])
def test_new_ids_are_proven_by_the_links_of_the_page(links: str, path: str | None):
    shown = entries(KNOWN, t=value("title"), mark=lambda one: f"N{one.id[:8]}", other=lambda one: f"X{one.id[4:12]}")
    shown = [{**one, "rank": place} for place, one in enumerate(shown)]
    _, found = proven(KNOWN, shown)
    addresses = tuple(f"http://127.0.0.1/d?x={one['mark']}&y=1" for one in shown) if links == "all" else ()
    proof = prove_id(found, addresses, POLICY)
    assert (proof and proof.path) == path
    assert proof is None or not proof.survives


def test_a_number_of_rows_is_no_id():
    shown = [{**one, "id": place} for place, one in enumerate(entries(KNOWN, t=value("title")), 1)]
    assert prove_id(proven(KNOWN, shown)[1], (), POLICY) is None


def test_an_id_within_a_longer_word_is_not_named():
    assert names_dataset("/d/17?x=1", "17")
    assert not names_dataset("/d/170", "17")
    assert not names_dataset("/d/", "")


NOISE: Mapping[str, Any] = {
    "rank": lambda one, rng: rng.randrange(5),
    "flag": lambda one, rng: rng.random() < 0.5,
    "entered": lambda one, rng: one.values["published"] if rng.random() < 0.9 else one.values["updated"],
    "unit": lambda one, rng: one.values["office"] if rng.random() < 0.9 else "市数据局",
    "code": lambda one, rng: f"D{hash_of(one.values['office'])}",
    "blank": lambda one, rng: None,
    "day": lambda one, rng: one.values["updated"][:10],
    "short": lambda one, rng: one.values["title"][:6],
}


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(NAMES[1:]), unique=True), st.lists(st.sampled_from(sorted(NOISE)), unique=True),
    st.integers(0, 10**6),
)  # fmt: skip
def test_no_path_is_ever_taken_for_another_field(shown: list[str], noise: list[str], seed: int):
    """Whatever part of the fields a portal shows, under whatever keys, and whatever stands beside them."""
    rng = Random(seed)
    keys = rng.sample(range(1000), len(NAMES) + len(NOISE))
    meaning = {f"x{keys[place]}": name for place, name in enumerate(["title", *shown])}
    beside = {f"x{keys[len(NAMES) + place]}": name for place, name in enumerate(noise)}
    rows = [
        {key: one.values[name] for key, name in meaning.items()}
        | {key: NOISE[name](one, rng) for key, name in beside.items()}
        for one in KNOWN
    ]
    proof, _ = proven(KNOWN, [dict(rng.sample(sorted(row.items()), len(row))) for row in rows])
    wrong = {path: name for path, name in proof.keys.items() if meaning.get(path, beside.get(path)) != name}
    assert {path: name for path, name in wrong.items() if (beside.get(path), name) != ("day", "updated")} == {}
