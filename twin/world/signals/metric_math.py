"""Metric math: what an expression makes of time series, point by point.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import math
import operator
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Any

Line = dict[float, float]
"""A time series: a value by its instant."""
Value = float | Line | list[Line]
OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
OVER: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum, "MIN": min, "MAX": max, "AVG": lambda values: sum(values) / len(values),
}  # fmt: skip


class UnknownMath(ValueError):
    """An expression that is none, or that the twin does not work out; its text says which part."""


def work_out(expression: str, metrics: Mapping[str, Line], made: Mapping[str, Line] | None = None) -> Line:
    """Return what an expression makes of the lines that it names; UnknownMath when it cannot be worked out.

    `made` has the lines of earlier expressions, which METRICS() leaves out. A point that one of two lines lacks, or
    whose value is no number, as after a division by zero, leaves none behind.
    """
    lines = ChainMap(dict(made or {}), dict(metrics))
    try:
        tree = ast.parse(expression.replace("^", "**").replace("&&", " and ").replace("||", " or "), mode="eval")
    except (SyntaxError, ValueError) as wrong:
        raise UnknownMath(f"Error in expression: {expression}") from wrong
    found = _value(tree.body, lines)
    if isinstance(found, list):
        raise UnknownMath(f"{expression} makes several time series")
    if isinstance(found, float):
        every = {at for line in lines.values() for at in line}
        return dict.fromkeys(sorted(every), found)
    return found


def _value(node: ast.expr, lines: ChainMap[str, Line]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number) if (held := _number(operator.mul, number, 1.0)) is not None:
            return held
        case ast.Name(id=name) if name in lines:
            return lines[name]
        case ast.List(elts=members):
            return [_line(_value(member, lines)) for member in members]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _pairs(operator.mul, -1.0, _value(operand, lines))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            found = _pairs(OPERATORS[type(sign)], _value(left, lines), _value(right, lines))
            if found == {} and not any(isinstance(part, ast.Name) for part in ast.walk(node)):
                raise UnknownMath(f"{ast.unparse(node)} is no number")
            return found
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in OPERATORS:
            return _pairs(OPERATORS[type(sign)], _value(left, lines), _value(right, lines))
        case ast.BoolOp(op=sign, values=[first, second]):
            both = min if isinstance(sign, ast.And) else max
            return _pairs(lambda a, b: both(bool(a), bool(b)), _value(first, lines), _value(second, lines))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
            return _called(name.upper(), given, lines)
    raise UnknownMath(f"{ast.unparse(node)} is not worked out")


def _called(name: str, given: list[ast.expr], lines: ChainMap[str, Line]) -> Value:
    if name == "METRICS" and not given:
        return list(lines.maps[-1].values())
    values = [_value(each, lines) for each in given]
    if name in EACH and len(values) == 1:
        return _pairs(lambda value, _: EACH[name](value), values[0], 0.0)
    if name in OVER and len(values) == 1:
        return _over(OVER[name], values[0])
    if name == "FILL" and len(values) == 2 and isinstance(values[1], float):
        every = sorted({at for line in lines.values() for at in line})
        filled = values[1]
        return {at: _line(values[0]).get(at, filled) for at in every}
    if name == "IF" and len(values) in (2, 3):
        return _chosen(values)
    raise UnknownMath(f"{name} is not worked out")


def _over(function: Callable[[list[float]], float], value: Value) -> Value:
    """Of several lines make one, point by point; of one line a number."""
    if isinstance(value, list):
        every = sorted({at for line in value for at in line})
        return {at: float(function([line[at] for line in value if at in line])) for at in every}
    line = _line(value)
    return float(function(list(line.values()))) if line else {}


def _chosen(values: list[Value]) -> Value:
    condition, yes = values[0], values[1]
    no: Value = values[2] if len(values) > 2 else {}
    if isinstance(condition, float):
        return yes if condition else no
    picked = {at: _at(yes if met else no, at) for at, met in _line(condition).items()}
    return {at: value for at, value in picked.items() if value is not None}


def _at(value: Value, at: float) -> float | None:
    return value if isinstance(value, float) else _line(value).get(at)


def _pairs(function: Callable[[float, float], Any], left: Value, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        many = left if isinstance(left, list) else right
        found = [_pairs(function, one, right) if many is left else _pairs(function, left, one) for one in _lines(many)]
        return [_line(each) for each in found]
    if isinstance(left, float) and isinstance(right, float):
        alone = _number(function, left, right)
        return {} if alone is None else alone
    points: Line = {}
    for at in left if isinstance(left, dict) else _line(right):
        first, second = _at(left, at), _at(right, at)
        if first is None or second is None:
            continue
        if (worked_out := _number(function, first, second)) is not None:
            points[at] = worked_out
    return points


def _number(function: Callable[[float, float], Any], first: float, second: float) -> float | None:
    """Return what a function makes of two numbers; None where that is no real number or one too large."""
    try:
        found = function(first, second)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return float(found) if not isinstance(found, complex) and math.isfinite(found) else None


def _lines(value: Value) -> list[Line]:
    return value if isinstance(value, list) else [_line(value)]


def _line(value: Value) -> Line:
    if not isinstance(value, dict):
        raise UnknownMath("a time series is wanted")
    return value
