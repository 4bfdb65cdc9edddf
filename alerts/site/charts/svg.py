"""Elements of SVG as escaped markup."""

from markupsafe import Markup, escape


def element(name: str, *inside: object, **attributes: object) -> Markup:
    """The element with its attributes and what is inside it, all escaped.

    A `_` at the end of an attribute's name is dropped (`class_`), any other becomes a hyphen; None is left out.
    """
    named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    written = "".join(f' {key}="{escape(value)}"' for key, value in named.items())
    if not inside:
        return Markup(f"<{name}{written}/>")  # noqa: S704 -- names are ours, values are escaped
    return Markup(f"<{name}{written}>{''.join(map(escape, inside))}</{name}>")  # noqa: S704 -- as above
