"""Entries of a catalogue that need not be in memory together."""

from abc import abstractmethod
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView

from opendata_spiders.store.models import Entry


class StreamedEntries(Mapping[str, Entry]):
    """Entries by native id: an iteration reads one after another, without looking each of them up."""

    @abstractmethod
    def stream(self) -> Iterator[Entry]:
        """All entries, read anew each time."""

    def __iter__(self) -> Iterator[str]:
        return (entry.id for entry in self.stream())

    def values(self) -> ValuesView[Entry]:
        return _Values(self, self.stream)

    def items(self) -> ItemsView[str, Entry]:
        return _Items(self, self.stream)


class _Values(ValuesView[Entry]):
    def __init__(self, whole: Mapping[str, Entry], stream: Callable[[], Iterator[Entry]]) -> None:
        super().__init__(whole)
        self._stream = stream

    def __iter__(self) -> Iterator[Entry]:
        return self._stream()


class _Items(ItemsView[str, Entry]):
    def __init__(self, whole: Mapping[str, Entry], stream: Callable[[], Iterator[Entry]]) -> None:
        super().__init__(whole)
        self._stream = stream

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        return ((entry.id, entry) for entry in self._stream())
