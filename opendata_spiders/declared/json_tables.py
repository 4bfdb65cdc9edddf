"""What a portal's page shows of a dataset's table before anybody downloads it: columns and number of rows, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opendata_spiders.declared.answers import Answer, names
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageDriftedError, TablePreview
from opendata_spiders.pages.json_values import search


@dataclass(frozen=True, slots=True)
class JsonTable:
    """Where an answer shows a table; paths are JMESPath expressions, `@` an answer that is a list itself.

    `columns` is where the columns lie, or several such places: the first that holds a list counts. `named` are the keys
    that may name a column, best first. `rows` is where the number of rows of the whole table lies. 0 counts as not
    shown: interfaces print 0 where they have nothing to show.
    """

    columns: str | tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    rows: str | tuple[str, ...] = ()

    def read(self, answer: Answer) -> TablePreview:
        """What is shown; raises PageError for an error code, a cut-off body or an answer without any such place."""
        found = bodies.json_value(answer.text)
        columns = next((one for one in self._at(self.columns, found) if isinstance(one, list)), None)
        rows = next((one for one in self._at(self.rows, found) if one is not None), None)
        if columns is None and rows is None:
            if isinstance(found, dict):
                bodies.check_envelope(found)
            raise PageDriftedError("the answer shows neither columns nor rows where this interface shows them")
        total, _ = bodies.total(rows)
        return TablePreview(tuple(map(self._name, columns or ())), total or None)

    @staticmethod
    def _at(places: str | tuple[str, ...], found: Any) -> list[Any]:
        return [search(place, found) for place in names(places)]

    def _name(self, column: Any) -> str:
        keys = self.named if isinstance(column, Mapping) else ()
        shown = (str(bodies.scalar(column.get(key))).strip() for key in keys)
        return next(filter(None, shown), "")
