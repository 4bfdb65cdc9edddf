"""Puts pages into the Chinese and the English tree: texts, numbers and dates of the language, links by relative path.

In a template `t("section.name", n=3)` is a text of the site, `{{ value }}` takes the language of a `Both`, and
`value | say` does so within an expression; `to("city/x/index.html")` is the relative address of a page of the same
tree, `shared(…)` that of a file both trees share; `value | n` is a number, `moment | day` a date, and `text | marked`
says the language of portal text within a sentence of ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from alerts.publish.folder import Folder
from alerts.site.charts.bars import bar
from alerts.site.words import say, wording
from alerts.text.labels import Both, label
from alerts.text.links import page_url
from alerts.text.templates import environment
from alerts.text.wording import LANGUAGES

_HAN = re.compile(r"([\u3000-\u303f\u3400-\u9fff\uff00-\uffef][\u3000-\u303f\u3400-\u9fff\uff00-\uffef\d]*)")


@dataclass(frozen=True, slots=True)
class Crumb:
    """A page above the present one."""

    name: Both
    path: str


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A page in the menu; its name is the text `nav.NAME`."""

    name: str
    path: str


SECTIONS = (
    MenuItem("overview", "index.html"),
    MenuItem("search", "search.html"),
    MenuItem("removed", "removed/index.html"),
    MenuItem("compare", "compare/index.html"),
    MenuItem("coverage", "coverage.html"),
    MenuItem("method", "method.html"),
    MenuItem("feeds", "feeds/index.html"),
)


@dataclass
class Trees:
    """Both trees of a site in its folder."""

    folder: Folder
    site_url: str = ""
    """URL of the site without a slash at its end; if empty, pages carry no absolute address."""
    assets: Mapping[str, str] = field(default_factory=dict)
    """Path below the folder of each shared file by its name (`site.css`)."""
    paths: set[str] = field(default_factory=set)
    """Files put by the part of the site that is being written, relative to the folder."""

    def put(
        self,
        path: str,
        template: str,
        *,
        title: Both,
        crumbs: Sequence[Crumb] = (),
        section: str = "",
        **values: object,
    ) -> None:
        """Render the page in both languages before either is written. Raises OSError."""
        depth = path.count("/")
        shown: dict[str, Any] = {
            **values,
            "title": title,
            "crumbs": crumbs,
            "section": section,
            "path": path,
            "root": "../" * depth,
            "assets": self.assets,
            "address": {one: page_url(self.site_url, one, path) for one in LANGUAGES} if self.site_url else {},
        }
        rendered = {language: page_template(language, template).render(shown) for language in LANGUAGES}
        for language, text in rendered.items():
            self.put_file(f"{language}/{path}", text)

    def has(self, path: str) -> bool:
        """Whether the page with this path is in both trees."""
        return all((self.folder.root / language / path).is_file() for language in LANGUAGES)

    def put_file(self, path: str, content: str | bytes) -> None:
        """Write a file that is no page, with its path below the folder. Raises OSError."""
        self.folder.put(path, content)
        self.paths.add(path)


def page_template(language: str, name: str) -> Template:
    """The template `site/NAME` with the filters and texts of a language."""
    return _environment(language).get_template(f"site/{name}")


@cache
def _environment(language: str) -> Environment:
    made, words = environment(), wording(language)

    def in_language(value: object) -> object:
        if isinstance(value, str):  # the common case
            return value
        if isinstance(value, Both):
            return value.of(language)
        return value.get(language, "") if isinstance(value, Mapping) else value

    def number(value: float | None, spec: str = "") -> str:
        return "–" if value is None else words.number(value, spec)

    def day(moment: datetime | None) -> str:
        return words.full_day(moment) if moment else "–"

    def percent(share: float | None) -> str:
        return "–" if share is None else f"{share:.0%}"

    def marked(text: Both | str) -> Markup:
        """A text in which portal text of the other script says its language; Chinese texts need no marks."""
        told = text.of(language) if isinstance(text, Both) else text
        if language == "zh":
            return escape(told)
        return Markup().join(
            Markup('<span lang="zh">{}</span>').format(part) if number % 2 else escape(part)
            for number, part in enumerate(_HAN.split(told))
        )

    made.globals |= {
        "t": partial(say, language),
        "L": lambda key: label(key).of(language),
        "to": _to,
        "shared": _shared,
        "language": language,
        "html_lang": {"zh": "zh-Hans", "en": "en"}[language],
        "other": next(one for one in LANGUAGES if one != language),
        "sections": SECTIONS,
        "bar": bar,
    }
    made.filters |= {"say": in_language, "n": number, "day": day, "percent": percent, "marked": marked}
    made.finalize = in_language
    return made


@pass_context
def _to(context: Context, path: str) -> str:
    return f"{context['root']}{path}"


@pass_context
def _shared(context: Context, name: str) -> str:
    """The address of a file that both trees share, by its name or its path below the folder."""
    return f"{context['root']}../{context['assets'].get(name, name)}"
