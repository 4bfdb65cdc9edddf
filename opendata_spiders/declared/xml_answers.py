"""XML answers read as the JSON they stand for: some servers answer the same call in either format."""

from typing import Any

from lxml import etree

from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageUnreachableError


def xml_object(text: str, root: str) -> dict[str, Any]:
    """Read an answer whose root element is `root` as an object: element names are keys, all values text.

    An element without content is null. Elements of one name side by side are a list, and so is an element that holds
    nothing but elements of its own name, even a single one: that is how a list is written. Raises PageUnreachableError
    for a body that is cut off, PageBlockedError for an HTML page, PageDriftedError for any other document.
    """
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        found = etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        if _is_html(text):
            raise PageBlockedError("HTML where JSON or XML is due") from None
        if f"</{root}" not in text:
            raise PageUnreachableError(f"the body is cut off after {len(text)} characters of XML") from None
        raise PageDriftedError(f"no XML: {plain(error)}") from None
    if found.tag != root:
        kind = PageBlockedError if _is_html(text) else PageDriftedError
        raise kind(f"an XML document {plain(found.tag)!r} where {root!r} is due")
    value = _value(found)
    return value if isinstance(value, dict) else {}


def _is_html(text: str) -> bool:
    return "<html" in text[:2000].lower()


def _value(element: etree._Element) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return (element.text or "").strip() or None
    if all(child.tag == element.tag for child in children):
        return [_value(child) for child in children]
    found: dict[str, Any] = {}
    for child in children:
        value = _value(child)
        if child.tag in found:
            before = found[child.tag]
            value = [*before, value] if isinstance(before, list) else [before, value]
        found[child.tag] = value
    return found
