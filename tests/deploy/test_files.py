"""The files of deploy/ fit the checkout, the settings and one another; systemd reads its units."""

import os
import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import yaml

from tests.commands import ROOT

DEPLOY = ROOT / "deploy"
HOME = "/srv/nightwatch"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text("utf-8"))
SETTINGS = set(re.findall(r"`([A-Z][A-Z_]+)`", "".join(
    line.rpartition("|")[0] for line in (ROOT / "docs/operator.md").read_text("utf-8").splitlines() if line.startswith("| `")
)))  # fmt: skip
OF_THE_PROCESS = {"PYTHONUTF8", "TZ"}


def lines(file: Path) -> list[str]:
    """The lines of a file, without comments and blank ones."""
    return [line for line in file.read_text("utf-8").splitlines() if line.strip() and not line.lstrip().startswith("#")]


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, delimiters="=")
    parser.optionxform = str
    parser.read(DEPLOY / "systemd" / name)
    return parser


def is_command(path: str) -> bool:
    found = Path(path.replace(HOME, str(ROOT)))
    return os.access(found if found.is_absolute() else ROOT / found, os.X_OK)


def test_systemd_reads_the_units(tmp_path):
    for file in UNITS:
        (tmp_path / file.name).write_text(file.read_text("utf-8").replace(HOME, str(ROOT)), "utf-8")
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_timer_has_its_service_whose_command_is_there():
    services = {file.stem for file in UNITS if file.suffix == ".service"}
    assert (
        {file.stem for file in UNITS if file.suffix == ".timer"} == services == {"nightwatch-night", "nightwatch-send"}
    )
    for name in services:
        service = unit(f"{name}.service")["Service"]
        assert is_command(shlex.split(service["ExecStart"].lstrip("-"))[0])
        assert (service["User"], service["WorkingDirectory"]) == ("nightwatch", HOME)
        # The embedded database may outlive the unit that started it.
        assert service["KillMode"] == "process"


def test_cron_runs_the_commands_of_the_units():
    jobs = [line for line in lines(DEPLOY / "cron/nightwatch") if not re.match(r"\w+=", line)]
    fields = [job.split(None, 6) for job in jobs]
    assert [(job[:5], job[5]) for job in fields] == [
        (["15", "2", "*", "*", "*"], "nightwatch"),
        (["*/10", "*", "*", "*", "*"], "nightwatch"),
    ]
    assert all(job[6].startswith(f"cd {HOME} && ") for job in fields)
    assert "%" not in "".join(jobs), "cron reads % as the end of a line"
    night, send = (job[6].partition("&& ")[2] for job in fields)
    assert is_command(night.split()[0])
    started = [shlex.split(unit("nightwatch-send.service")["Service"]["ExecStart"])[1:], ["-m", "alerts", "digest"]]
    for command in started:
        assert f".venv/bin/python {' '.join(command)};" in send


def test_logrotate_bounds_the_files_that_cron_fills():
    written = re.findall(r">> (\S+)", (DEPLOY / "cron/nightwatch").read_text("utf-8"))
    rotated = lines(DEPLOY / "logrotate/nightwatch")[0].split()[:-1]
    assert rotated == [f"{HOME}/{one}" for one in written]


def test_the_image_is_given_what_it_copies_and_runs():
    given = [line[1:] for line in lines(ROOT / ".dockerignore") if line.startswith("!")]
    assert [name for name in given if not (ROOT / name).exists()] == []
    needed = {"alerts", "opendata_spiders", "templates", "scripts", "deploy", "scrapy.cfg", "requirements.lock"}
    assert needed <= set(given)
    text = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    copied = [word for words in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for word in words.split()[:-1]]
    assert [name for name in copied if name != "." and name not in given] == []
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["nightwatch"]
    assert is_command("scripts/setup.sh")
    assert is_command(re.findall(r'^CMD \["(.+)"\]$', text, re.MULTILINE)[0])
    env = re.findall(r"(\w+)=", "".join(re.findall(r"^ENV (.+)$", text, re.MULTILINE)))
    assert set(env) <= SETTINGS | OF_THE_PROCESS


def test_compose_names_what_is_there():
    services = COMPOSE["services"]
    assert set(services) == {"database", "watch"}
    watch, database = services["watch"], services["database"]
    folder = DEPLOY / "docker"
    assert (folder / watch["build"]["context"]).resolve() == ROOT
    assert (ROOT / watch["build"]["dockerfile"]).is_file()
    assert set(watch["environment"]) <= SETTINGS
    assert watch["depends_on"] == {"database": {"condition": "service_healthy"}}
    named = {one.partition(":")[0] for one in [*watch["volumes"], *database["volumes"]] if isinstance(one, str)}
    assert named == set(COMPOSE["volumes"])
    bound = {one["source"] for one in watch["volumes"] if isinstance(one, dict)}
    assert {(folder / one).resolve().relative_to(ROOT).name for one in bound} == {".env", "subscribers.yaml"}
    assert {network for one in services.values() for network in one["networks"]} == set(COMPOSE["networks"])


def test_the_database_of_compose_is_closed_and_a_replica_set_of_one():
    database, watch = COMPOSE["services"]["database"], COMPOSE["services"]["watch"]
    assert "ports" not in database
    assert [COMPOSE["networks"][name]["internal"] for name in database["networks"]] == [True]
    name = database["command"][database["command"].index("--replSet") + 1]
    assert f"replicaSet={name}" in watch["environment"]["MONGODB_URI"]
    check = database["healthcheck"]["test"][-1]
    assert f'rs.initiate({{_id: "{name}", members: [{{_id: 0, host: "database:27017"}}]}})' in check


def test_a_container_is_given_as_long_to_stop_as_the_unit():
    assert COMPOSE["services"]["watch"]["stop_grace_period"] == "20m"
    assert unit("nightwatch-night.service")["Service"]["TimeoutStopSec"] == "20min"


def test_both_guides_give_the_same_commands():
    english, chinese = (
        [line for line in (ROOT / f"docs/{name}").read_text("utf-8").splitlines() if line.startswith("    ")]
        for name in ("vps.md", "vps.zh.md")
    )
    known = {line.partition("   #")[0].rstrip() for line in english}
    assert [line for line in chinese if line not in known] == []
    assert len(chinese) > 30
