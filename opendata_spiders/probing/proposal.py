"""What is proposed of software that was recognised: a sentence, a row of the register, the command that writes it."""

import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

from opendata_spiders.probing.homes import Recognised
from opendata_spiders.register import Government, Register
from opendata_spiders.register.edit import new_cells, slug_of


def sentence(found: Recognised) -> str:
    """What was recognised, and by what."""
    if found.is_confirmed:
        return f"{found.family}: its list is read"
    if found.family:
        return f"{found.family}, by its home page alone: the list gave no answer that could be read"
    if found.home.families:
        return f"unknown: the home page looks like {' and '.join(found.home.families)}, but the list is another one"
    return "unknown: no family declares such a home page"


def proposed_row(
    found: Recognised, register: Register, given: Mapping[str, str], government: Government | None
) -> dict[str, str]:
    """Cells of the row to add, of a portal of `government`; one whose list was not read is not crawled yet.

    `given` are spider arguments that hold for the portal.
    """
    host = urlsplit(found.home.base_url).hostname or "portal"
    slug = slug_of(government) if government else "".join(filter(str.isalnum, host.removeprefix("www.")))
    while slug in register.portals or slug in register.families() or not slug[0].isalpha():
        slug = f"p{slug}" if not slug[0].isalpha() else f"{slug}_new"
    known = {
        "slug": slug,
        "family": found.family,
        "base_url": found.home.base_url,
        "context_path": found.context_path,
        "source": "probed by its home page" + (" and its list" if found.is_confirmed else ""),
        **given,
    }
    if not found.is_confirmed:
        known |= {"status": "planned", "why": "Its home page is known, its list was not read when it was probed."}
    return new_cells(register, known, government)


def command_of(row: Mapping[str, str]) -> str:
    """The command that writes the row."""
    words = ["scrapy", "genspider", "-t", row["family"], row["slug"], row["base_url"]]
    options = {"--context-path": "context_path", "--tenant": "tenant"}
    words += [word for option, name in options.items() if row[name] for word in (option, row[name])]
    words += ["--old-tls"] if row["old_tls"] == "yes" else []
    return shlex.join([*words, "--government", row["government"] or "WHOSE"])
