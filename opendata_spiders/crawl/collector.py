"""Python's collector of cycles, set for a process that reads catalogues."""

import gc

_OBJECTS = 50_000
"""New objects after which the collector looks for cycles; a page of the list makes thousands, none in a cycle."""


def spare_the_collector() -> None:
    """Keep the collector from what is imported, which stays, and from looking at every few rows of a page."""
    gc.freeze()
    gc.set_threshold(_OBJECTS)
