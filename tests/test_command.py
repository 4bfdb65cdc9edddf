"""What the options of all `scrapy` commands of the project share."""

import argparse

import pytest
from scrapy.exceptions import UsageError

from opendata_spiders.command import add_night, positive, refuse_given


def test_options_that_would_be_passed_over_are_named_with_the_reason() -> None:
    opts = argparse.Namespace(dry_run=True, again=False, outside_364="X", processes=None)
    with pytest.raises(UsageError, match=r"^a trial remembers nothing: leave out --dry-run, --outside-364$"):
        refuse_given(opts, "a trial remembers nothing", "dry_run", "again", "outside_364", "processes")
    refuse_given(opts, "a trial remembers nothing", "again", "processes")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many", "²"])
def test_a_number_of_hosts_is_one_or_more(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no whole number from 1 on"):
        positive(text)
    parser = argparse.ArgumentParser()
    add_night(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--hosts={text}"])
    assert "no whole number" in capsys.readouterr().err
    assert parser.parse_args(["--hosts", "3"]).hosts == 3
