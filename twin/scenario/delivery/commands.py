"""The commands of a pipeline's steps, as a rehearsal carries them out: each really does what it says, on the world.

Every other command fails its step as a shell does that does not find it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import Headers

from twin.blueprints.compile import compile_spec
from twin.engine.plan import Plan
from twin.errors import SpecError, TargetError
from twin.resources.call import Refused
from twin.resources.declaration import Desired
from twin.scenario.delivery.places import Place
from twin.spec.load import Spec, parse
from twin.spec.windows import is_open, next_opening
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


Command = Callable[[Workplace, re.Match[str]], None]
COMMANDS: list[tuple[re.Pattern[str], Command]] = []
DIGEST = re.compile(r"\$\(jq -r \.digest (\S+)\)")


def command(pattern: str) -> Callable[[Command], Command]:
    """Bind a function to the lines that a pattern fits as a whole."""

    def bind(function: Command) -> Command:
        COMMANDS.append((re.compile(pattern), function))
        return function

    return bind


def carry_out(work: Workplace, line: str) -> None:
    """Carry out one line of a step."""
    for pattern, function in COMMANDS:
        if (found := pattern.fullmatch(line)) is not None:
            function(work, found)
            return
    raise StepFailed(f"{line.split()[0]}: command not found")


def _filled(work: Workplace, text: str) -> str:
    """Put in what a shell would: variables, and the digests of saved plans."""
    text = DIGEST.sub(lambda found: _plan(work, found[1]).plan.digest, text)
    return re.sub(r"\$(\w+)", lambda found: work.env.get(found[1], ""), text)


def _plan(work: Workplace, file: str) -> Planned:
    if file not in work.plans:
        raise StepFailed(f"jq: error: Could not open file {file}: No such file or directory")
    return work.plans[file]


@command(r'pip install "twin==(\S+)"')
def install(_work: Workplace, _found: re.Match[str]) -> None:
    """Install twin: it is there."""


@command(r'curl -sSf -H "Authorization: Bearer \$\w+" "\$\w+&audience=(\S+)" \| jq -rj \.value > "(\S+)"')
def sign_on(work: Workplace, found: re.Match[str]) -> None:
    """Ask GitHub for an identity token."""
    if not work.lease.request_url:
        raise StepFailed("curl: (3) URL rejected: the job has no permission id-token: write")
    url = f"{work.lease.request_url}&audience={quote(found[1])}"
    work.files[_filled(work, found[2])] = work.ask("GET", url, work.lease.request_token)["value"]


@command(r'echo "(\w+)=(.*)" >> "\$GITHUB_(ENV|OUTPUT)"')
def tell(work: Workplace, found: re.Match[str]) -> None:
    """Tell the steps, or the jobs, that come after."""
    value = _filled(work, found[2])
    if found[3] == "ENV":
        work.env[found[1]] = value
    else:
        work.told.setdefault(work.step, {})[found[1]] = value


@command(r'test "(.+)" = "(.+)"')
def compare(work: Workplace, found: re.Match[str]) -> None:
    """Compare two texts."""
    if _filled(work, found[1]) != _filled(work, found[2]):
        raise StepFailed("the plan is another than the one that was approved")


def _spec(work: Workplace, file: str, environment: str) -> Spec:
    if file not in work.files:
        raise StepFailed(f"{file}: there is no such file")
    try:
        return parse(work.files[file].encode(), Path(file), environment, environ={})
    except SpecError as error:
        raise StepFailed("; ".join(one.message for one in error.diagnostics)) from error


@command(r"twin check (\S+) --env (\S+)")
def check(work: Workplace, found: re.Match[str]) -> None:
    """Check a spec: what it wants can be built."""
    from twin.engine.check import problems

    try:
        desired, scope = compile_spec(_spec(work, found[1], found[2]))
    except SpecError as error:
        raise StepFailed("; ".join(one.message for one in error.diagnostics)) from error
    if wrong := problems(desired, scope):
        raise StepFailed("; ".join(problem.message for _, problem in wrong))


@command(r'twin plan (\S+) --env (\S+) --live --without (\w+) -o (\S+)(?: >> "(\S+)")?')
def plan(work: Workplace, found: re.Match[str]) -> None:
    """Plan an environment with the role that the job signed on to."""
    spec = _spec(work, found[1], found[2])
    try:
        desired, made = work.place.plan(spec, found[3], _session(work))
    except (TargetError, SpecError, Refused) as error:
        raise StepFailed(str(error)) from error
    work.plans[found[4]] = Planned(made, spec, desired)
    if found[5]:
        file, lines = _filled(work, found[5]), [f"{change.action} {change.key}" for change in made.pending]
        told = "\n".join([f"### {found[2]}: {made.digest[:12]}", *(lines or ["no changes"]), ""])
        work.files[file] = work.files.get(file, "") + told


@command(r"twin apply (\S+) --live --confirm (\S+)")
def apply(work: Workplace, found: re.Match[str]) -> None:
    """Apply a saved plan to the account whose alias was confirmed, in its window."""
    held = _plan(work, found[1])
    if held.plan.scope.alias != found[2]:
        raise StepFailed(f"exit 4: the account alias must be confirmed; {found[2]!r} was given")
    windows, now = held.spec.org.delivery.promotion.windows, work.place.now()
    if windows and not any(is_open(window, now) for window in windows):
        opens = next_opening(windows, now)
        raise StepFailed(f"exit 4: deployment window: closed; the next one opens {opens:%a %Y-%m-%d %H:%M %Z}")
    try:
        work.place.apply(held.plan, _session(work))
    except TargetError as error:
        raise StepFailed(str(error)) from error


@command(r'gh pr comment (\d+) --body-file "(\S+)"')
def comment(work: Workplace, found: re.Match[str]) -> None:
    """Write a file's text under a pull request."""
    at = f"https://api.github.com/repos/{work.lease.repository}/issues/{found[1]}/comments"
    work.ask("POST", at, work.env.get("GH_TOKEN", ""), {"body": work.files.get(_filled(work, found[2]), "")})


def _session(work: Workplace) -> Mapping[str, str]:
    """Take the role of the variables with the token of the file that they name, as AWS's SDKs do."""
    role, file = work.env.get("AWS_ROLE_ARN", ""), work.env.get("AWS_WEB_IDENTITY_TOKEN_FILE", "")
    if file not in work.files:
        raise StepFailed("Unable to locate credentials")
    try:
        return work.place.take(role, work.files[file], f"run-{work.lease.run}")
    except Refused as refused:
        raise StepFailed(f"{refused.code}: {refused.message}") from refused
