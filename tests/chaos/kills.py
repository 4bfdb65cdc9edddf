"""kill -9 at drawn moments, of commands, mongod and its supervisor: the same is told as in a twin that nobody disturbs.

Two cities are read night after night, by the commands as a person types them, into an embedded database of their own;
digests go to a mail server and a web hook. In one twin processes are killed and the command is given again, as the next
night or an operator would; then everything that was kept, stated and delivered is held against the other twin.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.embedded.layout import Layout, SupervisorState
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.models import Verdict
from tests.chaos.figures import Figure, Options
from tests.replica.catchers import HookCatcher, MailCatcher, read_mail
from tests.replica.demo_commands import PROJECT, Commands
from tests.replica.demo_script import NIGHTS, Play, the_play
from tests.replica.server import Replica

KILLS = 200
CITIES = ("guiyang", "jinan")
STEPS = ("diff", "digest", "send")
MORNING = timedelta(hours=6)
"""From the reading of a night to what is told of it."""
TRIES = 5
"""How often a command is given again before it counts as broken."""
PATIENCE = 300
LATEST = 0.9
"""Share of a command's usual time after which nobody is killed: it would have ended."""
SERVERS = ("mongod", "supervisor")
SUBSCRIBERS = """\
subscribers:
  - name: reader
    urls: ["{mail}", "{hook}"]
    filter: {{cities: [{cities}]}}
    rhythm: {{every: daily, at: "08:00"}}
"""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: of whom, and after which share of the time that the command usually takes."""

    victim: str
    share: float


@dataclass
class Told:
    """What one twin has kept, stated and delivered."""

    events: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """By portal, kind, dataset and day."""
    manifests: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Of the last complete run, by portal and day."""
    mails: Counter[str] = field(default_factory=Counter)
    """Mails of different message ids, by subject."""
    posts: Counter[str] = field(default_factory=Counter)
    """Messages of different texts at the web hook."""
    again: int = 0
    """Mails that came once more under the same message id."""
    runs_doubled: int = 0
    """Runs beyond the first of one command: each is given at a minute of its own."""
    left: int = 0
    """Leases and deliveries that are left over."""


@dataclass
class Twin:
    """One performance of the nights."""

    out: Path
    play: Play
    kills: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    usual: dict[str, float] = field(default_factory=dict)
    """Seconds that a command takes undisturbed, by its name."""
    landed: Counter[str] = field(default_factory=Counter)
    """Kills that met a living process, by victim and command."""
    broken: list[str] = field(default_factory=list)
    """Commands that did not come through in TRIES, or failed though only the server was killed."""

    def perform(self) -> Told:
        """Play all nights; return what came of them."""
        with ExitStack() as stack:
            mail = stack.enter_context(MailCatcher(self.out / "mails"))
            hook = stack.enter_context(HookCatcher(self.out / "hooks"))
            replica = stack.enter_context(Replica(self.play.world))
            self.commands = Commands(self.out)
            text = SUBSCRIBERS.format(mail=mail.url, hook=hook.url, cities=", ".join(CITIES))
            (self.out / "subscribers.yaml").write_text(text, encoding="utf-8")
            config = StoreConfig.from_env(self.commands.env)
            self.layout = Layout(config.data_dir)
            stack.enter_context(embedded_server(config))
            slots = [(night, name) for night in self.play.nights for name in (*CITIES, *STEPS)]
            for number, (night, name) in enumerate(slots):
                replica.night = night
                due = -(-(self.kills - self.landed.total()) // (len(slots) - number))
                words = ["alerts", name]
                if name in CITIES:
                    words = ["scrapy", "crawl", name, "-a", f"base_url={replica.url(name)}"]
                self._step(name, words, night, due)
            return _told(config, mail.mails, hook.posts)

    def _step(self, name: str, words: Sequence[str], night: int, kills: int) -> None:
        """Give a command until it comes through, killed on its way as drawn."""
        now = self.play.world.moment(night) + (timedelta() if name in CITIES else MORNING)
        due = self.play.verdict(name, night).exit_status if name in CITIES else 0
        drawn = [Kill("command", self.rng.uniform(0, LATEST)) for _ in range(kills)]
        if drawn and self.rng.random() < 0.5:
            drawn[-1] = Kill(self.rng.choice(SERVERS), self.rng.uniform(0, LATEST))
        for tries, kill in enumerate([*drawn, *[None] * TRIES]):
            if self._given(name, words, now + timedelta(minutes=tries), kill, due):
                return
        self.broken.append(f"{name} at {now:%Y-%m-%d} did not come through")

    def _given(self, name: str, words: Sequence[str], now: datetime, kill: Kill | None, due: int) -> bool:
        """Whether the command ended as is due."""
        began, kind = time.monotonic(), "crawl" if name in CITIES else name
        log = self.out / "logs" / f"{now:%Y%m%dT%H%M}-{name}.log"
        env = {**self.commands.env, "WATCH_NOW": now.isoformat()}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=PROJECT, env=env, stdout=output, stderr=subprocess.STDOUT
            )
            status = self._end(process, kind, kill)
        if kill is None:
            self.usual[kind] = time.monotonic() - began
        if status != due and (kill is None or kill.victim in SERVERS):
            self.broken.append(
                f"{name} ended with {status}, {kill.victim if kill else 'nobody'} killed: {log.read_text('utf-8')[-500:]}"
            )
        return status == due

    def _end(self, process: "subprocess.Popen[bytes]", kind: str, kill: Kill | None) -> int:
        if kill is None:
            return process.wait(PATIENCE)
        try:
            return process.wait(kill.share * self.usual[kind])
        except subprocess.TimeoutExpired:
            self.landed[f"{kill.victim} ({kind})"] += 1
        if kill.victim == "command":
            process.kill()
        else:
            pid = getattr(SupervisorState.read(self.layout.state), kill.victim)
            os.kill(pid, signal.SIGKILL)
        return process.wait(PATIENCE)


def _told(config: StoreConfig, mails: Sequence[Path], posts: Sequence[Path]) -> Told:
    told = Told()
    with open_store(config, env={}) as store:
        for event in store.db.events.find():
            if not event["kind"].startswith("ops."):  # a reading that failed may be told to operators, and truly failed
                told.events[event["slug"], event["kind"], event["dataset"], f"{event['at']:%Y-%m-%d}"] += 1
        runs = list(store.runs(None))
        for run in runs:
            if run.verdict is Verdict.COMPLETE:
                told.manifests[run.slug, f"{run.at:%Y-%m-%d}"] = run.manifest
                if run.manifest:
                    ids = {entry.version for entry in store.entries(run.manifest).values()}
                    told.left += len(ids) - len(store.versions(ids, evidence=False))
        told.runs_doubled = len(runs) - len({(run.portal, run.at) for run in runs})
        told.left += store.db.leases.count_documents({}) + store.db.deliveries.count_documents({"state": "waiting"})
    ids: Counter[tuple[str, str]] = Counter()
    for path in mails:
        message = read_mail(path)
        ids[str(message["Message-ID"]), str(message["Subject"])] += 1
    told.mails = Counter(subject for _, subject in ids)
    told.again = ids.total() - len(ids)
    told.posts = Counter({_text(path): 1 for path in posts})
    return told


def _text(path: Path) -> str:
    return str(json.loads(path.read_text("utf-8"))["title"])


def attack(options: Options) -> Iterator[Figure]:
    """Play both twins; yield what is lost and what is doubled."""
    kills = options.count(KILLS)
    nights = NIGHTS[: max(2, min(len(NIGHTS), kills // 8))]
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        quiet = Twin(Path(folder) / "undisturbed", the_play(nights=nights))
        expected = quiet.perform()
        rng = random.Random(options.seed)
        loud = Twin(Path(folder) / "disturbed", the_play(nights=nights), kills, rng, quiet.usual)
        got = loud.perform()
    yield from _figures(expected, got, loud)


def _figures(expected: Told, got: Told, loud: Twin) -> Iterator[Figure]:
    of = loud.landed.total()
    for name, before, after in (
        ("events", expected.events, got.events),
        ("mails", expected.mails, got.mails),
        ("posts to the web hook", expected.posts, got.posts),
    ):
        lost, doubled = before - after, after - before
        yield Figure(f"{name} lost, of {before.total()}", lost.total(), 0, of, _some(lost))
        yield Figure(f"{name} doubled or invented", doubled.total(), 0, of, _some(doubled))
    differ = [
        key for key in expected.manifests | got.manifests if expected.manifests.get(key) != got.manifests.get(key)
    ]
    yield Figure(
        f"manifests that differ, of {len(expected.manifests)}", len(differ), 0, of, tuple(map(str, differ[:5]))
    )
    yield Figure("runs recorded twice", got.runs_doubled, 0, of)
    yield Figure("leases, deliveries or versions left over or missing", got.left, 0, of)
    sends = sum(number for name, number in loud.landed.items() if name.endswith("(send)"))
    yield Figure("mails that came again under the same id (a kill between 250 and our note)", got.again, sends, sends)
    yield Figure("commands that did not come through", len(loud.broken), 0, of, tuple(loud.broken[:5]))


def _some(counted: Counter[tuple[str, ...]] | Counter[str]) -> tuple[str, ...]:
    return tuple(str(one) for one in list(counted)[:5])
