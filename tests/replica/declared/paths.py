"""The inverse of JMESPath, as far as declarations use it: builds JSON in which an expression finds a value."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import jmespath

Node = Mapping[str, Any]
"""A node of JMESPath's syntax tree: `type`, `value`, `children`."""


def put(path: str, tree: Any, value: Any) -> Any:
    """Return `tree` with `value` where `path` finds it; raise ValueError for an expression with no known inverse."""
    return _merged(tree, _holding(jmespath.compile(path).parsed, value))


def _holding(node: Node, value: Any) -> Any:
    """The smallest JSON in which the expression finds the value."""
    kind = node["type"]
    if kind not in _INVERSES:
        raise ValueError(f"nothing is known to lie at a {kind} of JMESPath: write its inverse in {__name__}")
    return _INVERSES[kind](node, value)


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _merged(one[key], value) if key in one else value for key, value in other.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_merged(*pair) for pair in zip(one, other, strict=True)]
    return other


def _itself(_node: Node, value: Any) -> Any:
    """`@`, and the end of a path."""
    return value


def _down(node: Node, value: Any) -> Any:
    """`a.b.c`."""
    return reduce(lambda held, step: _holding(step, held), reversed(node["children"]), value)


def _in_first(node: Node, value: Any) -> Any:
    """`a[0]`."""
    return _holding(node["children"][0], [value])


def _in_each(node: Node, value: Any) -> Any:
    """`a[].b`: each entry holds its part of the value."""
    place, each = node["children"]
    return _holding(place, [_holding(each, part) for part in (value if isinstance(value, list) else [value])])


def _in_all(node: Node, value: Any) -> Any:
    """`[a && 'x', b && 'y']`: what the children need, merged."""
    return reduce(_merged, (_holding(child, value) for child in node["children"]))


def _under_first(node: Node, value: Any) -> Any:
    """`a | …`, `a[?…]`, `a || b`, to_string(a): what the first part needs."""
    return _holding(node["children"][0], value)


def _behind_guard(node: Node, value: Any) -> Any:
    """`a && 'x'`: `a` is filled where `x` is wanted; `a && a != 0`: `a` is the value; `a && f(a)`: as f has it."""
    guard, last = node["children"]
    if last["type"] == "literal":
        wanted = last["value"] in (value if isinstance(value, list) else [value])
        return _holding(guard, "1" if wanted else "")
    return _holding(guard if last["type"] == "comparator" else last, value)


def _compared(node: Node, value: Any) -> Any:
    """`a == 1`: `a` is that where something is wanted; `a != 0`: `a` is the value."""
    place, literal = node["children"]
    if node["value"] == "eq":
        value = literal["value"] if value else None
    return _holding(place, value)


def _in_call(node: Node, value: Any) -> Any:
    if node["value"] == "to_string":
        return _under_first(node, value)
    if node["value"] != "join":
        raise ValueError(f"nothing is known to lie at {node['value']}() of JMESPath: write its inverse in {__name__}")
    between, parts = node["children"]
    pairs = zip(parts["children"], str(value).split(between["value"]), strict=True)
    return reduce(_merged, (_holding(child, part) for child, part in pairs))


_INVERSES: Mapping[str, Callable[[Node, Any], Any]] = {
    "identity": _itself, "current": _itself, "field": lambda node, value: {node["value"]: value},
    "subexpression": _down, "index_expression": _in_first, "projection": _in_each, "multi_select_list": _in_all,
    "flatten": _under_first, "pipe": _under_first, "filter_projection": _under_first, "or_expression": _under_first,
    "and_expression": _behind_guard, "comparator": _compared, "function_expression": _in_call,
}  # fmt: skip
