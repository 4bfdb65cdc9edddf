"""The inverse of CSS selectors: builds a page by adding, for each selector, an element that it selects."""

import re
from typing import Any

import cssselect
from lxml.html import HtmlElement, tostring
from lxml.html.builder import E

_SHELLS = {"td": ("tr",), "tr": ("table", "tbody", "thead"), "li": ("ul", "ol"), "dd": ("dl",)}
"""The parents an element must have; the first is made where the selector names another."""
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Page:
    """A page, or an entry of one: elements are added below `scope`."""

    def __init__(self, scope: HtmlElement) -> None:
        self.scope = scope
        self._made: dict[str, HtmlElement] = {}

    @classmethod
    def empty(cls) -> "Page":
        return cls(E.body())

    def html(self) -> str:
        head = E.head(E.meta(charset="utf-8"), E.title("数据目录"))
        return "<!DOCTYPE html>" + tostring(E.html(head, self.scope), encoding="unicode")

    def element(self, selector: str, *, fresh: bool = False) -> HtmlElement:
        """Return the element that `selector` selects, adding it and its ancestors if missing; `fresh`: always add one.

        Of several alternatives in the selector the last is made.
        """
        return self._grown(cssselect.parse(selector)[-1].parsed_tree, fresh=fresh)

    def write(self, selector: str, text: str, *, fresh: bool = False) -> None:
        """Put `text` where `selector` reads it (with `::attr(name)` into an attribute)."""
        chosen = cssselect.parse(selector)[-1]
        element = self._grown(chosen.parsed_tree, fresh=fresh)
        wanted = chosen.pseudo_element
        if isinstance(wanted, cssselect.parser.FunctionalPseudoElement):
            name = wanted.arguments[0].value
            element.set(name, readable(element.get(name, "") + text))
        else:
            self.set_text(element, text)

    def set_text(self, element: HtmlElement, text: str) -> None:
        """Set an element's text, without the characters that no page can hold."""
        element.text = readable(text)

    def _grown(self, tree: Any, *, fresh: bool) -> HtmlElement:
        key = repr(tree)
        if key not in self._made or fresh:
            self._made[key] = self._made_of(tree)
        return self._made[key]

    def _made_of(self, tree: Any) -> HtmlElement:
        if not isinstance(tree, cssselect.parser.CombinedSelector):
            return _added(self.scope, tree)
        before = self._grown(tree.selector, fresh=False)
        if tree.combinator == "+":
            element = _made(tree.subselector)
            before.addnext(element)
            return element
        return _added(before, tree.subselector)


def _added(parent: HtmlElement, tree: Any) -> HtmlElement:
    """Add a new element to `parent`; before one that is to be the n-th of its kind others are added."""
    element = _made(tree)
    shells = _SHELLS.get(element.tag, (parent.tag,))
    if parent.tag not in shells:
        shell = E(shells[0])
        parent.append(shell)
        parent = shell
    for _ in range(_place(tree) - len(parent.findall(element.tag)) - 1):
        parent.append(E(element.tag))
    parent.append(element)
    return element


def _made(tree: Any) -> HtmlElement:
    """An element of a compound selector such as `h2.name[target="x"]:contains("y")`."""
    if isinstance(tree, cssselect.parser.Element):
        return E(tree.element or "div")
    element = _made(tree.selector)
    if isinstance(tree, cssselect.parser.Class):
        element.set("class", f"{element.get('class', '')} {tree.class_name}".strip())
    elif isinstance(tree, cssselect.parser.Hash):
        element.set("id", tree.id)
    elif isinstance(tree, cssselect.parser.Attrib):
        element.set(tree.attrib, tree.value.value if tree.value else "")
    elif isinstance(tree, cssselect.parser.Function) and tree.name == "contains":
        element.text = tree.arguments[0].value
    elif not (isinstance(tree, cssselect.parser.Negation) or _place(tree) or _alone(tree)):
        raise ValueError(f"no element is known for {tree!r}: make one in {__name__}")
    return element


def _alone(tree: Any) -> bool:
    """Whether a pseudo-class holds for an element that is the only one of its kind in its parent."""
    return isinstance(tree, cssselect.parser.Pseudo) and tree.ident in ("first-child", "first-of-type", "last-child")


def _place(tree: Any) -> int:
    """The n of `:nth-of-type(n)`, else 0."""
    is_nth = isinstance(tree, cssselect.parser.Function) and tree.name == "nth-of-type"
    return int(tree.arguments[0].value) if is_nth else 0


def readable(text: str) -> str:
    """The text without the characters that no page can hold."""
    return _UNHOLDABLE.sub(" ", text)
