"""The folder that a command writes into: named with --out, or once for all by a setting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from alerts.cli.output import writable
from opendata_spiders.store.environment import setting
from opendata_spiders.store.errors import StoreError


@dataclass(frozen=True, slots=True)
class NamedFolder:
    """A folder and what named it."""

    path: Path
    named_by: str
    """`--out`, or the setting."""

    @contextmanager
    def writable(self) -> Iterator[None]:
        """Convert an OSError of the block to a ClickException that says where to name another folder."""
        with writable(self.path, f"another folder with {self.named_by}"):
            yield


def named_folder(variable: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds --out, by default the setting `variable`, and --if-set; the command gets its NamedFolder as `where`.

    Where no folder is named, --if-set does nothing, for the night; without it that is a usage error.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "--out",
            "named",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help=f"Folder to write into, made if it is not there.  [default: {variable}]",
        )
        @click.option("--if-set", is_flag=True, help="Do nothing where no folder is named: for the night.")
        @wraps(command)
        def wrapped(*args: Any, named: Path | None, if_set: bool, **given: Any) -> None:
            try:
                found = setting(variable)
            except StoreError as error:
                raise click.ClickException(str(error)) from None
            if named:
                command(*args, where=NamedFolder(named, "--out"), **given)
            elif found:
                command(*args, where=NamedFolder(Path(found), variable), **given)
            elif not if_set:
                raise click.UsageError(f"name the folder with --out, or set {variable} in the environment or .env")

        return wrapped

    return decorate
