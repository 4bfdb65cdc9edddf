"""How far a search is: a file with one line of JSON for each government, so that the next call goes on from there."""

import json
from dataclasses import asdict
from pathlib import Path

from opendata_spiders.discovery.search import AddressLook, Searched
from opendata_spiders.probing.looks import Standing


def read_progress(file: Path) -> list[Searched]:
    """The governments searched so far, the last line of each; lines that cannot be read are passed over."""
    found: dict[str, Searched] = {}
    for line in file.read_text("utf-8", "replace").split("\n") if file.exists() else ():
        try:
            one = json.loads(line)
            looks = tuple(AddressLook(**{**look, "standing": Standing(look["standing"])}) for look in one["looks"])
            found[one["adcode"]] = Searched(**{**one, "looks": looks})
        except (ValueError, TypeError, KeyError):  # a line that was cut off when the machine went down
            continue
    return list(found.values())


def add_progress(file: Path, one: Searched) -> None:
    """Append a government; raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
