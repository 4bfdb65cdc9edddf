"""The raw values that a simulated portal shows of a dataset, by canonical field name, in the codes of its family."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from opendata_spiders.normalise import frequency, open_type
from opendata_spiders.normalise.vocabulary import table
from tests.replica.records import Record

STAMP = "%Y-%m-%d %H:%M:%S"
OPEN_WORDS = {False: "无条件开放", True: "有条件开放"}


def values_of(record: Record, family: str) -> Mapping[str, Any]:
    """Return the values of every field that a portal may show; `family` is `family/slug`."""
    published, updated = record.published.strftime(STAMP), (record.updated or record.published).strftime(STAMP)
    return {
        "title": record.title, "description": record.description, "office": record.office, "theme": record.theme,
        "industry": record.industry, "tags": list(record.tags), "formats": list(record.formats),
        "frequency": coded("frequency_codes", frequency, record.frequency, family),
        "open_type": coded("open_type_codes", open_type, OPEN_WORDS[record.conditional], family),
        "open_condition": "需提交申请" if record.conditional else "", "contact_phone": record.phone,
        "contact_email": record.email, "published": published, "updated": updated, "data_updated": updated,
        "rows": record.rows, "storage": f"{record.rows} KB", "files": len(record.formats), "apis": record.apis,
        "views": record.views, "downloads": record.downloads, "calls": record.downloads,
    }  # fmt: skip


@cache
def coded(codes: str, read: Callable[..., Any], word: str, family: str) -> str:
    """Return the family's code with the meaning that `read` gives to a word; the word itself where there is none."""
    own = [
        row["code"]
        for row in table.rows(codes, "family", "code", "source", "note")
        if row["family"] in (family, family.partition("/")[0])
    ]
    wanted = _sense(read(word))
    return next((code for code in own if _sense(read(code, family=family)) == wanted), word)


def _sense(reading: Any) -> Any:
    return getattr(reading, "code", None) or reading.value
