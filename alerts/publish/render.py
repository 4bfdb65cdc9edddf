"""Pages as HTML and feeds as XML: everything is escaped, nothing is fetched, the same data makes the same bytes."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.text.labels import label

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "site"


def render(name: str, **values: object) -> str:
    """A template of templates/site with its values."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2", "xml.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["L"] = label
    return environment


@cache
def look() -> str:
    """Changes whenever templates, names of kinds or texts do: pages written before must then be written anew."""
    alerts = Path(__file__).resolve().parents[1]
    sources = [*sorted(TEMPLATES.glob("*.j2")), alerts / "model" / "kinds.csv"]
    for folder, pattern in (("text/phrases", "*.yaml"), ("text", "*.py"), ("publish", "*.py")):
        sources += sorted((alerts / folder).glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
