"""A store with events as the diff leaves them, and a subscribers file of real receivers."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.audience.rhythm import SHANGHAI
from alerts.audience.subscribers import Subscriber, load
from alerts.cli import main
from alerts.digest.write import DigestSession, Written
from alerts.engine.repository import prepare
from alerts.model.events import Event
from opendata_spiders.register import Register
from opendata_spiders.register import load as load_register
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Authority, Hook, services_behind_proxy
from tests.alerts.digest.making import NOW

Subscribe = Callable[[str], list[Subscriber]]
State = Callable[..., list[Event]]


@pytest.fixture(scope="session")
def register() -> Register:
    return load_register()


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """Every https host there is, as one hook."""
    hook, authority = Hook(), Authority(tmp_path)
    with services_behind_proxy(hook, authority) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield hook


@pytest.fixture
def subscribe(tmp_path: Path, register: Register) -> Subscribe:
    """Write the file and read it."""

    def write(text: str) -> list[Subscriber]:
        path = tmp_path / "subscribers.yaml"
        path.write_text(text, "utf-8")
        return load(path, register)

    return write


@pytest.fixture
def state(store: Store) -> State:
    """Put events where the diff puts them, with the next seqs."""

    def put(*events: Event) -> list[Event]:
        last = store.db["events"].find_one(sort=[("seq", -1)])
        start = last["seq"] if last else 0
        numbered = [replace(one, seq=start + n, id=f"{one.id}#{start + n}") for n, one in enumerate(events, start=1)]
        documents = [asdict(one) | {"_id": one.id} for one in numbered]
        for document in documents:
            del document["id"]
        store.db["events"].insert_many(documents)
        return numbered

    prepare(store)
    return put


@pytest.fixture
def desk(store: Store, register: Register) -> Callable[[float], DigestSession]:
    """The desk as it is so many days after NOW."""
    return lambda days=0: DigestSession(store, register, NOW + timedelta(days=days))


@pytest.fixture
def alerts(store_config: StoreConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`python -m alerts …` within this process, on the test's database and subscribers file; `env`: more variables."""
    monkeypatch.setenv("MONGODB_URI", str(store_config.uri))
    monkeypatch.setenv("MONGODB_DATABASE", store_config.database)
    monkeypatch.setenv("SUBSCRIBERS", str(tmp_path / "subscribers.yaml"))
    return lambda *words, **env: CliRunner().invoke(main, words, env=env)


def deliveries(store: Store) -> list[dict]:
    return list(store.db["deliveries"].find(sort=[("created_at", 1), ("index", 1)]))


def settled(written: Written) -> Written:
    assert written.digest, written.reason
    return written


def quiet_now() -> str:
    """Quiet hours that lie around the present moment, as the file writes them."""
    now = real_now().astimezone(SHANGHAI)
    begin, end = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-2, 2))
    return f"quiet: {{from: '{begin}', to: '{end}'}}"
