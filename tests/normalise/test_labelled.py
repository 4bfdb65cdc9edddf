"""Correctness: strings that a person labelled by the standards, read one by one; nothing here comes from the code."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from opendata_spiders import normalise

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
with Path(__file__).with_name("labelled.csv").open(encoding="utf-8", newline="") as stream:
    LABELLED = list(csv.DictReader(stream))


def frequency(row):
    return normalise.frequency(row["text"], family=row["family"] or None).code


def open_type(row):
    terms = normalise.open_type(row["text"], family=row["family"] or None)
    return f"{terms.value} login" if terms.login_required else terms.value


def theme(row):
    return "|".join(normalise.themes(row["text"], title=row["title"], office=row["office"]).themes)


def formats(row):
    return "|".join(normalise.formats(row["text"]))


def date(row):
    """Local time as labelled, or the word for what is no day."""
    reading = normalise.date(row["text"], tz=SHANGHAI, now=NOW)
    if reading.finding:
        return reading.finding.removeprefix("field.date_")
    return reading.value.astimezone(SHANGHAI).replace(tzinfo=None) if reading.value else "nothing"


READERS = {"frequency": frequency, "open_type": open_type, "theme": theme, "formats": formats, "date": date}


@pytest.mark.parametrize("row", LABELLED, ids=lambda row: f"{row['field']}-{row['text']}-{row['family']}{row['title']}")
def test_a_string_means_what_a_person_reads_in_it(row):
    meaning = row["meaning"]
    labelled = datetime.fromisoformat(meaning) if row["field"] == "date" and meaning[:1].isdigit() else meaning
    assert READERS[row["field"]](row) == labelled


def test_enough_is_labelled_and_nothing_twice():
    fields = Counter(row["field"] for row in LABELLED)
    assert fields.keys() == READERS.keys()
    assert min(fields.values()) >= 40
    assert sum(fields.values()) >= 200
    named = Counter(tuple(row[name] for name in ("field", "text", "family", "title")) for row in LABELLED)
    assert max(named.values()) == 1
