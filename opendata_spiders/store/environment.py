"""How one setting is looked up: the environment first, then `.env` in the current folder; nothing is exported."""

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

from opendata_spiders.store.errors import ConfigError

ENVIRONMENT = "the environment"
_READ_BY_OTHERS = 0o044
_OPEN = frozenset(
    {
        "MONGODB_DATABASE",
        "MONGOD",
        "DATA_DIR",
        "SUBSCRIBERS",
        "REGISTER_DIR",
        "USER_AGENT",
        "CONTACT_URL",
        "SITE_URL",
        "SITE_DIR",
        "EXPORT_DIR",
        "WATCH_NOW",
    }
)
"""Settings that are no secrets; any other may be one, also because the subscribers file names it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that was given, and where."""

    name: str
    value: str
    origin: str
    """`the environment`, or the path of the .env file."""

    def error(self, why: str) -> ConfigError:
        """Return the error that says what is wrong with this setting; the value itself is left to the caller."""
        return ConfigError(f"{self.name} (from {self.origin}) {why}")


def find_setting(name: str, *, env: Mapping[str, str] | None = None, folder: Path | None = None) -> Setting | None:
    """Look up a setting: `env` (default: os.environ), then `.env` in `folder` (default: the current one).

    A variable that is set but empty counts as not given, and hides the one in `.env`. Raises ConfigError when `.env`
    cannot be read.
    """
    env = os.environ if env is None else env
    if name in env:
        return Setting(name, env[name], ENVIRONMENT) if env[name].strip() else None
    path = (folder or Path.cwd()) / ".env"
    value = read_dotenv(path).get(name)
    return Setting(name, value, str(path)) if value and value.strip() else None


def setting(name: str, default: str | None = None) -> str | None:
    """Return the value of a setting, or `default` when it is not given."""
    found = find_setting(name)
    return found.value if found else default


def read_dotenv(path: Path) -> dict[str, str]:
    """Read a .env file; a missing one is empty. No interpolation: passwords may hold `$`.

    Raises ConfigError when it cannot be read or a line is no `NAME=value`; values are never quoted in the message.
    """
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return dict(_bindings(path, stream.read()))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; save it as UTF-8, one NAME=value a line") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); make it a readable file or remove it") from None


def readers_of_secrets(path: Path) -> str:
    """Return the warning that a .env file with secrets can be read by others; empty when it cannot, or holds none."""
    secret = [
        name
        for name, value in read_dotenv(path).items()
        if value.strip() and name not in _OPEN and not (name == "MONGODB_URI" and "@" not in value)
    ]
    if not secret or not path.stat().st_mode & _READ_BY_OTHERS:
        return ""
    return f"{path} holds secrets ({', '.join(secret)}) and can be read by others: chmod 600 {path}"


def _bindings(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or "\0" in binding.original.string:
            raise ConfigError(f"{path}, line {binding.original.line} is no NAME=value; correct or remove it")
        if binding.key is not None and binding.value is not None:
            yield binding.key, binding.value
