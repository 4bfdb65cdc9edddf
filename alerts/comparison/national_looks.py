"""Stored answers of the national register about missing datasets, given before the run being processed."""

from dataclasses import dataclass
from datetime import datetime

from alerts.comparison.run_view import NationalRegister
from opendata_spiders.store.national import NationalLook, look_for, products_named
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredNational(NationalRegister):
    """The answers about one portal's missing datasets."""

    store: Store
    portal: str

    def said(self, dataset: str, since: datetime, until: datetime) -> NationalLook | None:
        return look_for(self.store.db, self.portal, dataset, since, until)

    def products(self, until: datetime) -> list[NationalLook]:
        return products_named(self.store.db, self.portal, until)
