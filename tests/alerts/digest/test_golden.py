"""Whole digests as people get them. After a wanted change: python -m tests.alerts.digest.test_golden --update."""

import sys
from pathlib import Path

import pytest

from alerts.digest.build import build, build_first, build_heartbeat
from alerts.digest.model import Digest
from alerts.digest.overdue_section import placed, with_list
from alerts.digest.render import Rendered, readable
from alerts.text.wording import Wording
from tests.alerts.digest.making import Reader, files_night, night, overdue, view, wording

GOLDEN = Path(__file__).with_name("golden")
LANGUAGES = ("zh", "en")
WATCHED = frozenset({("jinan.1", "w1"), ("jinan.1", "w2")})


def digests(language: str) -> dict[str, Digest]:
    texts = wording(language)
    reader, operator = Reader(), Reader(name="watch", role="operator")
    found = {
        "changes": build(reader, night(), view(language)),
        "operator": build(operator, night(), view(language)),
        "linked": build(reader, night(), view(language, site_url="https://watch.example.cn/")),
        "files": build(reader, files_night(), view(language, watched=WATCHED)),
        "first": build_first(reader, view(language)),
        "heartbeat": build_heartbeat(reader, view(language)),
        "officer": officers(build_first(Reader(name="bureau", role="officer"), view(language)), texts),
    }
    return {name: digest for name, digest in found.items() if digest}


def officers(digest: Digest, texts: Wording) -> Digest:
    listed = with_list(digest, overdue(), Reader().scope, view(texts.language))
    return placed(listed, "bureau", texts, attached=True, mailed=True)


def shown(rendered: Rendered) -> dict[str, str]:
    return {
        "html": rendered.html,
        "md": f"{rendered.subject}\n\n{readable(rendered.markdown)}",
        "txt": f"{rendered.subject}\n\n{readable(rendered.text)}",
    }


def files(language: str) -> dict[str, str]:
    return {
        f"{name}.{language}.{ending}": text
        for name, digest in digests(language).items()
        for ending, text in shown(Rendered(digest)).items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_digests_read_as_agreed(language: str) -> None:
    now = files(language)
    kept = {path.name: path.read_text("utf-8") for path in GOLDEN.glob(f"*.{language}.*")}
    assert now.keys() == kept.keys()
    for name, text in now.items():
        assert text == kept[name], f"{name} reads otherwise; if that is wanted, update and look at the difference"


def update() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.iterdir():
        path.unlink()
    for language in LANGUAGES:
        for name, text in files(language).items():
            (GOLDEN / name).write_text(text, "utf-8")


if __name__ == "__main__" and "--update" in sys.argv:
    update()
