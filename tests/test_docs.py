"""What the documents name exists: files they link, paths they show, commands and targets they tell to run."""

import argparse
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from scrapy import commands as scrapys
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from alerts.cli import COMMANDS
from opendata_spiders import commands as ours

PAGES = sorted([*Path().glob("*.md"), *Path("docs").rglob("*.md")])
LIVING = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Pages about today; the changelog tells of what was."""
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)#?([^)\s]*)\)")
CODE = re.compile(r"^(?:    .*|`[^`]+`)|`[^`\n]+`", re.MULTILINE)
SHOWN = re.compile(r"(?<![\w./:@{$-])(?:[\w-]+/)+[\w-]+\.(?:py|csv|md|yaml|json|j2|sh)(?![\w/])")
MADE_OR_YOURS = re.compile(r"^(?:datasets|runs|rounds|raw|feeds|events|data|badges|DATA_DIR|udata)/")
TARGETS = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))


def codes(page: Path) -> str:
    return "\n".join(CODE.findall(page.read_text("utf-8")))


def headings(page: Path) -> set[str]:
    """The marks of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_a_page_links_is_there(page: Path) -> None:
    links = LINK.findall(page.read_text("utf-8"))
    assert [path for path, _ in links if path and not (page.parent / path).exists()] == []
    marked = [(page.parent / path if path else page, mark) for path, mark in links if mark]
    assert [mark for target, mark in marked if mark not in headings(target)] == []


@pytest.mark.parametrize("page", LIVING, ids=str)
def test_paths_that_a_page_shows_are_there(page: Path) -> None:
    shown = {path for path in SHOWN.findall(codes(page)) if not MADE_OR_YOURS.match(path)}
    rooms = (Path(), Path("opendata_spiders"), Path("alerts"))
    assert sorted(path for path in shown if not any((room / path).exists() for room in rooms)) == []


@pytest.mark.parametrize("page", LIVING, ids=str)
def test_commands_that_a_page_tells_to_run_are_there(page: Path) -> None:
    text = codes(page)
    assert set(re.findall(r"python -m alerts ([a-z]+)", text)) <= set(COMMANDS)
    assert set(re.findall(r"(?:^ *|`|&& )make ([a-z-]+)", text, re.MULTILINE)) <= TARGETS
    modules = {Path(name.replace(".", "/")) for name in re.findall(r"python -m (tests[.\w]*\w)", text)}
    assert [one for one in modules if not one.with_suffix(".py").exists() and not (one / "__main__.py").exists()] == []


def scrapy_options() -> dict[str, set[str]]:
    """Every option of each command of scrapy, this project's own in place of Scrapy's."""
    found: dict[str, set[str]] = {}
    for package in (scrapys, ours):
        for info in iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{info.name}")
            classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, ScrapyCommand)]
            for command in (one for one in classes if one.__module__ == module.__name__):
                parser, made = argparse.ArgumentParser(conflict_handler="resolve"), command()
                made.settings = Settings()
                made.add_options(parser)
                found[info.name] = {*parser._option_string_actions}
    return found


@pytest.mark.parametrize("page", LIVING, ids=str)
def test_scrapy_commands_that_a_page_shows_are_there_with_their_options(page: Path) -> None:
    known, text = scrapy_options(), codes(page).replace("\\\n", " ")
    shown = re.findall(r"(?:^ *|`|&& )(?:\S*/)?scrapy ([a-z]+)([^`\n#|]*)", text, re.MULTILINE)
    assert [name for name, _ in shown if name not in known] == []
    options = ((name, option) for name, rest in shown for option in re.findall(r"(?<=\s)(--?[a-zA-Z][\w-]*)", rest))
    assert [(name, option) for name, option in options if option not in known[name]] == []
