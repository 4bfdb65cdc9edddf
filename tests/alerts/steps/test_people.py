"""What people say by command: watches, notes, acknowledgements, mutes; and what a wrong word is answered with."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import Result

from alerts.cli.output import when
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.alerts.digest.making import NOW, event
from tests.alerts.publish.filling import put_events

Alerts = Callable[..., Result]
HOSTILE = "\x1b[31m公交\x9b31m\u202e[bold]站点[/bold]\r\n@all"
FILE = "subscribers:\n  - name: desk\n    language: en\n    urls: ['json://127.0.0.1:9/']\n    filter: {cities: [guiyang]}\n"
PAGE = "https://data.guiyang.example/dataset/"


@pytest.fixture
def store(store_config: StoreConfig) -> Iterator[Store]:
    """A database of replayed nights, so that the days of a note can pass."""
    with open_store(store_config, env=on(0)) as opened:
        put(opened, "guiyang", {"a1": {"frequency": "每月"}, "a2": None})
        for name, title in (("a1", HOSTILE), ("a2", "纳税信息")):
            shown = {
                "title": title,
                "office": "交通局",
                "page_url": PAGE + name,
                "frequency_raw": "每月",
                "updated": AT,
            }
            opened.db["datasets"].update_one({"id": name}, {"$set": shown})
        yield opened


@pytest.fixture
def desk(subscribe) -> None:
    subscribe(FILE)


def on(day: float) -> dict[str, str]:
    return {"WATCH_NOW": (NOW + timedelta(days=day)).isoformat()}


def date(day: int) -> str:
    return (NOW + timedelta(days=day)).date().isoformat()


def harmless(text: str) -> bool:
    return not [c for c in text if (ord(c) < 32 and c != "\n") or c in "\x7f\x9b\u202e"]


def watch(alerts: Alerts, *pages: str, name: str = "desk", command: str = "add") -> Result:
    options = [word for page in pages for word in ("--watch", page)]
    return alerts("subscribe", command, "--subscriber", name, *options, **on(0))


@pytest.mark.usefixtures("store", "desk")
def test_pasted_pages_become_watches_and_what_cannot_says_why(alerts: Alerts) -> None:
    done = watch(alerts, PAGE + "a1", "guiyang:a2", "guiyang:zzz", "http://nowhere.example/\x1b[2J")
    assert done.exit_code == 1, "one of them could not be watched"
    added, second, unknown, nowhere = done.stdout.splitlines()
    assert added.startswith("added  guiyang:a1 ")
    assert f"(listed, updated {when(AT)}, promised 每月, files: not looked at yet)" in added
    assert second.startswith("added  guiyang:a2 纳税信息")
    assert "no dataset with an id of this address is known of guiyang; paste the dataset's own page" in unknown
    assert "no portal of the register is at nowhere.example" in nowhere
    assert harmless(done.stdout)
    again = watch(alerts, PAGE + "a1")
    assert again.exit_code == 0
    assert again.stdout.startswith("was there already  guiyang:a1")


@pytest.mark.usefixtures("store", "desk")
def test_watches_are_shown_with_how_they_stand_and_taken_away(alerts: Alerts) -> None:
    empty = alerts("subscribe", "watches", **on(0))
    assert "Nothing is watched: python -m alerts subscribe add" in empty.stdout
    watch(alerts, "guiyang:a1", "guiyang:a2")
    table = alerts("subscribe", "watches", "--subscriber", "desk", **on(0))
    assert "guiyang:a2" in table.stdout
    assert "[bold]站点[/bold]" in table.stdout
    assert harmless(table.stdout)
    rows = json.loads(alerts("subscribe", "watches", "--json", **on(0)).stdout)
    assert [(one["dataset"], one["state"], one["promise"]) for one in rows] == [
        ("guiyang:a1", "listed", "每月"),
        ("guiyang:a2", "listed", "每月"),
    ]
    gone = watch(alerts, PAGE + "a1", "guiyang:zzz", command="remove")
    assert gone.exit_code == 1
    assert gone.stdout.splitlines() == [f"removed  {PAGE}a1", "was not watched  guiyang:zzz"]
    assert watch(alerts, "guiyang:a2", command="remove").exit_code == 0
    assert "Nothing is watched" in alerts("subscribe", "watches", **on(0)).stdout


def test_a_watched_dataset_is_in_the_preview_at_once(alerts: Alerts, store: Store, desk: None) -> None:
    alerts("digest", **on(0))
    watch(alerts, "guiyang:a2")
    gone = event("dataset.updated", "guiyang", "a2", portal="520100.1", title="纳税信息", at=NOW + timedelta(hours=1))
    put_events(store, gone)
    assert "not due yet" not in alerts("digest", **on(0.1)).stdout
    assert store.db["deliveries"].count_documents({"kind": "changes"}) == 1


@pytest.mark.usefixtures("store", "desk")
@pytest.mark.parametrize(
    "words",
    [
        ("subscribe", "add", "--subscriber", "dest", "--watch", "guiyang:a1"),
        ("subscribe", "remove", "--subscriber", "dest", "--watch", "guiyang:a1"),
        ("subscribe", "watches", "--subscriber", "dest"),
        ("subscribe", "overdue", "--subscriber", "dest"),
        ("mute", "dest", "--until", date(5)),
        ("digest", "--preview", "--subscriber", "dest"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(alerts: Alerts, words: tuple[str, ...]) -> None:
    refused = alerts(*words, **on(0))
    assert refused.exit_code == 2
    assert "there is no subscriber 'dest'; did you mean 'desk'?" in refused.stderr


@pytest.mark.usefixtures("store", "desk")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("note", "guiyan", "x"), "did you mean guiyang?"),
        (("note", "guiyang"), 'write the note in quotes, such as "migration until 12 March"'),
        (("note", "guiyang", "x", "--clear"), "or give --clear alone"),
        (("note", "guiyang", "x", "--until", "tomorrow"), "--until 'tomorrow' is no date"),
        (("note", "guiyang", "x", "--until", date(-1)), f"--until {date(-1)} is past; name a later date"),
        (("note", "拉萨", "x"), "the register holds no portal of Lhasa"),
        (("note", "重庆", "x"), "has no portal that is read"),
        (("ack", "guiyang"), "say until when with --until"),
        (("ack", "guiyang", "--until", date(5), "--clear"), "or give --clear alone"),
        (("mute", "desk"), "say until when with --until"),
        (("mute", "desk", "--until", "soon"), "--until 'soon' is no date"),
        (("states", "--portal", "guiyan"), "did you mean guiyang?"),
        (("states", "--since", "soon"), "--since 'soon' is no date"),
    ],
)
def test_a_wrong_word_says_what_would_be_right(alerts: Alerts, words: tuple[str, ...], said: str) -> None:
    refused = alerts(*words, **on(0))
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output


def test_a_note_is_shown_until_it_ends_or_is_cleared(alerts: Alerts, store: Store, desk: None) -> None:
    def note(day: float) -> dict | None:
        [state] = json.loads(alerts("states", "--json", **on(day)).stdout)
        return state["note"]

    assert note(0) is None
    done = alerts("note", "贵阳", HOSTILE, "--until", date(5), "--by", "Li\x1b[2J", **on(0))
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("note: guiyang until the end of 2026-11-29 (Asia/Shanghai)")
    kept = note(1)
    assert kept
    assert (kept["kind"], kept["until"], kept["ended"]) == ("note", "2026-11-29T16:00:00+00:00", False)
    alerts("digest", **on(0))
    put_events(store, event("dataset.removed", dataset="a1", title="x", at=NOW + timedelta(hours=9)))
    for shown in (alerts("states", **on(1)), alerts("digest", "--preview", **on(1))):
        assert "[bold]站点[/bold]" in shown.stdout
        assert harmless(shown.stdout)
    assert "through 29 November" in alerts("digest", "--preview", **on(1)).stdout, "the day that was written"
    assert note(5.66), "half an hour before that day ends in Shanghai"
    assert note(5.67) is None
    assert note(6) is None
    assert "note: there was nothing to clear" in alerts("note", "guiyang", "--clear", **on(6)).stdout
    everywhere = alerts("note", "贵州", "migration", **on(7))
    assert {"note: guizhou", "note: guiyang", "note: zunyi"} <= set(everywhere.stdout.splitlines())
    assert alerts("note", "guizhou", "only the province's own", **on(7)).stdout == "note: guizhou\n"
    assert note(8)
    assert "note: guiyang cleared" in alerts("note", "guiyang", "--clear", **on(9)).stdout
    assert note(10) is None


@pytest.mark.usefixtures("store")
def test_a_day_is_meant_whole_on_the_clock_of_whom_it_concerns(alerts: Alerts, subscribe) -> None:
    subscribe(FILE.rstrip() + "\n    rhythm: {timezone: America/New_York}\n")
    told = alerts("mute", "desk", "--until", date(5), "--json", **on(0))
    assert json.loads(told.stdout)[0]["remark"]["until"] == "2026-11-30T05:00:00+00:00"
    assert (
        "until the end of 2026-11-29 (America/New_York)" in alerts("mute", "desk", "--until", date(5), **on(0)).stdout
    )
    at_six = alerts("note", "guiyang", "x", "--until", "2026-11-29T18:00", **on(0)).stdout
    assert at_six == "note: guiyang until 2026-11-29 18:00 (Asia/Shanghai)\n"


@pytest.mark.usefixtures("store", "desk")
def test_an_acknowledgement_stands_beside_the_state_and_is_taken_back(alerts: Alerts) -> None:
    def ack(day: float) -> dict | None:
        return json.loads(alerts("states", "--json", **on(day)).stdout)[0]["ack"]

    assert alerts("ack", "guiyang", "--until", date(9), "--by", "Wang", **on(0)).exit_code == 0
    kept = ack(1)
    assert kept
    assert (kept["by"], kept["text"]) == ("Wang", "")
    assert "ack  guiyang: known until" in alerts("states", **on(1)).stdout
    assert "ack: guiyang cleared" in alerts("ack", "guiyang", "--clear", **on(2)).stdout
    assert ack(3) is None
    alerts("ack", "guiyang", "--until", date(9), **on(4))
    assert ack(5)
    assert ack(10) is None


def test_a_mute_holds_everything_back_and_then_tells_it(alerts: Alerts, store: Store, desk: None) -> None:
    alerts("digest", **on(0))
    assert "mute: desk until" in alerts("mute", "desk", "--until", date(5), **on(0)).stdout
    put_events(store, event("dataset.removed", dataset="a1", title="x", at=NOW + timedelta(days=1)))
    assert "desk: muted" in alerts("digest", **on(2)).stdout
    assert "desk: Guiyang removed 1 dataset" in alerts("digest", **on(6)).stdout
    alerts("mute", "desk", "--until", date(30), **on(7))
    put_events(store, event("dataset.removed", dataset="a2", title="y", at=NOW + timedelta(days=7)))
    assert "desk: muted" in alerts("digest", **on(8)).stdout
    assert "mute: desk cleared" in alerts("mute", "desk", "--clear", **on(8)).stdout
    assert "desk: Guiyang removed 1 dataset" in alerts("digest", **on(9)).stdout
