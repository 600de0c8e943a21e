"""The machine of one job in a rehearsal: what its steps leave to one another, and the commands that they may call."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import Headers

from twin.engine.plan import Plan
from twin.resources.declaration import Desired
from twin.scenario.delivery.places import Place
from twin.scenario.timeline import Process
from twin.spec.load import Spec
from twin.wire import Request
from twin.world.saas.github.runner import Lease


class StepFailed(Exception):
    """A command that ended with another code than 0, and what it said."""


@dataclass(slots=True)
class Planned:
    """A saved plan, and what it was made from."""

    plan: Plan
    spec: Spec
    desired: Desired
    attestations: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Workplace:
    """The machine of one job: its variables and files, what it planned, what it tells the jobs after it."""

    lease: Lease
    place: Place
    env: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    plans: dict[str, Planned] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    step: str = ""

    def ask(self, method: str, url: str, token: str, body: Any = None) -> Any:
        """Make a call to GitHub with a token of the job's; StepFailed when it is refused."""
        headers = Headers({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        sent = Request(method, url, headers, json.dumps(body).encode() if body is not None else b"")
        reply = self.place.world.handle(sent)
        told = json.loads(reply.body) if reply.body else {}
        if reply.status >= 400:
            raise StepFailed(f"{reply.status}: {told.get('message')}")
        return told


Command = Callable[[Workplace, re.Match[str]], Process | None]
"""Carries out a line; as a process where that takes time of its own."""
DIGEST = re.compile(r"\$\(jq -r \.(digest|effect) (\S+)\)")


class Commands:
    """Commands by the lines that a pattern fits as a whole."""

    def __init__(self) -> None:
        self.known: list[tuple[re.Pattern[str], Command]] = []

    def __call__(self, pattern: str) -> Callable[[Command], Command]:
        """Bind a function to the lines that a pattern fits."""

        def bind(function: Command) -> Command:
            self.known.append((re.compile(pattern), function))
            return function

        return bind


def filled(work: Workplace, text: str) -> str:
    """Put in what a shell would: variables, and the digests of saved plans."""
    text = DIGEST.sub(lambda found: str(getattr(saved_plan(work, found[2]).plan, found[1])), text)
    return re.sub(r"\$(\w+)", lambda found: work.env.get(found[1], ""), text)


def saved_plan(work: Workplace, file: str) -> Planned:
    """Return what a command saved; StepFailed when none did."""
    if file not in work.plans:
        raise StepFailed(f"jq: error: Could not open file {file}: No such file or directory")
    return work.plans[file]
