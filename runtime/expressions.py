"""Settings that are computed: “=2*channels”. A small arithmetic, read with Python's parser and never run by it."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from runtime.graph import Json

MARK = "="
"""What a computed setting begins with."""

_LONGEST = 500
_BIGGEST = 1e15
_TWO: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ONE: Mapping[type[ast.AST], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_CALLS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "round": round, "abs": abs}


class WrongExpression(ValueError):
    """The expression cannot be computed; the text says why, for the user."""


def is_expression(raw: object) -> TypeGuard[str]:
    """Whether the raw value of a setting is computed."""
    return isinstance(raw, str) and raw.startswith(MARK)


def names_in(raw: str) -> frozenset[str]:
    """The names of arguments that an expression uses; none when it cannot be read."""
    try:
        tree = ast.parse(raw[len(MARK) :].strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(part.id for part in ast.walk(tree) if isinstance(part, ast.Name)) - set(_CALLS)


def computed(raw: str, names: Mapping[str, Json]) -> Json:
    """The value of “=expression”: numbers, the arguments in `names`, + - * / // %, comparisons, `a if b else c`,
    `and`/`or`/`not`, min, max, round, abs, and lists such as (2, 2). Raises WrongExpression.
    """
    text = raw[len(MARK) :].strip()
    if len(text) > _LONGEST:
        raise WrongExpression(f"“{text[:40]}…” is too long to be computed.")
    try:
        found: Json = _checked(_Reader(names).value(ast.parse(text, mode="eval").body))
        return found
    except WrongExpression as error:
        raise WrongExpression(f"“{raw[:80]}” cannot be computed: {error}") from None
    except ZeroDivisionError:
        raise WrongExpression(f"“{raw[:80]}” cannot be computed: it divides by 0.") from None
    except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        reason = "write numbers, arguments and + - * / // %, such as =2*channels."
        raise WrongExpression(f"“{raw[:80]}” cannot be computed: {reason}") from None


def with_names(raw: str, values: Mapping[str, Json]) -> Json:
    """The setting with values in the place of names: a plain value where that can be computed, else an expression of
    what the values themselves name. What cannot be read stays as it is.
    """
    plain = {name: value for name, value in values.items() if not is_expression(value)}
    try:
        return computed(raw, plain)
    except WrongExpression:
        pass
    try:
        tree = ast.parse(raw[len(MARK) :].strip(), mode="eval")
        return MARK + ast.unparse(_Replacing(values).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return raw


class _Replacing(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, Json]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.values.get(node.id)
        if isinstance(value, str) and is_expression(value):
            return ast.parse(value[len(MARK) :].strip(), mode="eval").body
        return ast.Constant(value) if isinstance(value, int | float | str) else node


class _Reader:
    def __init__(self, names: Mapping[str, Json]) -> None:
        self.names = names

    def value(self, part: ast.expr) -> Any:
        match part:
            case ast.Constant(int() | float() | str() as value):
                return value
            case ast.Name(name):
                return self._named(name)
            case ast.Tuple(parts) | ast.List(parts):
                return [self.value(one) for one in parts]
            case ast.UnaryOp(ast.Not(), inner):
                return not self.value(inner)
            case ast.UnaryOp(sign, inner):
                return _ONE[type(sign)](self.value(inner))
            case ast.BinOp(left, sign, right):
                return self._both(sign, self.value(left), self.value(right))
            case ast.Compare(left, [sign], [right]):
                return self._both(sign, self.value(left), self.value(right))
            case ast.BoolOp(sign, parts):
                found = [bool(self.value(one)) for one in parts]
                return all(found) if isinstance(sign, ast.And) else any(found)
            case ast.IfExp(test, this, other):
                return self.value(this if self.value(test) else other)
            case ast.Call(ast.Name(name), parts, []) if name in _CALLS:
                return _CALLS[name](*(self.value(one) for one in parts))
        raise WrongExpression("only numbers, arguments and simple arithmetic fit.")

    def _named(self, name: str) -> Json:
        if name not in self.names:
            known = ", ".join(self.names)
            fits = f"here there are {known}" if known else "this sheet has no arguments"
            raise WrongExpression(f"there is no argument “{name}”; {fits}.")
        return self.names[name]

    def _both(self, sign: ast.AST, left: Any, right: Any) -> Any:
        comparing = isinstance(sign, ast.cmpop)
        if not comparing and not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise WrongExpression("only numbers can be added or multiplied.")
        if type(sign) not in _TWO:
            raise WrongExpression("this sign is not known; + - * / // % fit.")
        return _checked(_TWO[type(sign)](left, right))


def _checked(value: Any) -> Any:
    """The value; a number too large to be meant is refused, and 8.0 from a division is 8."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise WrongExpression("the result is too large.")
        value = int(value) if value.is_integer() else value
    if isinstance(value, int) and abs(value) > _BIGGEST:
        raise WrongExpression("the result is too large.")
    return value
