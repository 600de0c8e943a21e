"""Twin's own commands in a pipeline's steps: check, plan, rehearse and apply, held to the guards of real accounts."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twin.attestation.demands import examine, promotion_of
from twin.attestation.envelope import public_text, seal
from twin.attestation.guards import Consent, admit
from twin.attestation.scenario_files import standing
from twin.blueprints.compile import compile_spec
from twin.engine.check import problems
from twin.errors import GuardError, SpecError, TargetError, UsageError
from twin.resources.call import Refused
from twin.scenario.delivery.workplace import Commands, Planned, StepFailed, Workplace, filled, saved_plan
from twin.scenario.fork import in_forks
from twin.scenario.plan_rehearsal import Run, runs, statement
from twin.scenario.plan_walk import arrival
from twin.scenario.timeline import Process
from twin.spec.load import Spec, parse
from twin.spec.model.promotion import Demanded
from twin.spec.shipped import scenario_of

SCENARIOS = "scenarios/"
Wanted = tuple[Demanded, str | None]
"""A demanded scenario, and its text where the repository has it."""
command = Commands()


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
        file, lines = filled(work, found[5]), [f"{change.action} {change.key}" for change in made.pending]
        told = "\n".join([f"### {found[2]}: {made.digest[:12]}", *(lines or ["no changes"]), ""])
        work.files[file] = work.files.get(file, "") + told


@command(r"twin plan (\S+) --env (\S+) --without (\w+) -o (\S+)")
def plan_first(work: Workplace, found: re.Match[str]) -> None:
    """Plan an environment for a twin of the job's own, on which nothing stands."""
    spec = _spec(work, found[1], found[2])
    try:
        desired, made = work.place.first_plan(spec, found[3])
    except (TargetError, SpecError, Refused) as error:
        raise StepFailed(str(error)) from error
    work.plans[found[4]] = Planned(made, spec, desired)


@command(r"twin rehearse (\S+)")
def rehearse(work: Workplace, found: re.Match[str]) -> None:
    """Run what the plan's environment demands on a twin of the job's own, and sign what passed."""
    held = saved_plan(work, found[1])
    asked = promotion_of(held.plan)
    back = asked.waves is not None and asked.waves.rollback == "rehearsed"
    if back or asked.max_monthly_increase is not None:
        told = "TwinUnsupportedOperation: the way back and what a month costs are not rehearsed by a played job"
        raise StepFailed(told)
    texts = [(one, _scenario(work, one.id)) for one in asked.scenarios]
    (done,) = in_forks([partial(_rehearsed, held, texts, work.place.now())])
    for name, verdict, reason in done[0]:
        work.place.stage.journal.write(work.lease.what.key, "rehearsed", scenario=name, verdict=verdict, why=reason)
    failed = [f"{verdict} {name}: {reason}" for name, verdict, reason in done[0] if verdict != "PASS"]
    if failed:
        raise StepFailed(f"exit 1: not signed: {'; '.join(failed)}")
    held.attestations.append(seal(done[1], _key(work)))


@command(r"twin apply (\S+) --live --confirm (\S+)")
def apply(work: Workplace, found: re.Match[str]) -> Process:
    """Apply a saved plan to the real account of the environment, if every guard lets it; each wave soaks."""
    held, keys = saved_plan(work, found[1]), _session(work)
    own = public_text(_key(work).public_key())
    demands = examine(held.plan, held.attestations, own_key=own, at=work.place.now())
    try:
        admit(held.plan, work.place.target(held.plan.scope, keys), Consent(found[2], allow_delete=False), demands)
        yield from work.place.apply(held.plan, keys)
    except GuardError as error:
        raise StepFailed(f"exit 4: {error}") from error
    except TargetError as error:
        raise StepFailed(str(error)) from error


def _key(work: Workplace) -> Ed25519PrivateKey:
    """Return the key of the job's machine; what it signs counts there alone, so that it is no secret."""
    machine = f"{work.lease.repository}:{work.lease.run}:{work.lease.what.key}"
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(machine.encode()).digest())


def _scenario(work: Workplace, name: str) -> str | None:
    """Return the text of a scenario that the repository has; None of one that ships with twin alone."""
    for path, text in sorted(work.files.items()):
        if path.startswith(SCENARIOS) and re.search(rf"^id:\s*{re.escape(name)}\s*$", text, re.MULTILINE):
            return text
    if scenario_of(name) is not None:
        return None
    raise StepFailed(f"{name}: there is no such file, and no scenario with that id; `twin run` lists them")


def _rehearsed(held: Planned, texts: Sequence[Wanted], at: datetime) -> tuple[list[tuple[str, str, str]], Any]:
    """Return each scenario's verdict, and the statement of all; in a copy of the process, as it makes worlds."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        try:
            files = dict(_laid(Path(folder), texts))
            done = list(runs(held.plan, held.desired, files, read_secret=_no_secret, shelf=None))
            went = None if texts else arrival(held.plan, read_secret=_no_secret, shelf=None)
        except (TargetError, UsageError) as error:
            raise StepFailed(str(error)) from error
        told = [_told(run) for run in done]
        if went is not None:
            told.append((went.wave, "FAIL" if went.left else "PASS", "; ".join(went.left)))
        return told, statement(held.plan, done, at, applied=went is not None)


def _laid(folder: Path, texts: Sequence[Wanted]) -> Iterator[tuple[str, Path]]:
    for number, (demand, text) in enumerate(texts):
        file = folder / f"{number}.yaml" if text is not None else scenario_of(demand.id)
        assert file is not None, "what the repository lacks ships with twin"
        if text is not None:
            file.write_text(text, encoding="utf-8")
        yield demand.id, standing(demand, file)


def _told(run: Run) -> tuple[str, str, str]:
    return run.result.scenario, run.result.verdict, run.result.reason


def _no_secret(source: str) -> str:
    raise UsageError(f"a played job has no secret {source}")


def _session(work: Workplace) -> Mapping[str, str]:
    """Take the role of the variables with the token of the file that they name, as AWS's SDKs do."""
    role, file = work.env.get("AWS_ROLE_ARN", ""), work.env.get("AWS_WEB_IDENTITY_TOKEN_FILE", "")
    if file not in work.files:
        raise StepFailed("Unable to locate credentials")
    try:
        return work.place.take(role, work.files[file], f"run-{work.lease.run}")
    except Refused as refused:
        raise StepFailed(f"{refused.code}: {refused.message}") from refused
