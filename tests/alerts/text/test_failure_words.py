"""Whatever a look at a file may fail by can be said in both languages."""

import csv
from importlib.resources import files

import pytest
import yaml


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_class_of_failure_has_words(language: str) -> None:
    table = files("opendata_spiders.files").joinpath("failures.csv").read_text("utf-8")
    failed = {row["why"] for row in csv.DictReader(table.splitlines()) if row["outcome"] == "failed"}
    texts = yaml.safe_load(files("alerts.text.phrases").joinpath(f"{language}.yaml").read_text("utf-8"))
    assert failed <= texts["vocabulary"]["failure"].keys()
    assert len(failed) > 5
