"""Where the store is, as the settings say it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from opendata_spiders.store.environment import Setting, find_setting

GIVEN = "the configuration"
DEFAULT_DATABASE = "opendata"
DEFAULT_DATA_DIR = ".data"

_SCHEMES = ("mongodb://", "mongodb+srv://")
_SECRET_OPTION = re.compile(r"(?i)([?&][^=&]*(?:password|properties|token|secret)[^=&]*=)[^&]*")
_DATABASE_NAME = re.compile(r"[^/\\. \"$*<>:|?\0]+")


def mask_uri(uri: str) -> str:
    """Show where a URI points without its user, password or secret options: `mongodb://***@host:27017/db`."""
    scheme = next((scheme for scheme in _SCHEMES if uri.startswith(scheme)), None)
    if scheme is None:
        return "***"
    # Greedy: a password may hold unescaped @, / and :, so everything up to the last @ is taken for secret.
    _, at, rest = uri.removeprefix(scheme).rpartition("@")
    return _SECRET_OPTION.sub(r"\1***", f"{scheme}{'***@' if at else ''}{rest}")


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the store is."""

    uri: str | None = None
    """A MongoDB to use; None: the embedded one. Holds a password: print `place` instead."""
    database: str = DEFAULT_DATABASE
    mongod: Path | None = None
    """A mongod binary to prefer over the one on PATH and the one that comes with the package."""
    data_dir: Path = Path(DEFAULT_DATA_DIR)
    """Folder of the embedded database (absolute when made by `from_env`)."""
    uri_origin: str = GIVEN

    def __repr__(self) -> str:
        return f"StoreConfig({self.place!r}, database={self.database!r})"

    @property
    def place(self) -> str:
        """Name of this store in a message."""
        return mask_uri(self.uri) if self.uri else f"the embedded database in {self.data_dir}"

    @property
    def subject(self) -> str:
        """The same at the beginning of a sentence."""
        return f"The MongoDB at {self.place}" if self.uri else f"T{self.place[1:]}"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, folder: Path | None = None) -> "StoreConfig":
        """Read MONGODB_URI, MONGODB_DATABASE, MONGOD and DATA_DIR.

        Relative paths count from the current folder. Raises ConfigError naming the variable and its origin.
        """

        def find(name: str) -> Setting | None:
            return find_setting(name, env=env, folder=folder)

        uri, database, mongod, data_dir = map(find, ("MONGODB_URI", "MONGODB_DATABASE", "MONGOD", "DATA_DIR"))
        return cls(
            uri=_uri(uri) if uri else None,
            database=_database(database) if database else DEFAULT_DATABASE,
            mongod=_mongod(mongod, folder) if mongod else None,
            data_dir=_data_dir(data_dir or Setting("DATA_DIR", DEFAULT_DATA_DIR, "its default"), folder),
            uri_origin=uri.origin if uri else GIVEN,
        )


def _uri(given: Setting) -> str:
    uri = given.value.strip()
    why = (
        f"is no MongoDB address: {mask_uri(uri)}; write mongodb://host:27017, with special characters in user and "
        "password percent-encoded"
    )
    if not uri.startswith(_SCHEMES):
        raise given.error(why)
    try:
        # An srv address is only checked for its shape: parsing it would ask the name server.
        parse_uri(uri.replace("mongodb+srv://", "mongodb://", 1))
    except (PyMongoError, ValueError):
        # The driver's own message may quote a piece of the password.
        raise given.error(why) from None
    return uri


def _database(given: Setting) -> str:
    name = given.value.strip()
    if not _DATABASE_NAME.fullmatch(name) or len(name.encode()) > 63 or name in {"admin", "local", "config"}:
        raise given.error(
            f"is no usable database name: {name!r}; use up to 63 letters, digits, - and _, not admin, local or config"
        )
    return name


def _path(given: Setting, folder: Path | None) -> Path:
    value = given.value.strip()
    try:
        return Path(os.path.normpath((folder or Path.cwd()) / Path(value).expanduser()))
    except RuntimeError:
        raise given.error(f"names a home folder that does not exist: {value!r}; write the path in full") from None


def _mongod(given: Setting, folder: Path | None) -> Path:
    path = _path(given, folder)
    if not os.path.isfile(path):  # noqa: PTH113 -- unlike Path.is_file it never raises
        raise given.error(f"names no file: {path}; point it at a mongod binary, or remove it to use the packaged one")
    if not os.access(path, os.X_OK):
        raise given.error(f"names a file that cannot be executed: {path}; chmod +x it, or remove the setting")
    return path


def _data_dir(given: Setting, folder: Path | None) -> Path:
    path = _path(given, folder)
    existing = next(part for part in (path, *path.parents) if os.path.lexists(part))
    if not os.path.isdir(existing):  # noqa: PTH112 -- unlike Path.is_dir it never raises
        raise given.error(f"cannot be a folder, because {existing} is no folder: {path}; name a folder")
    return path
