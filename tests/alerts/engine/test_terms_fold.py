"""A change of terms from the store to the diff, the evidence, the event's page and its retraction."""

import json
import re
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from alerts.records.terms import terms_history
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import digest
from opendata_spiders.store.terms import TermsText, keep_terms

OLD, NEW = "数据可免费使用。<script>alert(1)</script>不得转让。", "数据可免费使用。应当备案。"


@pytest.fixture
def changed(store: Store, tell: Any, put: Any) -> str:
    """Guiyang's terms changed after a month; the portal's id."""
    story = tell({"start": {"a": {}}, "run": {"slug": "guiyang"}, "nights": [{"times": 32}]})
    put(story)
    run = story.runs[0]
    for day, text in ((0, OLD), (1, OLD), (30, NEW), (31, NEW)):
        read = TermsText(
            id=f"{run.portal}:{digest(text.encode())}", portal=run.portal, slug="guiyang", document="使用条款", url="https://p.example/t",
            found="使用条款", title="使用条款", form="html", text=text, cut=False, size=9, hash=digest(text.encode()),
        )  # fmt: skip
        keep_terms(store.db, read, run.at + timedelta(days=day, hours=2), timedelta(hours=12))
    return str(run.portal)


def told(alerts: Any, *more: str) -> list[dict[str, Any]]:
    done = alerts("events", "--json", *more)
    assert done.returncode == 0, done.stderr
    return [one for one in json.loads(done.stdout) if one["kind"] == "platform.terms_changed"]


def test_a_change_is_stated_once_and_shown_everywhere(changed: str, store: Store, alerts: Any, tmp_path: Any) -> None:
    assert alerts("diff", "guiyang").returncode == 0
    assert alerts("diff", "guiyang").returncode == 0
    (event,) = told(alerts)
    assert event["evidence"]["terms_added"] == ["应当备案。"]
    assert [period.text.text for period in terms_history(store, changed)] == [OLD, NEW]
    done = alerts("site", "--out", str(tmp_path / "site"))
    assert done.returncode == 0, done.stdout + done.stderr
    pages = [path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.html")]
    showing = [one for one in pages if "应当备案。" in one]
    assert showing
    assert not any("<script>alert" in one for one in pages)
    assert not any(f"-terms-{event['at'][:4]}" in one for one in showing), "no run is named that nobody can look up"
    archive = alerts("evidence", event["id"], "--out", str(tmp_path / "evidence.zip"))
    assert archive.returncode == 0, archive.stdout + archive.stderr
    with ZipFile(tmp_path / "evidence.zip") as packed:
        texts = {packed.read(name).decode() for name in packed.namelist() if re.fullmatch(r"terms/.*\.txt", name)}
    assert texts == {OLD, NEW}


def test_a_person_can_take_it_back_and_it_is_not_stated_again(changed: str, alerts: Any) -> None:
    assert alerts("diff", "guiyang").returncode == 0
    (event,) = told(alerts)
    done = alerts("retract", event["id"], "--why", "页面当晚显示错误")
    assert done.returncode == 0, done.stdout + done.stderr
    assert alerts("diff", "guiyang").returncode == 0
    (again,) = told(alerts)
    assert again["retracted"]
