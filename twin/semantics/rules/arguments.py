"""Function calls: reading the arguments and holding them against the function's parameters."""

from twin.semantics.rules import accessing, literals, parsing
from twin.semantics.rules.catalogue import Function, Parameter
from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.kinds import Kind, array, kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.pattern_text import check_references, check_regex, check_wildcard
from twin.semantics.rules.scope import Scope
from twin.semantics.rules.syntax import Access, Address, Argument, Call, Field, Literal, Number, Text

LITERALS = (Text, Number, Address)


def call(cursor: Cursor, scope: Scope, function: Function, start: int) -> Call:
    """Read the arguments of a function whose name was read."""
    cursor.skip_space()
    opening = cursor.at
    cursor.expect("(")
    with scope.nested(opening):
        cursor.skip_space()
        read: list[Argument] = []
        while not cursor.done and cursor.peek() != ")":
            if read:
                cursor.expect(",")
                cursor.skip_space()
            at = cursor.at
            if function.most is not None and len(read) >= function.most:
                raise RuleError(f"{function.name}() takes {_count(function)}", at)
            read.append(_checked(function, read, _argument(cursor, scope), at, scope))
            cursor.skip_space()
        if len(read) < function.least:
            raise RuleError(f"{function.name}() takes {_count(function)}, but got {len(read)}", cursor.at)
        cursor.expect(")")
    scope.calls.append((function, start))
    return Call(function.name, tuple(read), _returned(function, read), start)


def _count(function: Function) -> str:
    if function.most is None:
        return f"at least {function.least} arguments"
    counted = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
    return f"{counted} argument{'' if function.most == 1 else 's'}"


def _returned(function: Function, read: list[Argument]) -> Kind:
    first = read[0]
    returned = first.kind if function.returns == "same" else kind(function.returns)
    return array(returned) if isinstance(first, Access) and first.mapped else returned


def _argument(cursor: Cursor, scope: Scope) -> Argument:
    if cursor.peek() == '"' or literals.starts_raw(cursor):
        return literals.text(cursor)
    if cursor.peek() in ("(", "!") or _negated(cursor):
        return parsing.logical(cursor, scope)
    if accessing.name_starts(cursor):
        return _named(cursor, scope)
    return _literal(cursor)


def _negated(cursor: Cursor) -> bool:
    return cursor.text.startswith("not", cursor.at, cursor.end)


def _named(cursor: Cursor, scope: Scope) -> Argument:
    start = cursor.at
    try:
        value = accessing.access(cursor, scope)
    except RuleError as mistake:
        if mistake.offset != start:
            raise
        cursor.at = start
        try:
            return _literal(cursor)
        except RuleError:
            raise mistake from None
    before = cursor.at
    cursor.skip_space()
    at = cursor.at
    compared = parsing.operator_at(cursor) is not None
    cursor.at = at if compared else before
    return parsing.comparison(cursor, scope, value) if compared else value


def _literal(cursor: Cursor) -> Literal:
    """Read an address, an integer or bytes, whichever fits first."""
    start = cursor.at
    for read in (_address, _integer, literals.text):
        try:
            return read(cursor)
        except RuleError:
            cursor.at = start
    raise RuleError("expected an argument", start)


def _address(cursor: Cursor) -> Address:
    start = cursor.at
    return Address(literals.address(cursor), start)


def _integer(cursor: Cursor) -> Number:
    start = cursor.at
    return Number(literals.integer(cursor), start)


def _checked(function: Function, before: list[Argument], argument: Argument, at: int, scope: Scope) -> Argument:
    parameter = function.parameter(len(before))
    if isinstance(argument, Access) and argument.mapped and before:
        raise RuleError("[*] can be used in the first argument of a function only", at)
    what = f"argument {len(before) + 1} of {function.name}()"
    _check_source(parameter, argument, f"{what} must be", at, scope)
    _check_kind(parameter, before, argument, f"{what} must be", at)
    if isinstance(argument, LITERALS):
        _check_literal(parameter, argument, f"{what} must be", at)
    return argument


def _check_source(parameter: Parameter, argument: Argument, must: str, at: int, scope: Scope) -> None:
    literal = isinstance(argument, LITERALS)
    if literal and parameter.source == "field":
        mistake = RuleError(f"{must} a field or a function, not a literal", at)
        if not parameter.example:
            raise mistake
        scope.examples.append(mistake)
    if not literal and parameter.source == "literal":
        raise RuleError(f"{must} a literal", at)
    if parameter.fields and not (
        isinstance(argument, Access) and isinstance(argument.root, Field) and argument.root.name in parameter.fields
    ):
        raise RuleError(f"{must} {' or '.join(parameter.fields)}", at)


def _check_kind(parameter: Parameter, before: list[Argument], argument: Argument, must: str, at: int) -> None:
    actual = argument.kind
    if parameter.of == ("same",):
        wanted: tuple[str, ...] = (str(before[0].kind),)
    elif parameter.of == ("element",):
        wanted = (str(before[0].kind.of),)
    else:
        wanted = parameter.of
    if str(actual) not in wanted and (actual.of is None or actual.name not in wanted):
        raise RuleError(f"{must} {' or '.join(wanted)}, but got {actual}", at)
    if parameter.flat and actual.of is not None and actual.of.of is not None:
        raise RuleError(f"{must} a collection of single values, but got {actual}", at)


def _check_literal(parameter: Parameter, argument: Literal, must: str, at: int) -> None:
    if parameter.between is not None and isinstance(argument, Number):
        least, most = parameter.between
        if not least <= argument.value <= most:
            raise RuleError(f"{must} from {least} to {most}", at)
    if not isinstance(argument, Text):
        return
    if parameter.letters is not None and not set(argument.value) <= set(parameter.letters.encode()):
        raise RuleError(f"{must} of the letters {', '.join(parameter.letters)}", at)
    if parameter.filled and not argument.value:
        raise RuleError(f"{must} a string that is not empty", at)
    if parameter.syntax == "regex":
        check_regex(argument)
    if parameter.syntax == "wildcard":
        check_wildcard(argument)
    if parameter.references is not None:
        check_references(argument, parameter.references)
