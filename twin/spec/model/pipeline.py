"""The pipeline of a spec: the repository in which it lives, and the gates before each of its environments."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Name, RepositoryName, Text, pattern

Login = Annotated[str, pattern("TW0213", r"[A-Za-z0-9][A-Za-z0-9-]{0,38}", "a GitHub account", "octocat")]
CHECKOUT = pattern("TW0213", r"actions/checkout@[\w.-]+", "a version of GitHub's checkout", "actions/checkout@COMMIT")
Requirement = Annotated[str, pattern("TW0213", r"[\w.\[\]~=<>! @:/%+,#-]+", "what pip installs", "twin==1.0")]
LONGEST_WAIT = timedelta(days=30)
MOST_REVIEWERS = 6


class Gate(Section):
    """What stands before an environment: a GitHub environment of the same name with its protection rules."""

    reviewers: tuple[Login, ...] = ()
    """Who may let a change pass, one of them; without any, it passes by itself."""
    self_review: bool = False
    """Whether who began a run may let it pass."""
    wait: Duration = timedelta(0)
    """How long a change waits, approved or not."""
    role: Text | None = None
    """The role of `delivery.roles` that its jobs assume; `deploy` without it."""

    def problems(self) -> Iterator[Problem]:
        """Refuse what GitHub would refuse."""
        if len(self.reviewers) > MOST_REVIEWERS:
            yield Problem("TW0216", ("reviewers",), f"GitHub takes {MOST_REVIEWERS} reviewers at most")
        if self.wait > LONGEST_WAIT:
            yield Problem("TW0216", ("wait",), "GitHub waits for 30d at most")


class Pipeline(Section):
    """How a change of this spec gets to its accounts, by way of a GitHub repository."""

    repository: RepositoryName
    """The repository, `owner/name`."""
    spec: Text = "org.yaml"
    """Where this spec stands in it."""
    branch: Text = "main"
    """The branch from which is applied; changes get there by pull requests alone."""
    install: Requirement | None = None
    """From where its jobs install twin, as pip reads it: a wheel by URL with `#sha256=`, or a name with a version."""
    checkout: Annotated[str, CHECKOUT] = "actions/checkout@v4"
    """The checkout of its jobs, best by the commit that you have read."""
    reviews: int = Field(default=1, ge=0, le=6)
    """How many people must approve a pull request."""
    planner: Text = "plan"
    """The role of `delivery.roles` with which plans are made: for pull requests, and before somebody approves."""
    home: Name
    """The environment of this spec that holds the repository and its rules; the others hold their gates alone."""
    gates: dict[Name, Gate] = Field(min_length=1)
    """The environments in the order in which a change reaches them, each with what stands before it."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a home that no change ever reaches."""
        if self.home not in self.gates:
            yield Problem(
                "TW0216", ("home",), f"the home {self.home} is none of the gates", f"one of {', '.join(self.gates)}"
            )
