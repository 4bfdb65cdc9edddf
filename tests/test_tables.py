"""Tables beside the code: what is incoherent is refused with file, line and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from opendata_spiders.tables import TableError, Tables

ROOTS = (Path("opendata_spiders"), Path("alerts"))


@dataclass(frozen=True, slots=True)
class Numbers:
    days: int
    share: float
    ahead: tuple[int, ...]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Tables:
    """A package of one table, policy.csv, that holds the test's text."""
    name = f"shelf_{abs(hash(request.node.nodeid))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "policy.csv").write_text(request.param, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return Tables(name)


@pytest.mark.parametrize("table", ["name,value\ndays,3\nshare,2\nahead,30 14 3\n"], indirect=True)
def test_a_policy_is_read_by_the_types_of_its_fields(table: Tables) -> None:
    read = table.policy(Numbers)
    assert read == Numbers(3, 2.0, (30, 14, 3))
    assert isinstance(read.share, float)


WHOLE = "name,value\nshare,2\nahead,30 14 3\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (WHOLE, r"policy\.csv: the row 'days' is missing; put it back"),
        (WHOLE + "days,3\nweeks,1\n", r"policy\.csv, line 5, column name: the code knows no 'weeks'; delete the row"),
        (WHOLE + "days,3\ndays,4\n", r"policy\.csv, line 5, column name: 'days' stands there twice"),
        (WHOLE + "days,three\n", r"policy\.csv, line 4, column value: 'three' is not a value of type int; correct it"),
        ("name,value\nahead,soon\n", r"policy\.csv, line 2, column value: 'soon' is not whole numbers; correct it"),
        ("name\ndays\n", r"policy\.csv, line 1, column value: the column is missing"),
        (WHOLE + "days,3,4\n", r"policy\.csv, line 4, column value: the row has 3 cells, the header 2"),
    ],
    indirect=["table"],
)
def test_a_policy_that_is_not_whole_is_refused(table: Tables, said: str) -> None:
    with pytest.raises(TableError, match=said):
        table.policy(Numbers)


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A row of which one cell may be empty."""

    name: str
    value: int | None


@pytest.mark.parametrize("table", ["name,value\na,3\nb,\na,4\n"], indirect=True)
def test_rows_are_read_one_by_one_and_an_empty_cell_may_be_none(table: Tables) -> None:
    read = list(table.each(Perhaps, "policy"))
    assert [one for _, one in read] == [Perhaps("a", 3), Perhaps("b", None), Perhaps("a", 4)]
    assert [row.line for row, _ in read] == [2, 3, 4]


@pytest.mark.parametrize("table", ["name,value\na,some\n"], indirect=True)
def test_a_cell_that_may_be_empty_is_not_anything(table: Tables) -> None:
    with pytest.raises(TableError, match=r"line 2, column value: 'some' is not a value of type int"):
        list(table.each(Perhaps, "policy"))


@pytest.mark.parametrize("file", sorted(one for root in ROOTS for one in root.rglob("*.csv")), ids=str)
def test_every_shipped_table_is_whole(file: Path) -> None:
    # Of no government it is proved yet that it has no portal, and nothing that a portal forbids is allowed as shipped.
    empty = ("no_portal.csv", "passed_walls.csv", "robots_permissions.csv")
    assert Tables(".".join(file.parent.parts)).rows(file.stem) or file.name in empty


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    colour: Colour
    heavy: bool
    parts: frozenset[str]


@pytest.mark.parametrize("table", ["name,colour,heavy,parts,note\na,red,yes,x y,\nb,blue,no,,old\n"], indirect=True)
def test_rows_are_read_into_a_dataclass_by_the_types_of_its_fields(table: Tables) -> None:
    assert table.records(Thing, "policy", "name") == {
        "a": Thing("a", Colour.RED, heavy=True, parts=frozenset({"x", "y"})),
        "b": Thing("b", Colour.BLUE, heavy=False, parts=frozenset()),
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "name,colour,heavy,parts\na,green,no,\n",
            r"line 2, column colour: 'green' is not one of red, blue; correct it",
        ),
        ("name,colour,heavy,parts\na,red,no,\na,blue,no,\n", r"line 3, column name: 'a' stands there twice"),
        ("name,colour,heavy\na,red,no\n", r"line 1, column parts: the column is missing"),
    ],
    indirect=["table"],
)
def test_rows_that_fit_no_dataclass_are_refused(table: Tables, said: str) -> None:
    with pytest.raises(TableError, match=said):
        table.records(Thing, "policy", "name")
