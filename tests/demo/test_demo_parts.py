"""The demo's own parts: its script is consistent, its catchers keep what arrives, its judgement is exact."""

import json
import smtplib
import subprocess
import sys
import urllib.request
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from rich.console import Console

from opendata_spiders.store.models import Verdict
from tests.replica import truth
from tests.replica.catchers import HookCatcher, MailCatcher, read_mail
from tests.replica.demo import MARK, main
from tests.replica.demo_commands import Commands
from tests.replica.demo_report import LETTERS, events_table, judge, keep_strip, last_digest, strip
from tests.replica.demo_script import CITIES, NIGHTS, Expected, Play, departing_office, the_play


@pytest.fixture(scope="module")
def play() -> Play:
    return the_play()


def events(play: Play) -> list[dict[str, str | None]]:
    """What the command line would give if everything went as scripted."""
    loud: list[dict[str, str | None]] = [
        {
            "slug": one.slug,
            "kind": one.kind,
            "dataset": one.dataset or None,
            "at": play.world.moment(one.night).isoformat(),
        }
        for one in play.expected
    ]
    quiet: list[dict[str, str | None]] = [
        {"slug": slug, "kind": kind, "dataset": f"{number}", "at": play.world.moment(night).isoformat()}
        for (slug, night, kind), count in play.quiet.items()
        for number in range(count)
    ]
    return loud + quiet


def test_the_script_agrees_with_the_truth_of_the_replica(play: Play) -> None:
    """The script was written by hand, the truth is worked out: whatever both judge must be the same."""
    for slug in CITIES:
        told = truth(play.world, slug, play.nights)
        scripted = [(one.kind, one.dataset, one.night) for one in play.expected if one.slug == slug]
        assert told.score(scripted).perfect
        assert not any(told.score(scripted).delays.values())


def test_the_script_plays_what_the_demo_promises(play: Play) -> None:
    assert len(NIGHTS) >= 10
    kinds = {(one.slug, one.kind) for one in play.expected}
    assert {("jinan", "city.stopped"), ("zunyi", "city.resumed"), ("qingdao", "bulk.deletion")} <= kinds
    assert [night for slug, night in play.verdicts if slug == "dazhou"] == [25, 31]
    assert {kind for slug, kind in kinds if slug == "dazhou"} == {"platform.blocked"}
    assert set(play.verdicts.values()) == {Verdict.BLOCKED, Verdict.PARTIAL, Verdict.DRIFTED, Verdict.UNREACHABLE}
    assert 5 < play.world.offices("qingdao")[departing_office(play.world)] < 22


def test_a_shorter_play_expects_less_and_nothing_else(play: Play) -> None:
    short = the_play(nights=NIGHTS[:5])
    assert short.expected == tuple(one for one in play.expected if one.night <= 19)
    assert short.verdicts == {("zunyi", 9): Verdict.UNREACHABLE}


def test_the_judgement_is_exact(play: Play) -> None:
    told = events(play)
    assert judge(play, told).right
    assert judge(play, told).found == play.expected
    assert judge(play, told[1:]).missing == play.expected[:1]
    invented = {"slug": "dazhou", "kind": "dataset.removed", "dataset": "x", "at": play.world.moment(37).isoformat()}
    assert judge(play, [*told, invented]).invented == (Expected(37, "dazhou", "dataset.removed", "x"),)
    assert judge(play, told[:-1]).miscounted == {("shenyang", 54, told[-1]["kind"]): -1}
    assert not judge(play, [*told, told[-1]]).right


def test_a_mail_is_kept_as_mail_and_as_page(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "济南停更", "watch@example.org", "reader@example.org"
    mail.set_content("停更 247 天")
    mail.add_alternative("<p>停更 <b>247</b> 天</p>", subtype="html")
    with MailCatcher(tmp_path / "mails") as catcher:
        address = urlsplit(catcher.url)
        with smtplib.SMTP(str(address.hostname), address.port or 0, timeout=10) as server:
            server.send_message(mail)
    assert read_mail(tmp_path / "mails" / "01.eml")["Subject"] == "济南停更"
    assert "<b>247</b>" in (tmp_path / "mails" / "01.html").read_text("utf-8")
    console = Console(width=100, record=True, file=StringIO())
    console.print(last_digest(catcher.mails))
    shown = console.export_text()
    assert "济南停更" in shown
    assert "停更 247 天" in shown


def test_a_post_is_kept_as_json(tmp_path: Path) -> None:
    with HookCatcher(tmp_path / "hooks") as catcher:
        url = catcher.url.replace("json://", "http://")
        body = json.dumps({"message": "批量下架"}).encode()
        with urllib.request.urlopen(url, body, timeout=10) as response:  # noqa: S310 -- loopback
            assert response.status == 200
    assert json.loads((tmp_path / "hooks" / "01.json").read_text("utf-8"))["message"] == "批量下架"
    assert catcher.posts == [tmp_path / "hooks" / "01.json"]


def test_the_strip_shows_every_verdict_and_says_that_nobody_was_accused(play: Play, tmp_path: Path) -> None:
    verdicts: dict[tuple[str, int], Verdict | None] = {
        (slug, night): play.verdict(slug, night) for slug in CITIES for night in play.nights
    }
    keep_strip(strip(play, verdicts), tmp_path)
    text = (tmp_path / "strip.txt").read_text("utf-8")
    shown = {verdict: text.count(f"██{letter}███") for verdict, letter in LETTERS.items()}
    assert shown == {verdict: list(verdicts.values()).count(verdict) for verdict in LETTERS}, (
        "told apart without colour"
    )
    assert len(set(LETTERS.values())) == len(LETTERS)
    assert [letter for verdict, letter in LETTERS.items() if verdict and f"■ {letter} {verdict}" not in text] == []
    assert text.count("not read; nobody accused") == 1
    assert "<svg" in (tmp_path / "strip.svg").read_text("utf-8")
    assert "贵阳 guiyang" in (tmp_path / "strip.html").read_text("utf-8")


def test_the_table_marks_what_was_not_scripted(play: Play) -> None:
    invented = {"slug": "dazhou", "kind": "dataset.removed", "dataset": "x", "at": play.world.moment(37).isoformat()}
    console = Console(width=160, record=True, file=StringIO())
    console.print(events_table(play, judge(play, [*events(play), invented])))
    lines = console.export_text().splitlines()
    assert [line.split()[3] for line in lines if "not scripted" in line] == ["dataset.removed"]
    assert any("dataset.new ×2" in line for line in lines)


def test_commands_see_nothing_of_the_callers_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://somewhere.example")
    monkeypatch.setenv("REGISTER_DIR", "/nowhere")
    env = Commands(tmp_path).env
    assert (env["MONGODB_URI"], env["REGISTER_DIR"], env["MONGODB_DATABASE"]) == ("", "", "demo")
    assert env["DATA_DIR"] == str(tmp_path / "data")


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    refused = CliRunner().invoke(main, ["--out", str(tmp_path)])
    assert refused.exit_code == 2
    assert "--out" in refused.output
    assert (tmp_path / "mine.txt").exists()
    assert not (tmp_path / MARK).exists()


def test_help_says_what_it_does() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "tests.replica.demo", "--help"], capture_output=True, text=True, check=True
    )
    assert "--out" in shown.stdout
