"""The rows of every exported table, by the name of the table in columns.csv.

A row that cannot be made is left out and recorded as a failure of its portal; the others follow.
"""

from collections.abc import Callable, Mapping

from alerts.exports.source import Rows, Source
from alerts.exports.tables import datasets, events, governments, months, portals, scoreboard, versions

TABLES: Mapping[str, Callable[[Source], Rows]] = {
    "datasets": datasets.rows,
    "versions": versions.rows,
    "events": events.rows,
    "scoreboard": scoreboard.rows,
    "portals": portals.rows,
    "governments": governments.rows,
    "months": months.rows,
}
