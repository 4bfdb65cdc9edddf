"""How one portal was rewritten: the names of its keys and parameters, its notations, its ids; drawn from a seed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from random import Random
from typing import Any

from opendata_spiders.declared import JsonDetail, JsonList
from opendata_spiders.items import RawValues
from opendata_spiders.pages.json_values import search
from tests.replica.declared.fields import STAMP
from tests.replica.declared.pages import detail_text, list_text
from tests.replica.records import SHANGHAI

_SYLLABLES = (
    "ba bi bo cha chen da de dong fa fu gai gong hua ji jie ke lan ling ma mu nei pin qing ru shu tai wan xin ye zhu"
)
_DATES = ("published", "updated", "data_updated")


class Scheme(StrEnum):
    """What a rewriting keeps."""

    WORDS = "words"
    """Every key is another, without any meaning; ids and notations stay."""
    NOTATIONS = "notations"
    """As WORDS; dates, codes and the nesting are others, too."""
    IDS = "ids"
    """As NOTATIONS; every dataset has a new id."""
    ENVELOPE = "envelope"
    """The keys of the entries stay, path and envelope of the list are others; details are asked for as before."""


@dataclass
class Rewriting:
    """The rewriting of one family's portal."""

    family: str
    scheme: Scheme
    seed: int = 1
    _rng: Random = field(init=False)
    _keys: dict[str, str] = field(default_factory=dict)
    _codes: dict[tuple[str, Any], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = Random(f"{self.seed} {self.family} {self.scheme}")
        self.api = f"/{self.word('path')}/{self.word('path of api')}"
        self.dates = self._rng.choice(("%Y-%m-%d", "milliseconds", "%Y-%m-%dT%H:%M:%S+08:00", "%Y/%m/%d %H:%M"))
        self.offset = self._rng.random() < 0.25
        self.id_in_path = self._rng.random() < 0.5

    def word(self, key: str) -> str:
        """The new name of a key or parameter: the same for the same key, no two alike."""
        while key not in self._keys:
            word = "".join(self._rng.choices(_SYLLABLES.split(), k=3))
            if word not in self._keys.values():
                self._keys[key] = word
        return self._keys[key]

    def id(self, native: str) -> str:
        """The id that a dataset has now."""
        if self.scheme is not Scheme.IDS:
            return native
        return sha256(f"{self.seed} {native}".encode()).hexdigest()[:24]

    def values(self, values: Mapping[str, Any]) -> RawValues:
        """The values of a dataset in the notations that are used now."""
        if self.scheme in (Scheme.WORDS, Scheme.ENVELOPE):
            return dict(values)
        dates = {name: self._date(values[name]) for name in _DATES}
        codes = {name: self._code(name, values[name]) for name in ("frequency", "open_type")}
        return {**values, **dates, **codes}

    def _date(self, stamp: str) -> Any:
        at = datetime.strptime(stamp, STAMP).replace(tzinfo=SHANGHAI)
        return int(at.timestamp() * 1000) if self.dates == "milliseconds" else at.strftime(self.dates)

    def _code(self, name: str, value: Any) -> str:
        return self._codes.setdefault((name, value), f"{name[0].upper()}{len(self._codes) + 11}")

    def entry(self, page: JsonList | JsonDetail, id_: str, values: RawValues, place: int) -> dict[str, Any]:
        """An entry of the list, or a detail, as it is printed now."""
        found = self._renamed(_declared_entry(page, id_, values))
        keys = [key for key, value in found.items() if not isinstance(value, dict | list)]
        if self.scheme in (Scheme.NOTATIONS, Scheme.IDS):
            inner = {key: found.pop(key) for key in keys[1::3]}
            found[self.word("inner")] = inner
        return found | self._beside(id_, values, place)

    def _beside(self, id_: str, values: RawValues, place: int) -> dict[str, Any]:
        """What rewritten software prints that no field is: numbers of rows, codes of offices, dates of other things."""
        digest = sha256(f"{self.seed} {id_}".encode()).digest()
        entered = values["published"] if digest[0] % 8 else values["updated"]
        checked = values["updated"] if digest[1] % 8 else values["published"]
        return {
            self.word("status"): 1, self.word("rank"): place, self.word("shown"): digest[2] % 2 == 0,
            self.word("office code"): sha256(values["office"].encode()).hexdigest()[:8], self.word("entered"): entered,
            self.word("checked"): checked, self.word("full title"): values["title"], self.word("remark"): None,
        }  # fmt: skip

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renamed(one) for one in value]
        if not isinstance(value, dict):
            return value
        kept = self.scheme is Scheme.ENVELOPE
        return {key if kept else self.word(f"key {key}"): self._renamed(one) for key, one in value.items()}

    def envelope(self, rows: Sequence[Any], total: int, size: int) -> str:
        """The body of a list page."""
        page = {
            self.word("rows"): rows,
            self.word("total"): total,
            self.word("pages"): -(-total // size),
            self.word("took"): 7,
        }
        return json.dumps({self.word("ok"): True, self.word("result"): {self.word("page"): page}}, ensure_ascii=False)


def _declared_entry(page: JsonList | JsonDetail, id_: str, values: RawValues) -> dict[str, Any]:
    """The entry as the old declaration reads it."""
    shown = (id_, values)
    text = list_text(page, [shown], 1, 10) if isinstance(page, JsonList) else detail_text(page, shown)
    body = json.loads(text)
    if isinstance(page, JsonDetail):
        found = search(page.at, body) if page.at else body
    else:
        rows = page.rows if isinstance(page.rows, str) else page.rows[0]
        found = search(rows, body)[0]
    return dict(found)
