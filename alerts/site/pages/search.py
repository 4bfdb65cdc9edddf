"""The search page, and the index that it reads."""

from alerts.site.catalogue import REKEYED, PlaceCatalogue
from alerts.site.policy import policy
from alerts.site.search.index import Index, SearchHit
from alerts.site.sources import Sources
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import paired
from alerts.text.links import city_path, dataset_key
from alerts.text.statements import place_name

PATH = "search.html"
_FOLDER = "search"


def new_index() -> Index:
    """An index without datasets."""
    return Index(policy().search_fresh_days)


def add(index: Index, catalogue: PlaceCatalogue, trees: Trees) -> None:
    """Add the datasets of a place; of one without a page the result leads to its table."""
    slug = catalogue.view.slug
    for row in catalogue.rows:
        if row.status == REKEYED:
            continue
        own = row.own_page if row.own_page and trees.has(city_path(slug, row.own_page)) else ""
        index.add(
            SearchHit(
                key=dataset_key(catalogue.portal, row.dataset),
                title=row.title,
                office=row.office,
                place=slug,
                updated=row.updated,
                status=row.status,
                page=own or catalogue.table_of[row.dataset],
            )
        )


def put(trees: Trees, sources: Sources, index: Index) -> None:
    """Put the page into both trees, and the index beside them."""
    names = paired("site")
    trees.put(
        PATH,
        "search.html.j2",
        title=said("search.title"),
        section="search",
        texts=names["search"],
        statuses=names["status"],
        places=[(view.slug, place_name(view.slug, sources.places)) for view in sources.paged.values()],
    )
    slots = trees.folder.root / _FOLDER / "slots.bin"
    before = slots.read_bytes() if slots.is_file() else b""
    places = {view.slug: place_name(view.slug, sources.places) for view in sources.paged.values()}
    shown = {slug: [name.zh, name.en] for slug, name in places.items()}
    index.write(lambda name, content: trees.put_file(f"{_FOLDER}/{name}", content), before, shown)
