"""`python -m opendata_spiders.register`: checks and counts the register, and writes its page docs/portals.md."""

from pathlib import Path

import click
from rich.console import Console

from opendata_spiders.register.load import load, packaged
from opendata_spiders.register.models import RegisterError
from opendata_spiders.register.report import documents, tables

_PAGE = Path("docs/portals.md")


@click.command()
@click.option("--markdown", "page", is_flag=True, help="Write every packaged row as a page, and the README's counts.")
@click.option("--out", type=click.Path(path_type=Path), default=_PAGE, show_default=True)
def main(*, page: bool, out: Path) -> None:
    """Check the register, then print how many portals there are by status, family and province."""
    try:
        if page:
            out.parent.mkdir(parents=True, exist_ok=True)
            for file, text in documents(packaged(), Path()).items():
                (out if file == _PAGE else file).write_text(text, "utf-8")
            return
        register = load()
    except RegisterError as error:
        raise click.ClickException(str(error)) from error
    console = Console()
    for table in tables(register):
        console.print(table)


if __name__ == "__main__":
    main(prog_name="python -m opendata_spiders.register")
