import csv
from importlib.resources import files
from pathlib import Path

import pytest

from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.tables import Row, TableError

TABLES = sorted(path.name for path in files("opendata_spiders.normalise").iterdir() if path.name.endswith(".csv"))
REQUIRED = {"frequencies.csv", "frequency_words.csv", "frequency_codes.csv", "open_types.csv", "open_type_codes.csv"}


def test_the_vocabularies_are_there():
    assert set(TABLES) >= REQUIRED


@pytest.mark.parametrize("name", TABLES)
def test_every_table_reads_without_a_gap_or_double(name):
    text = files("opendata_spiders.normalise").joinpath(name).read_text("utf-8")
    rows = list(csv.reader(text.splitlines(), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len({tuple(row) for row in rows}) == len(rows)
    assert list(table.rows(name.removesuffix(".csv"))) == [
        dict(zip(rows[0], (cell.strip() for cell in row), strict=True)) for row in rows[1:]
    ]


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match=r"frequency_words\.csv, line 1, column colour: the column is missing"):
        table.rows("frequency_words", "word", "colour")


def test_an_unknown_meaning_is_refused_with_its_line():
    with pytest.raises(TableError, match=r"frequency_words\.csv, line 2, column code: 'UPDATE_CONT' is not known"):
        table.keyed("frequency_words", "word", "code", allowed=())


def test_a_double_word_is_refused_with_its_line():
    with pytest.raises(
        TableError, match=r"frequency_words\.csv, line 3, column code: 'UPDATE_CONT' stands there twice"
    ):
        table.keyed("frequency_words", "code", "code", allowed=("UPDATE_CONT",))


def test_a_broken_pattern_is_refused_with_its_line():
    with pytest.raises(TableError, match=r"x\.csv, line 7, column pattern: not a regular expression"):
        Row(Path("x.csv"), 7, {"pattern": "("}).pattern("pattern")
