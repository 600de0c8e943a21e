"""Policies as formulas: for each statement what a request must be like for it to apply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from twin.semantics.iam.case import Case, Request, make_case
from twin.semantics.iam.containment.formula import TRUE, And, Fact, Formula, Or, negated
from twin.semantics.iam.containment.keys import Mixed, Outcome, Test, outcomes
from twin.semantics.iam.containment.languages import arn_glob, glob, union
from twin.semantics.iam.containment.principals import TIED, Entry, texts
from twin.semantics.iam.containment.search import Space
from twin.semantics.iam.policy import Kind, Policy, compile_policy
from twin.semantics.iam.principals import Grade
from twin.semantics.iam.statement import Statement
from twin.semantics.iam.templates import Facts, Template, Variable, template, whole_arn

ANYTHING = union([glob((("*", True),))])


class Part(NamedTuple):
    """One statement: as it is compiled, as it is written, and the formula of its applying."""

    statement: Statement
    written: Mapping[str, Any]
    applies: Formula


@dataclass
class Reader:
    """Reads statements into formulas over one space.

    With `guess` policy variables have the values given, as in {"aws:username": ("somebody",)}; without, what depends on
    one may hold or not, whatever else does.
    """

    entries: Sequence[Entry]
    least: Grade
    guess: Facts | None = None
    tests: dict[str, list[Test]] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    columns: list[list[bool]] = field(default_factory=list)

    def read(self, documents: Sequence[Mapping[str, Any]], kind: Kind) -> list[Part]:
        """Return the statements of some documents."""
        found: list[Part] = []
        for document in documents:
            policy = compile_policy(document, kind)
            written = document["Statement"]
            listed = written if isinstance(written, list) else [written]
            variables = document.get("Version") == "2012-10-17"
            pairs = zip(policy.statements, listed, strict=True)
            found += [Part(one, text, self._applies(one, text, variables=variables)) for one, text in pairs]
        return found

    def space(self) -> Space:
        """Return the space of the statements read; keys that cannot be told apart together are left open before."""
        keys: dict[str, tuple[Outcome, ...]] = {key: outcomes(key, tests) for key, tests in self.tests.items()}
        places = range(len(self.entries))
        return Space(keys, [sum(row[at] << number for number, row in enumerate(self.columns)) for at in places])

    @cached_property
    def cases(self) -> list[Case]:
        """Each principal as a request of its own has it."""
        return [_case(one) for one in self.entries]

    def _applies(self, statement: Statement, written: Mapping[str, Any], *, variables: bool) -> Formula:
        parts = [self._action(written), self._resource(written, variables=variables)]
        if statement.principals is not None:
            least = Grade.ACCOUNT if statement.deny else self.least
            parts.append(self._column([statement.grade(case) >= least for case in self.cases]))
        for operator, keys in (written.get("Condition") or {}).items():
            parts += [self._condition(Test(operator, key.lower(), texts(v), variables)) for key, v in keys.items()]
        return And(tuple(parts))

    def _column(self, row: list[bool]) -> Formula:
        if row not in self.columns:
            self.columns.append(row)
        return Fact("principal", self.columns.index(row))

    @staticmethod
    def _action(written: Mapping[str, Any]) -> Formula:
        element = "Action" if "Action" in written else "NotAction"
        language = union([glob(((one.lower(), True),)) for one in texts(written[element])])
        return Fact("action", language, element == "Action")

    def _resource(self, written: Mapping[str, Any], *, variables: bool) -> Formula:
        element = next((one for one in ("Resource", "NotResource") if one in written), None)
        if element is None:
            return TRUE
        made = [template(whole_arn(one), variables=variables) for one in texts(written[element])]
        closed = [text for one in made if (text := self._resolved(one)) is not None]
        open_ = [_at_most(one) for one in made if one.static is None] if self.guess is None else []
        known: Formula = Fact("resource", union([arn_glob(text) for text in closed]))
        formula = Or((known, *open_)) if open_ else known
        return formula if element == "Resource" else negated(formula)

    def _resolved(self, made: Template) -> Any:
        return made.static if self.guess is None else made.resolve(self.guess)

    def _condition(self, test: Test) -> Formula:
        if test.key in TIED and not test.open:
            condition = test.compiled()
            return self._column([bool(condition(case.facts)) for case in self.cases])
        if test.open and self.guess is not None:
            # The key's other tests are not told apart from it, so it is asked with the guessed values alone.
            test = _filled(test, self.guess)
        if test.open or not self._tells_apart(test):
            return Fact("open", repr(test))
        listed = self.tests.setdefault(test.key, [])
        if test not in listed:
            listed.append(test)
        return Fact("condition", (test.key, listed.index(test)))

    def _tells_apart(self, test: Test) -> bool:
        """Return whether a test and those of its key so far can be told apart together."""
        listed = self.tests.get(test.key, [])
        try:
            _outcomes(test.key, tuple(listed if test in listed else [*listed, test]))
        except Mixed as mixed:
            self.unclear.append(str(mixed))
            return False
        return True


@lru_cache(maxsize=1024)
def _outcomes(key: str, tests: tuple[Test, ...]) -> tuple[Outcome, ...]:
    return outcomes(key, tests)


@lru_cache(maxsize=1024)
def _case(entry: Entry) -> Case:
    return make_case(Request(entry.principal, "s3:GetObject", "*", context=entry.facts), bounded=False)


def _at_most(made: Template) -> Formula:
    """Return what holds where a pattern with variables matches: something that is not known, and one that is wider."""
    text = tuple(("*", True) if isinstance(part, Variable) else part for part in made.parts)
    return And((Fact("open", str(made.parts)), Fact("resource", union([glob(text)]))))


def _filled(test: Test, guess: Facts) -> Test:
    """Return a test with its variables replaced; what stays open stays."""
    resolved = [template(one, variables=test.variables).resolve(guess) for one in test.values]
    if any(one is None for one in resolved):
        return test
    filled = tuple("".join(_quoted(s) if not active else s for s, active in one) for one in resolved if one is not None)
    return test._replace(values=filled)


def _quoted(text: str) -> str:
    return text.replace("*", "${*}").replace("?", "${?}")


def merged(parts: Sequence[Part]) -> Policy:
    """Return the policy of all statements."""
    return Policy(tuple(part.statement for part in parts))
