"""Stored answers of the national register about missing datasets, given before the run being processed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.comparison.run_view import NationalRegister
from opendata_spiders.store.national import NationalLook, last_looks, products_named
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredNational(NationalRegister):
    """The answers about one portal's missing datasets."""

    store: Store
    portal: str

    def said(self, since: Mapping[str, datetime], until: datetime) -> Mapping[str, NationalLook]:
        return last_looks(self.store.db, self.portal, since, until)

    def products(self, until: datetime) -> list[NationalLook]:
        return products_named(self.store.db, self.portal, until)
