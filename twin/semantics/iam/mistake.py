"""What is wrong with a policy or a question, and in which element of which statement."""


class PolicyError(ValueError):
    """A policy that is not one of the language; `policy`, `statement` and `element` say where, where known."""

    def __init__(self, problem: str, element: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.element = element
        self.statement: str | int | None = None
        self.policy: str | None = None

    def __str__(self) -> str:
        statement = None if self.statement is None else f"statement {self.statement}"
        return ": ".join(str(part) for part in (self.policy, statement, self.element, self.problem) if part is not None)


class QuestionError(ValueError):
    """A question that does not hold what a question must."""
