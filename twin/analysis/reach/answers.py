"""A question about an action on a resource, and its answer with the statements that it rests on."""

from typing import NamedTuple

from twin.analysis.reach.subject import Limits, Source


class Ground(NamedTuple):
    """The statement that a permission rests on: whose policy, in which layer, of which name and Sid or index."""

    owner: str
    layer: str
    policy: str
    statement: str | int
    place: int = 0
    arn: str = ""

    def __str__(self) -> str:
        name = f"Sid {self.statement}" if isinstance(self.statement, str) else f"statement {self.statement}"
        if self.layer == "membership":
            return f"membership of {self.owner} in {self.policy}"
        if self.layer == "assertion":
            return f"assertion of the app {self.policy} for {self.owner}"
        called = self.policy if self.policy.startswith(self.layer) else f"{self.layer} policy {self.policy}"
        return f"{called} of {self.owner}, {name}"


class Answer(NamedTuple):
    """Whether it can be done, the statements it rests on, and the conditions that the caller must meet."""

    allowed: bool
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[str, ...] = ()


NO = Answer(False)


class Question(NamedTuple):
    """An action on a resource: its own policy, its grants (JSON of each), what the org tells of the request.

    `limits` is what binds the resource's account. `passed`: the caller's account was asked already, about what leads
    there; of its policies only denials count.
    """

    action: str
    resource: str
    account: str
    policy: Source | None = None
    grants: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tags_known: bool = False
    by_service: bool = False
    limits: Limits | None = None
    passed: bool = False
