"""What is known of datasets beside their catalogue entries: how often they were downloaded, and how large they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from alerts.model.file_states import Bundle
from alerts.records.state_source import States
from alerts.scoreboard.definitions import limits
from opendata_spiders.normalise import number
from opendata_spiders.store.counters import week
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Beside:
    """Numbers of one portal's datasets by native id; one without a number is left out."""

    downloads: Mapping[str, int] = field(default_factory=dict, repr=False)
    rows: Mapping[str, int] = field(default_factory=dict, repr=False)
    """As the last check of its files counted them, or the portal's own preview says."""
    cells: Mapping[str, int] = field(default_factory=dict, repr=False)
    """These rows by columns."""


def beside(store: Store, states: States, at: datetime, portal: str) -> Beside:
    """The numbers of a portal as of `at` (UTC).

    Downloads are those of the newest week of the window that has any; counters are kept weekly.
    """
    weeks = [week(at - timedelta(days=back)) for back in range(0, limits().window_days + 1, 7)]
    counted = next(filter(None, (store.counters(portal, name) for name in weeks)), {})
    read = cache(number)  # many datasets print the same small numbers
    printed = ((dataset, read(raw.get("downloads"))) for dataset, raw in counted.items())
    files = states.files(portal)
    return Beside(
        downloads={dataset: count for dataset, count in printed if count is not None},
        rows={dataset: one.count.rows for dataset, one in files.bundles.items() if one.count},
        cells=dict(_cells(files.bundles)),
    )


def _cells(bundles: Mapping[str, Bundle]) -> Iterator[tuple[str, int]]:
    """Datasets whose counted tables all have the same number of columns: only their rows together are known."""
    for dataset, bundle in bundles.items():
        counted = [bundle.files.get(name) for name in bundle.count.files] if bundle.count else []
        widths = {len(one.header.columns) if one and one.header else 0 for one in counted}
        if bundle.count and len(widths) == 1 and 0 not in widths:
            yield dataset, bundle.count.rows * widths.pop()
