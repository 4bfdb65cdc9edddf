"""Every command once with secrets in every setting, where the log says most."""

import pytest

from tests.chaos.figures import Options
from tests.chaos.secrets import attack, forms


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_secret_is_seen() -> None:
    (seen,) = attack(Options(scale=0.1))
    assert seen.met, seen.examples
    assert seen.of > 50


def test_a_secret_is_known_in_base64_however_it_begins() -> None:
    written = forms("hunter2/and+more")
    for text in (
        "AGFAYi5jbgBodW50ZXIyL2FuZCttb3Jl",
        "dXNlcjpodW50ZXIyL2FuZCttb3Jl",
        "aHVudGVyMi9hbmQrbW9yZQ==",
        "eDpodW50ZXIyL2FuZCttb3Jl",
        "hunter2%2Fand%2Bmore",
    ):
        assert any(form in text for form in written), text
