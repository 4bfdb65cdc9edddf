"""The sums of docs/cluster.md: what comes out follows from what is put in, to the digits that are printed."""

import math
import re
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text("utf-8")
PUT_IN, COMES_OUT = (
    [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\| `\w` \|.*$", part, re.MULTILINE)]
    for part in TEXT.partition("| | put in |")[2].split("| | comes out |")
)


def number(cell: str) -> tuple[float, int]:
    """The number with which a cell begins, and how many decimals it has."""
    digits = re.match(r"\**([\d,]+(?:\.\d+)?)", cell)
    assert digits, cell
    return float(digits[1].replace(",", "")), len(digits[1].partition(".")[2])


def worked_out(formula: str, known: dict[str, float]) -> float:
    signs = {"×": "*", "÷": "/", "⌈": "ceil(", "⌊": "floor(", "⌉": ")", "⌋": ")", ",": ""}
    for sign, python in signs.items():
        formula = formula.replace(sign, python)
    return float(eval(formula, {"__builtins__": {}, "ceil": math.ceil, "floor": math.floor}, known))  # noqa: S307 -- of our own document


def test_every_value_follows_from_its_formula() -> None:
    known = {name.strip("`"): number(value)[0] for name, _, value, _ in PUT_IN}
    for name, what, formula, value in COMES_OUT:
        printed, decimals = number(value)
        assert round(worked_out(formula, known), decimals) == printed, what
        known[name.strip("`")] = printed
    assert len(known) == len(PUT_IN) + len(COMES_OUT), "each name stands for one number"
    assert len(COMES_OUT) > 15
