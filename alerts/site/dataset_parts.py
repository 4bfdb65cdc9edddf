"""The parts of the site that are about datasets: those of each place, what was removed, and the search."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from alerts.records.isolation import apart
from alerts.records.queries import CityView
from alerts.site.catalogue import read_catalogue
from alerts.site.pages import datasets, removed, search
from alerts.site.pages.dataset import DatasetPages
from alerts.site.part import SitePart
from alerts.site.search.index import Index
from alerts.site.sources import Sources
from alerts.site.tree import Trees


@dataclass(frozen=True)
class DatasetParts:
    """The parts of one build."""

    sources: Sources
    _index: Index = field(default_factory=search.new_index)
    _indexed: set[str] = field(default_factory=set)
    """Slugs of the places whose datasets are in the index already."""

    def parts(self) -> Iterator[SitePart]:
        """In this order, since lists and results lead to a dataset's page only where it is there."""
        for view in self.sources.paged.values():
            yield SitePart(f"datasets/{view.slug}", self._made_from[view.slug], partial(self._datasets, view=view))
        yield SitePart("removed", {"of": self._made_from}, lambda trees: removed.put(trees, self.sources))
        yield SitePart("search", {"of": self._made_from}, self._search)

    @cached_property
    def _made_from(self) -> Mapping[str, Any]:
        """What the pages of the datasets of each place are made from, by its slug.

        How many datasets keep their promise, in `counts`, changes with the time alone.
        """
        return {
            view.slug: {
                "known": self.sources.documents[view.portal].get("known"),
                "seq": self.sources.last_events.get(view.portal),
                "counts": view.counts,
            }
            for view in self.sources.paged.values()
        }

    def _datasets(self, trees: Trees, view: CityView) -> None:
        catalogue = read_catalogue(self.sources, view)
        DatasetPages(catalogue).put(trees)
        datasets.put(trees, catalogue)
        search.add(self._index, catalogue, trees)
        self._indexed.add(view.slug)

    def _search(self, trees: Trees) -> None:
        for view in self.sources.paged.values():
            if view.slug not in self._indexed:
                with apart("portal", view.slug):
                    search.add(self._index, read_catalogue(self.sources, view), trees)
        search.put(trees, self.sources, self._index)
