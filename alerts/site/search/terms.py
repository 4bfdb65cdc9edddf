"""The terms under which a title is found."""

import re

START, END = "\x02", "\x03"
"""Stand before and after a title among its characters, so that its first and last one are terms with them: by these a
title that is exactly what was typed is found. A folded text holds neither."""
_PAIR, _RUN = 2, 4
_LATIN = re.compile(f"[0-9a-z]{{{_RUN},}}")


def terms(folded_title: str) -> set[str]:
    """The terms of a title as `texts.fold` writes it: without case, width, blanks and quotes; none of an empty one."""
    if not folded_title:
        return set()
    framed = f"{START}{folded_title}{END}"
    found = _adjacent(framed, _PAIR)
    for run in _LATIN.findall(folded_title):
        found |= _adjacent(run, _RUN)
    return found


def _adjacent(text: str, size: int) -> set[str]:
    return {text[at : at + size] for at in range(len(text) - size + 1)}
