"""One grammar for all commands: names of portals, options, outputs, times and exit statuses."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from alerts.cli import main
from opendata_spiders.exits import Exit
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.commands import run_module

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]
ROWS = {"diff", "events", "states", "runs", "kinds", "audit", "scoreboard", "health", "doctor", "retract", "regrade",
        "watches", "overdue"}  # fmt: skip
PORTALS = {"diff", "events", "states", "runs", "audit", "doctor"}
SERVES = "worker"
"""The command that ends only when it is stopped, and so has no answer."""
DATES = {"--since", "--until"}


def commands(group: click.Group = main) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command)
        else:
            yield name, command


def test_the_list_of_commands_says_the_first_sentence_of_each() -> None:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert main.first_sentence(context, name) == command.get_short_help_str(limit=1000) != "", name


def options(command: click.Command) -> dict[str, click.Option]:
    return {word: one for one in command.params if isinstance(one, click.Option) for word in one.opts}


@pytest.mark.parametrize(
    "words",
    [
        "audit --office --csv FILE", "diff guiyang --from a --to b", "digest --preview --replay 30d", "digest --format html",
        "export --out DIR --only dcat --format csv", "health --status 1", "kinds --markdown --json",
        "subscribe --check FILE watches",
    ],
)  # fmt: skip
def test_what_an_option_cannot_change_is_wrong_use_and_not_passed_over(words: str) -> None:
    done = CliRunner().invoke(main, words.split())
    assert done.exit_code == Exit.WRONG_USE, done.output
    assert re.search("belongs? to|exclude each other|leave out|give PORTAL, or|leave it out", done.output), done.output


def test_every_command_answers_programs_and_whoever_shows_rows_fills_a_sheet() -> None:
    for name, command in commands():
        assert ("--json" in options(command)) == (name != SERVES), name
        assert ("--csv" in options(command)) == (name in ROWS), name


def test_portals_are_named_in_one_way() -> None:
    for name, command in commands():
        bare = [one for one in command.params if isinstance(one, click.Argument) and one.metavar == "[PORTAL]..."]
        assert (len(bare) == 1) == (name in PORTALS), name
        assert ("--portal" in options(command)) == (name in PORTALS), name


def test_one_word_for_one_thing() -> None:
    for name, command in commands():
        for word, option in options(command).items():
            if word in DATES:
                assert option.metavar == "DATE", name
            if word == "--subscriber":
                assert option.metavar == "NAME", name
            assert not {"--from-date", "--to-date", "--before", "--after", "--output", "--format-json"} & {word}


def test_no_summary_is_cut_off() -> None:
    environment = {**os.environ, "COLUMNS": "80"}
    for words in ((), ("subscribe",)):
        command = [sys.executable, "-m", "alerts", *words, "--help"]
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        assert "..." not in shown.replace("[ARGS]...", "")
        assert all(len(line) <= 80 for line in shown.splitlines())


def test_the_exit_statuses_are_one_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operator.md").read_text("utf-8")
    table = dict(re.findall(r"^\| ([a-z– ]+) \| (\d+) \|", page, re.MULTILINE))
    for verdict in Verdict:
        assert verdict.exit_status == int(table[verdict.value])
    assert {str(int(one)) for one in Exit} <= set(re.findall(r"\b\d+\b", page))


@pytest.fixture
def alerts(store: Store, store_config: StoreConfig) -> Alerts:
    put(store, "guiyang", {"a1": None})
    put(store, "yangquan", {"a1": None})
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}

    def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return run_module("alerts", *words, env=environment | more)

    return run


def test_a_portal_goes_by_slug_city_or_list_bare_or_as_before(alerts: Alerts) -> None:
    def slugs(*words: str) -> list[str]:
        return [one["slug"] for one in json.loads(alerts("runs", *words, "--json").stdout)]

    for words in (("guiyang",), ("贵阳",), ("贵阳市",), ("--portal", "Guiyang"), ("province:贵州",)):
        assert slugs(*words) == ["guiyang"]
    both = sorted(slugs())
    assert (
        sorted(slugs("贵阳,yangquan")) == sorted(slugs("贵阳", "--portal", "阳泉")) == both == ["guiyang", "yangquan"]
    )
    wrong = alerts("runs", "guiyan")
    assert (wrong.returncode, "did you mean guiyang?" in wrong.stderr) == (Exit.WRONG_USE, True)


def test_times_are_the_readers_and_say_so(alerts: Alerts) -> None:
    for name in ("Asia/Shanghai", "America/New_York"):
        shown = alerts("runs", "guiyang", TZ=name).stdout
        assert f"at ({name})" in shown
    assert f"{AT:%Y-%m-%d %H:%M}" in alerts("runs", "guiyang", TZ="UTC").stdout
    assert json.loads(alerts("runs", "guiyang", "--json", TZ="Asia/Shanghai").stdout)[0]["at"] == AT.isoformat()


@pytest.mark.parametrize(
    ("words", "column"), [(("runs",), "run"), (("states", "贵阳"), "portal"), (("kinds",), "event")]
)
def test_rows_go_into_a_sheet(alerts: Alerts, tmp_path: Path, words: tuple[str, ...], column: str) -> None:
    out = tmp_path / "x.csv"
    done = alerts(*words, "--csv", str(out))
    assert (done.returncode, done.stdout) == (Exit.DONE, "")
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"), newline="")))
    assert rows[0][column]
    assert done.stderr == f"{len(rows)} rows written to {out}\n"
    refused = alerts(*words, "--csv", str(tmp_path / "no" / "x.csv"))
    assert (refused.returncode, "name another file" in refused.stderr) == (Exit.FAILED, True)
