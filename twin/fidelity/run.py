"""Runs probes against a target, and says of each whether the answers were right, wrong or missing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from twin.fidelity.probe import Judgement, Probe, Step
from twin.resources.aws.api import AwsSystem
from twin.resources.call import Call, Refused, aws, cloudflare, okta
from twin.resources.transport import System
from twin.scenario.values import UnknownName, Values

Answer = Literal["right", "wrong", "missing", "untested"]
# Codes by which a target says that it does not have an operation at all.
LACKING = {"TwinUnsupportedOperation", "TwinStoreFailure", "InternalFailure", "NotImplemented", "501", "404", "500"}
BYTES = {"Body", "ZipFile", "Plaintext", "Data", "SSECustomerKey", "CopySourceSSECustomerKey"}
Pass = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: its answer, the calls that it made, and the first step that went wrong."""

    area: str
    name: str
    capability: str | None
    row: str | None
    answer: Answer
    calls: int
    why: str = ""


class Wrong(Exception):
    """A step was not answered as the vendor documents it."""


class Lacking(Exception):
    """The target does not have the operation of a step."""


def run(probe: Probe, systems: Mapping[str, System], *, unique: str, pass_: Pass | None) -> Finding:
    """Run one probe on a target; without `pass_`, one that lets time pass is untested."""
    runner = _Runner(systems, Values({"unique": unique}))
    answer: Answer = "right"
    why = ""
    try:
        for number, step in enumerate(probe.steps, 1):
            if step.wait is not None and pass_ is None:
                answer, why = "untested", "the target has no virtual time"
                break
            try:
                runner.step(step, pass_)
            except (Wrong, Lacking, UnknownName) as found:
                answer = "missing" if isinstance(found, Lacking) else "wrong"
                why = f"step {number}, {step.call}: {found}"
                break
            except (TypeError, ValueError) as broken:
                raise ValueError(f"{probe.area}/{probe.name}, step {number}, {step.call}: {broken}") from broken
    finally:
        made = runner.calls
    return Finding(probe.area, probe.name, probe.capability, probe.row, answer, made, why)


class _Runner:
    def __init__(self, systems: Mapping[str, System], values: Values) -> None:
        self.systems, self.values, self.calls = systems, values, 0

    def step(self, step: Step, pass_: Pass | None) -> None:
        if step.wait is not None:
            assert pass_ is not None
            pass_(step.wait)
            return
        assert step.call is not None
        self.calls += 1
        call = _call(step, self.values)
        try:
            reply = self._system(call, step).execute(call)
        except Refused as refused:
            self._refused(step, refused)
            return
        if step.refused is not None:
            raise Wrong(f"was done, and should have been refused: {step.refused}")
        for expression, wanted in step.holds.items():
            _judge(expression, _plain(self.values.pick(expression, reply)), self.values.fill(wanted))
        for name, expression in step.save.items():
            found = self.values.pick(expression, reply)
            if found is None:
                raise Wrong(f"the reply has no {expression}")
            self.values.save(name, found)

    def _system(self, call: Call, step: Step) -> System:
        system = self.systems[call.system]
        if step.as_ is None:
            return system
        keys = self.values[step.as_]
        return cast(AwsSystem, system).acting_as(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))

    def _refused(self, step: Step, refused: Refused) -> None:
        if refused.code == "ParamValidation":
            raise ValueError(refused.message)
        wanted = [step.refused] if isinstance(step.refused, str) else step.refused or []
        if refused.code in wanted:
            return
        if refused.code in LACKING and not wanted:
            raise Lacking(f"{refused.code}: {refused.message}")
        if refused.code.startswith("Twin") or "TWIN_UNSUPPORTED" in refused.message:
            raise Lacking(f"{refused.code}: {refused.message}")
        expected = f", wanted {' or '.join(wanted)}" if wanted else ""
        raise Wrong(f"was refused: {refused.code}: {refused.message}{expected}")


def _call(step: Step, values: Values) -> Call:
    assert step.call is not None
    params, words = values.fill(step.with_), step.call.split(" ", 2)
    if len(words) == 3:
        make = {"okta": okta, "cloudflare": cloudflare}[words[0]]
        return make(words[1], values.fill(words[2]), params.get("json"), params.get("query"))
    service, _, operation = step.call.partition(":")
    return aws(service, operation, _with_bytes(params), region=step.region)


def _with_bytes(params: Any) -> Any:
    """Encode what botocore takes as bytes only."""
    if isinstance(params, Mapping):
        return {
            name: value.encode() if name in BYTES and isinstance(value, str) else _with_bytes(value)
            for name, value in params.items()
        }
    return [_with_bytes(item) for item in params] if isinstance(params, list) else params


def _plain(found: Any) -> Any:
    """Read a body that is streamed, and bytes as text; instants as they are written."""
    found = found.read() if hasattr(found, "read") else found
    if isinstance(found, datetime):
        return found.isoformat()
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else found


def _judge(expression: str, found: Any, wanted: Any) -> None:
    if isinstance(wanted, Mapping) and wanted.keys() <= Judgement.model_fields.keys() and wanted:
        judgement = Judgement.model_validate(wanted)
        held = all(_meets(kind, found, getattr(judgement, kind)) for kind in judgement.model_fields_set)
    else:
        held = found == wanted
    if not held:
        raise Wrong(f"{expression} is {found!r}, wanted {wanted!r}")


def _meets(kind: str, found: Any, wanted: Any) -> bool:
    if kind == "absent":
        return bool((found is None or found == []) == wanted)
    if kind == "unlike":
        return bool(found != wanted)
    if found is None:
        return False
    if kind == "contains":
        return bool(wanted in found)
    if kind == "matches":
        return re.search(wanted, str(found)) is not None
    return bool(found >= wanted if kind == "at_least" else found <= wanted)
