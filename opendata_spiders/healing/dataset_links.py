"""The links of a page to the pages of its datasets: where each leads, and the shape that all of them have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from opendata_spiders.healing.last_reading import KnownDataset
from opendata_spiders.healing.proof import names_dataset
from opendata_spiders.normalise import title_key


@dataclass(frozen=True)
class DatasetLinks:
    """The links of one page."""

    links: tuple[tuple[str, str], ...] = ()
    """Text and address of each."""
    _by_title: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_by_title", {title_key(text): address for text, address in self.links if text.strip()}
        )

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address for _, address in self.links)

    def of(self, known: KnownDataset) -> str:
        """Where the link with a dataset's title leads; '' where there is none."""
        return self._by_title.get(title_key(known.title), "")

    def human_page(self, ids: Iterable[tuple[KnownDataset, str]], base_url: str) -> str:
        """The address of a dataset's page behind `base_url`, with the slot of the id (`ids`: that of each dataset).

        '' where no link leads to a dataset, or the links have several shapes.
        """
        shapes = {
            _shape(address.removeprefix(base_url), id_)
            for known, id_ in ids
            if (address := self.of(known)).startswith(f"{base_url}/")
        }
        return shapes.pop() if len(shapes) == 1 else ""


def _shape(address: str, id_: str) -> str:
    """An address with the slot of the id; '' where it does not name the id."""
    if not any(names_dataset(address, one) for one in (id_, quote(id_, safe=""))):
        address = unquote(address)
    written = next((one for one in (quote(id_, safe=""), id_) if names_dataset(address, one)), "")
    return address.replace("{", "{{").replace("}", "}}").replace(written, "{id}") if written else ""
