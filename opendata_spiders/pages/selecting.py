"""Elements, texts and attributes of a parsed HTML page, at a fraction of what parsel takes for each.

A list page is asked some thirty questions a row, every night: of a night without a change they are most of the work.
"""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree
from parsel import Selector
from parsel.csstranslator import HTMLTranslator

_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)


def elements(scope: Selector, css: str) -> list[Selector]:
    """Return the elements within a scope that a CSS selector selects, in the order of the page."""
    return [Selector(root=one, type="html") for one in _compiled(css)(scope.root)]


def closest(element: Selector, tag: str) -> list[Selector]:
    """Return the closest element of this tag around another; none where there is none."""
    return [Selector(root=one, type="html") for one in islice(element.root.iterancestors(tag), 1)]


def strings(scope: Selector, css: str) -> list[str]:
    """Return the attributes or texts that a CSS selector with `::attr(name)` or `::text` selects."""
    return [str(one) for one in _compiled(css)(scope.root)]


@cache
def _compiled(css: str) -> Any:
    return etree.XPath(HTMLTranslator().css_to_xpath(css), smart_strings=False)


def texts(element: Selector) -> list[str]:
    """Return the texts in an element, in their order; scripts and comments are not text."""
    found: list[str] = _TEXTS(element.root)
    return found


def attribute(found: Selector | Iterable[Selector], name: str) -> str | None:
    """Return an attribute of an element, of several that of the first that has it; None where none has it.

    Does not use `attrib`, which reads all attributes and fails on a name that holds a control byte.
    """
    for one in (found,) if isinstance(found, Selector) else found:
        if (value := one.root.get(name)) is not None:
            return str(value)
    return None
