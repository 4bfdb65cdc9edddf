"""An officer's overdue list: attached to mails and frozen with them, summed up where no file can go."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from pathlib import Path

import pytest

from alerts.audience.filters import Filter
from alerts.delivery.courier import Courier
from alerts.digest.model import Digest, DigestKind, Situation, View
from alerts.digest.overdue import OverdueDataset, as_csv
from alerts.digest.overdue_section import placed, with_list
from alerts.digest.render import Rendered
from alerts.digest.write import DigestSession
from alerts.model.sections import policy
from alerts.text.spreadsheets import BOM
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.alerts.delivery.receivers import Hook, MailBox, mail_server, web_server
from tests.alerts.digest.making import NOW, event, wording

DeskAt = Callable[..., DigestSession]
LATE = {"frequency": "每月", "updated": "2026-01-05"}
FORMULA = '=HYPERLINK("http://evil.cn","工资")'
ROWS = {
    "a1": {**LATE, "office": "市民政局", "title": FORMULA},
    "a2": {**LATE, "office": "市交通运输局", "updated": "2026-03-01"},
    "a3": {**LATE, "office": "市交通运输局"},
    "ok": None,
}


@dataclass
class Places:
    """Every sort of receiver there is."""

    strict: MailBox = field(default_factory=lambda: Refusing(strict=True))
    lenient: MailBox = field(default_factory=MailBox)
    hook: Hook = field(default_factory=Hook)
    urls: str = ""


class Refusing(MailBox):
    """Turns mails away for a while."""

    open = False

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        return await super().handle_DATA(server, session, envelope) if self.open else "451 try again later"


@pytest.fixture
def places() -> Iterator[Places]:
    found = Places()
    with ExitStack() as stack:
        strict, lenient = (stack.enter_context(mail_server(box)) for box in (found.strict, found.lenient))
        hook = stack.enter_context(web_server(found.hook))
        mail = "mailto://127.0.0.1:{}?mode=insecure&from=w@x.cn&to={}@x.cn"
        found.urls = f"['{mail.format(strict, 'a')}', '{mail.format(lenient, 'b')}', 'json://127.0.0.1:{hook}/']"
        yield found


def officer(urls: str, more: str = "") -> str:
    filters = "{cities: [guiyang]" + more + "}"
    return f"subscribers:\n  - name: bureau\n    role: officer\n    filter: {filters}\n    urls: {urls}\n"


def attached(mail: Message) -> tuple[str, bytes]:
    [part] = mail.iter_attachments()
    assert part.get_content_type() == "text/csv"
    return part.get_filename(), part.get_payload(decode=True)


def table(content: bytes) -> list[list[str]]:
    text = content.decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_the_list_goes_with_the_mail_as_it_was_frozen_however_often_it_is_tried(
    store: Store, subscribe, state, desk: DeskAt, places: Places
) -> None:
    put(store, "guiyang", ROWS)
    [bureau] = subscribe(officer(places.urls))
    desk().write(bureau)
    assert sorted(one.result for one in Courier.of(store, [bureau]).send_all()) == ["confirmed", "confirmed", "failed"]
    put(store, "guiyang", {"ok": None}, AT + timedelta(days=1))
    places.strict.open = True
    store.db["deliveries"].update_many({"state": "waiting"}, {"$set": {"next_at": real_now()}})
    assert [one.result for one in Courier.of(store, [bureau]).send_all()] == ["confirmed"]
    [first], [second] = places.lenient.mails, places.strict.mails
    assert attached(first) == attached(second)
    name, content = attached(second)
    assert name == "逾期清单-贵阳-2026-11-24.csv"
    head, *rows = table(content)
    assert head[0] == "office 部门"
    assert [(row[0], row[2], row[3], row[8]) for row in rows] == [
        ("市交通运输局", "a3", "每月", "贵阳"), ("市交通运输局", "a2", "每月", "贵阳"), ("市民政局", "a1", "每月", "贵阳")
    ]  # fmt: skip
    assert rows[2][1] == f"'{FORMULA}"
    assert store.db["attachments"].count_documents({}) == 1


def test_every_header_of_a_mail_with_a_chinese_file_name_suits_a_strict_server(
    store: Store, subscribe, state, desk: DeskAt, places: Places
) -> None:
    put(store, "guiyang", ROWS)
    places.strict.open = True
    [bureau] = subscribe(officer(places.urls))
    desk().write(bureau)
    Courier.of(store, [bureau]).send_all()
    [raw], [mail] = places.strict.raw, places.strict.mails
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"filename*" in raw
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv"
    ]  # fmt: skip


def test_the_digest_counts_by_department_and_a_chat_is_told_where_the_list_is(
    store: Store, subscribe, state, desk: DeskAt, places: Places
) -> None:
    put(store, "guiyang", ROWS)
    [bureau] = subscribe(officer(places.urls))
    desk().write(bureau)
    Courier.of(store, [bureau]).send_all()
    [mail], [post] = places.lenient.mails, places.hook.requests
    text, chat = mail.get_body(("plain",)).get_content(), post.json["message"]
    for said in (text, chat):
        assert "3 个数据集逾期，最久 292 天" in said
        assert "市交通运输局 2 个，最久 292 天" in said
        assert "市民政局 1 个" in said
    assert "逐条清单见附件 逾期清单-贵阳-2026-11-24.csv（3 行）。" in text
    assert "逐条清单（3 行）附在这封简报的邮件里。" in chat
    assert "a1" not in chat
    [alone] = subscribe(officer("['json://127.0.0.1:9/']").replace("bureau", "alone"))
    desk().write(alone)
    document = store.db["deliveries"].find_one({"subscriber": "alone"})
    assert "python -m alerts subscribe overdue --subscriber alone" in document["pieces"][0]["body"]
    assert document["file"] == ""


def test_the_command_makes_the_same_table(
    store: Store, alerts, subscribe, state, desk: DeskAt, places: Places, tmp_path: Path
) -> None:
    put(store, "guiyang", ROWS)
    [bureau] = subscribe(officer(places.urls, ", offices: [交通]"))
    desk().write(bureau)
    Courier.of(store, [bureau]).send_all()
    out = tmp_path / "list.csv"
    done = alerts("subscribe", "overdue", "--subscriber", "bureau", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "2 overdue in 1 department" in done.output
    assert out.read_bytes() == attached(places.lenient.mails[0])[1]
    shown = alerts("subscribe", "overdue", "--subscriber", "bureau")
    assert shown.stdout_bytes == out.read_bytes()
    refused = alerts("subscribe", "overdue", "--subscriber", "bureau", "--out", str(tmp_path / "no/x"))
    assert refused.exit_code == 1
    assert "name another file" in refused.stderr


def test_only_officers_with_something_overdue_get_a_list(
    store: Store, subscribe, state, desk: DeskAt, places: Places
) -> None:
    put(store, "guiyang", ROWS)
    readers = subscribe(officer(places.urls).replace("officer", "reader"))
    calm = subscribe(officer(places.urls).replace("guiyang", "jinan").replace("bureau", "calm"))
    for one in (*readers, *calm):
        written = desk().write(one)
        assert written.digest
        assert written.digest.table is None
    assert store.db["attachments"].count_documents({}) == 0


def test_an_officer_gets_the_list_of_that_night_with_every_digest(
    store: Store, subscribe, state, desk: DeskAt, places: Places
) -> None:
    put(store, "guiyang", ROWS)
    [bureau] = subscribe(officer(places.urls))
    desk().write(bureau)
    put(store, "guiyang", {name: row for name, row in ROWS.items() if name != "a1"}, AT + timedelta(days=1))
    assert desk(1.5).write(bureau).digest is None, "a list alone is no news"
    state(event("dataset.removed", dataset="a1", title="x", at=NOW + timedelta(days=1)))
    written = desk(2.5).write(bureau)
    assert written.digest
    assert written.digest.table
    assert written.digest.table.rows == 2
    assert store.db["attachments"].count_documents({}) == 2


def many(count: int) -> list[OverdueDataset]:
    return [
        OverdueDataset("市交通运输局", f"{n}" + "道路运输经营许可信息" * 8, f"d{n}", "MONTHLY", "2026-01-01", "2026-02-01", n, "overdue", "贵阳", "http://x.cn", "guiyang", "2026-11-24", NOW)
        for n in range(1, count + 1)
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_list_too_large_for_a_mail_keeps_the_longest_overdue_and_says_so(language: str) -> None:
    rows = many(6000)
    assert len(as_csv(rows).encode()) > policy().list_bytes
    bare = Digest("bureau", language, DigestKind.CHANGES, "s", "d", (), (), (), ())
    digest = with_list(bare, rows, Filter(), View(Situation({}), wording(language), NOW))
    assert digest.table
    kept = table(digest.table.attachment.content)[1:]
    assert len(digest.table.attachment.content) <= policy().list_bytes
    assert (len(kept), digest.table.total) == (digest.table.rows, 6000)
    assert min(int(row[6]) for row in kept) == 6000 - len(kept) + 1
    text = Rendered(placed(digest, "bureau", wording(language), attached=True, mailed=True)).text
    assert str(digest.table.rows) in text.replace(",", "")
    assert "python -m alerts subscribe overdue --subscriber bureau" in text


def test_many_departments_and_cities_are_folded() -> None:
    one_city = [
        OverdueDataset(f"{n}局", "t", f"d{n}", "", "", "", n, "overdue", "贵阳", "", "guiyang", "2026-11-24", NOW)
        for n in range(1, 31)
    ]
    cities = [
        OverdueDataset("局", "t", f"d{n}", "", "", "", n, "overdue", f"城{n}", "", f"city{n}", "2026-11-24", NOW)
        for n in range(1, 31)
    ]
    bare = Digest("bureau", "zh", DigestKind.CHANGES, "s", "d", (), (), (), ())
    for rows, said in ((one_city, "其余 20 个部门共 20 个"), (cities, "另有 22 城共 22 条")):
        digest = with_list(bare, rows, Filter(), View(Situation({}), wording(), NOW))
        text = Rendered(digest).text
        assert said in text
        assert len(text.splitlines()) < 50
