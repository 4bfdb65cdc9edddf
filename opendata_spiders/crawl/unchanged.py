"""Which rows of tonight's list are taken over from the last reading without being read anew."""

from collections.abc import Collection
from typing import Any

from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.previous import Previous
from opendata_spiders.crawl.tally import filled_texts
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.pages.contract import ListRow
from opendata_spiders.store.content import canonical, digest, list_fingerprint
from opendata_spiders.store.fields import Role, fields
from opendata_spiders.store.models import Entry


def rules_of(spider: PortalFamily) -> str:
    """Hash of all beside the row itself that decides what becomes of it: stored with every run (`Run.rules`).

    The family, how it extracts (`extractor_version`) and which fields; the portal's slug, for codes that mean something
    else there; the version of the normaliser; the zone of its dates; what attributes its datasets to governments; the
    table of fields.
    """
    table = [[one.name, one.role, one.reading, one.many] for one in fields().values()]
    target = spider.target
    parts: list[Any] = [spider.family, target.slug, spider.extractor_version, spider.list_fields, spider.detail_fields]
    parts += [NORMALISER_VERSION, target.timezone.key, spider.attributor.rules, table]
    return digest(canonical(parts))


class UnchangedRows:
    """Decides that a list row says what it said in the last reading, so that its entry is taken over as it stands.

    A row is taken over if

    - the last trusted run, and each partial run since then, read their rows by tonight's `rules`;
    - its fingerprint is that of its entry: content and clocks are the same, each field of the row included;
    - so are its measures, which the fingerprint leaves out;
    - the version of the entry, which holds content and evidence, is in the store.

    Counters are no condition: they are counted from tonight's row. What depends on the night (whether a date can be
    one, whether a promise is overdue) is worked out anew from the entry (`Tally.take_over`).
    """

    def __init__(
        self, previous: Previous, rules: str, missing: Collection[str], detail_fields: Collection[str]
    ) -> None:
        """`missing`: ids of versions that are not in the store."""
        read_by = (previous.run, *previous.partial) if previous.run else ()
        alike = bool(read_by) and all(run.rules == rules for run in read_by)
        self._entries = previous.entries if alike else {}
        self._missing = frozenset(missing)
        self._detail_fields = frozenset(detail_fields)

    def entry(self, row: ListRow) -> Entry | None:
        """The entry that is taken over for a row; None for a row that has to be read."""
        known = self._entries.get(row.id)
        if known is None or known.version in self._missing or known.list_fp != list_fingerprint(row.values):
            return None
        return known if self._has_measures_of(known, row) else None

    def _has_measures_of(self, known: Entry, row: ListRow) -> bool:
        """Whether the row prints the entry's measures, but for those that only its detail printed."""
        printed = filled_texts(row.values, Role.MEASURE)
        of_detail = self._detail_fields - printed.keys() if known.detailed else frozenset()
        return printed == {name: text for name, text in known.measures.items() if name not in of_detail}
