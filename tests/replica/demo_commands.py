"""Runs the project's commands as a user types them, each in a process of its own, and keeps their logs."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from opendata_spiders.store.models import Verdict

PROJECT = Path(__file__).parent.parent.parent
PATIENCE = 120
"""Seconds any one command may take."""
_VERDICTS = {verdict.exit_status: verdict for verdict in Verdict}
_HIDES = ("MONGODB_URI", "REGISTER_DIR", "SITE_URL", "PROXIES", "LOG_LEVEL")
"""Settings that are emptied for the demo, so that those of the user's environment or .env have no effect."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    words: str
    status: int
    output: str
    log: Path
    seconds: float

    @property
    def verdict(self) -> Verdict | None:
        """What the exit status of a crawl says; None for anything else than a verdict."""
        return _VERDICTS.get(self.status)


@dataclass
class Commands:
    """Runs commands with a database, settings and logs of their own."""

    out: Path
    env: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        (self.out / "logs").mkdir(parents=True, exist_ok=True)
        own = {
            "MONGODB_DATABASE": "demo",
            "DATA_DIR": str(self.out / "data"),
            "SUBSCRIBERS": str(self.out / "subscribers.yaml"),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        self.env = {**os.environ, **dict.fromkeys(_HIDES, ""), **own}

    def crawl(self, slug: str, base_url: str, now: datetime) -> Done:
        return self._run(f"crawl-{slug}", ["scrapy", "crawl", slug, "-a", f"base_url={base_url}"], now)

    def alerts(self, now: datetime, *words: str) -> Done:
        return self._run(f"alerts-{words[0]}", ["alerts", *words], now)

    def _run(self, name: str, words: list[str], now: datetime) -> Done:
        log = self.out / "logs" / f"{now:%Y-%m-%d}-{name}.log"
        began = time.monotonic()
        with log.open("w", encoding="utf-8") as errors:
            ended = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=PROJECT,
                env={**self.env, "WATCH_NOW": now.isoformat()},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        module = "" if words[0] == "scrapy" else "python -m "
        return Done(module + " ".join(words), ended.returncode, ended.stdout, log, time.monotonic() - began)
