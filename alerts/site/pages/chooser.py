"""The first page of the folder: it leads to a language."""

from alerts.site.tree import Trees, page_template

PATH = "index.html"


def put(trees: Trees) -> None:
    """Put the page at the root of the site."""
    trees.put_file(PATH, page_template("zh", "chooser.html.j2").render(assets=trees.assets))
