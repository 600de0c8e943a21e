"""Whether a plan's attestations fulfil what its environment demands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

import twin
from twin.engine.plan import Plan
from twin.errors import UsageError
from twin.promote.attestations import APPROVAL, REHEARSAL, Signed, signed_by
from twin.spec.model.promotion import Promotion
from twin.spec.windows import is_open, next_opening

AHEAD = timedelta(minutes=5)
HERE = "this machine"


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that is demanded, whether it is fulfilled, and what was found."""

    name: str
    held: bool
    found: str


def promotion_of(plan: Plan) -> Promotion:
    """Return what a plan's spec demands."""
    try:
        return Promotion.model_validate(_with_tuples(plan.promotion))
    except ValidationError as error:
        raise UsageError(f"the plan's demands cannot be read; plan again: {error}") from error


def _with_tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_tuples(item) for key, item in value.items()}
    return tuple(_with_tuples(item) for item in value) if isinstance(value, list) else value


def examine(plan: Plan, envelopes: list[Any], *, own_key: str, at: datetime) -> list[Demand]:
    """Hold the attestations of a plan to its demands; `own_key` is the public key of this machine."""
    asked = promotion_of(plan)
    judge = _Judge(plan, asked, at, own_key)
    rehearsals, unsigned = signed_by(envelopes, asked.signers or {HERE: own_key})
    approvals, _ = signed_by(envelopes, asked.approvers)
    found = [
        *judge.rehearsed([one for one in rehearsals if one.statement.predicate_type == REHEARSAL], unsigned),
        *judge.approved([one for one in approvals if one.statement.predicate_type == APPROVAL], envelopes),
    ]
    if asked.windows:
        opened = any(is_open(window, at) for window in asked.windows)
        told = (
            "open" if opened else f"closed; the next one opens {next_opening(asked.windows, at):%a %Y-%m-%d %H:%M %Z}"
        )
        found.append(Demand("deployment window", opened, told))
    return found


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges statements about one plan at one instant."""

    plan: Plan
    asked: Promotion
    at: datetime
    own_key: str

    def rehearsed(self, rehearsals: Sequence[Signed], unsigned: Sequence[str]) -> Iterator[Demand]:
        """Yield a demand for each scenario that must have passed."""
        for scenario in self.asked.scenarios:
            reasons = list(unsigned)
            for one in rehearsals:
                reason = self._against(one) or _verdict(one.statement.predicate, scenario)
                if reason is None:
                    seen = f"passed at {one.statement.predicate['at']}, says {one.signer}"
                    yield Demand(f"scenario {scenario}", True, seen)
                    break
                reasons.append(reason)
            else:
                told = "; ".join(dict.fromkeys(reasons)) or "it was not rehearsed: twin rehearse PLAN.json"
                yield Demand(f"scenario {scenario}", False, told)

    def approved(self, approvals: Sequence[Signed], envelopes: list[Any]) -> Iterator[Demand]:
        """Yield the demand for approvals: of distinct people, none of whom rehearsed the plan."""
        if not self.asked.approvals:
            return
        authors = self._authors(envelopes)
        valid, reasons = set[str](), []
        for one in approvals:
            reason = self._against(one)
            if one.signer in authors:
                reason = f"{one.signer} rehearsed the plan, and nobody approves their own"
            if reason is None:
                valid.add(one.signer)
            else:
                reasons.append(reason)
        held = len(valid) >= self.asked.approvals
        told = f"{len(valid)} of {self.asked.approvals}" + (f": {', '.join(sorted(valid))}" if valid else "")
        yield Demand("approvals", held, "; ".join([told, *dict.fromkeys(reasons)]))

    def _authors(self, envelopes: list[Any]) -> set[str]:
        """Return the approvers whose keys signed a rehearsal of this plan; whoever applies, where nobody did."""
        signers = {
            one.signer
            for one in signed_by(envelopes, {**self.asked.approvers, **self.asked.signers, HERE: self.own_key})[0]
            if one.statement.predicate_type == REHEARSAL and one.statement.digest == self.plan.digest
        }
        mine = {name for name, key in self.asked.approvers.items() if key == self.own_key}
        return signers or mine

    def _against(self, one: Signed) -> str | None:
        """Say why a statement is not about this plan, here and now; None when it is."""
        told, statement = one.statement.predicate, one.statement
        if statement.digest != self.plan.digest:
            return f"what {one.signer} signed is another plan, {statement.digest[:12]}"
        try:
            age = self.at - datetime.fromisoformat(told["at"])
        except (KeyError, TypeError, ValueError):
            return f"what {one.signer} signed does not say when"
        if age > self.asked.fresh:
            return f"what {one.signer} signed is {_days(age)} old, and may be {_days(self.asked.fresh)}"
        if age < -AHEAD:
            return f"what {one.signer} signed is dated in the future, {told['at']}"
        if statement.predicate_type == REHEARSAL and told.get("twin") != twin.__version__:
            return f"it was rehearsed with twin {told.get('twin')}, and this is {twin.__version__}"
        return None


def _verdict(predicate: Mapping[str, Any], scenario: str) -> str | None:
    runs = [run for run in predicate.get("scenarios", ()) if run.get("id") == scenario]
    if not runs:
        return f"{scenario} was not among the scenarios that were rehearsed"
    lost = [run for run in runs if run.get("verdict") != "PASS"]
    return f"{scenario} was {lost[0].get('verdict')}" if lost else None


def _days(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
