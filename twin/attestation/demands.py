"""Whether a plan's attestations fulfil what its environment demands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from pydantic import ValidationError

import twin
from twin.attestation.attestations import APPROVAL, REHEARSAL, Signed, signed_by
from twin.attestation.scenario_files import another, meant
from twin.engine.plan import Plan
from twin.errors import UsageError
from twin.spec.model.promotion import SHA256, Demanded, Promotion
from twin.spec.windows import is_open, next_opening

AHEAD = timedelta(minutes=5)
HERE, WINDOW = "this machine", "deployment window"


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


def needs_own_key(plan: Plan) -> bool:
    """Tell whether this machine's key has a say: where no signers are named, and in who may approve."""
    asked = promotion_of(plan)
    return not asked.signers or bool(asked.approvals)


def _with_tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_tuples(item) for key, item in value.items()}
    return tuple(_with_tuples(item) for item in value) if isinstance(value, list) else value


def examine(plan: Plan, envelopes: list[Any], *, own_key: str, at: datetime) -> list[Demand]:
    """Hold the attestations of a plan to its demands; `own_key` is the public key of this machine, "" without one."""
    asked = promotion_of(plan)
    judge = _Judge(plan, asked, at, own_key)
    rehearsals, unsigned = signed_by(envelopes, asked.signers or judge.here)
    approvals, _ = signed_by(envelopes, asked.approvers)
    rehearsed = [one for one in rehearsals if one.statement.predicate_type == REHEARSAL]
    found = [
        *judge.carried_out(rehearsed, unsigned),
        *judge.rehearsed(rehearsed, unsigned),
        *judge.taken_back(rehearsed, unsigned),
        *judge.within_budget(rehearsed, unsigned),
        *judge.approved([one for one in approvals if one.statement.predicate_type == APPROVAL], envelopes),
    ]
    hours = window(asked, at)
    return [*found, hours] if hours is not None else found


def window(asked: Promotion, at: datetime) -> Demand | None:
    """Return the demand that a deployment window is open, None where there are none."""
    if not asked.windows:
        return None
    opened = any(is_open(one, at) for one in asked.windows)
    told = "open" if opened else f"closed; the next one opens {next_opening(asked.windows, at):%a %Y-%m-%d %H:%M %Z}"
    return Demand(WINDOW, opened, told)


def closed(asked: Promotion, at: datetime) -> str | None:
    """Say that the deployment window is closed; None while one is open, and where there are none."""
    hours = window(asked, at)
    return f"the {hours.name} is {hours.found}" if hours is not None and not hours.held else None


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges statements about one plan at one instant."""

    plan: Plan
    asked: Promotion
    at: datetime
    own_key: str

    @property
    def here(self) -> dict[str, str]:
        """The key of this machine under its name, if it has one."""
        return {HERE: self.own_key} if self.own_key else {}

    def carried_out(self, rehearsals: Sequence[Signed], unsigned: Sequence[str]) -> Iterator[Demand]:
        """Yield the demand that the plan was carried out on a twin, where no other demand shows that it was."""
        if self.asked.rehearsal == "demanded" and self.plan.pending and not self.asked.scenarios and not self._ways:
            yield self._shown("rehearsal", rehearsals, unsigned, _carried_out)

    @property
    def _ways(self) -> int:
        """From how many places the way back must have been rehearsed: each wave, or the plan that is one."""
        waves = self.asked.waves
        if waves is None or waves.rollback != "rehearsed":
            return 0
        return len(self.plan.waves) or int(bool(self.plan.undoes))

    def rehearsed(self, rehearsals: Sequence[Signed], unsigned: Sequence[str]) -> Iterator[Demand]:
        """Yield a demand for each scenario that must have passed."""
        for scenario in self.asked.scenarios:
            verdict, digest = partial(_verdict, scenario=scenario), partial(_digest, scenario=scenario)
            yield self._shown(f"scenario {scenario.id}", rehearsals, unsigned, verdict, digest)

    def taken_back(self, rehearsals: Sequence[Signed], unsigned: Sequence[str]) -> Iterator[Demand]:
        """Yield the demand for a rehearsal of the way back from every wave of the plan, or of the plan that is one."""
        if self._ways:
            yield self._shown("way back", rehearsals, unsigned, partial(_way_back, ways=self._ways))

    def within_budget(self, rehearsals: Sequence[Signed], unsigned: Sequence[str]) -> Iterator[Demand]:
        """Yield the demand that a whole month becomes no dearer than it may."""
        most = self.asked.max_monthly_increase
        if most is not None:
            yield self._shown("monthly cost", rehearsals, unsigned, partial(_dearer, most=most))

    def _shown(
        self, name: str, rehearsals: Sequence[Signed], unsigned: Sequence[str], lacks: Callable[..., str | None],
        details: Callable[..., str] = lambda _: "",
    ) -> Demand:  # fmt: skip
        """Look for a rehearsal that counts and of which `lacks` has nothing to say; `details` tells what it was of."""
        reasons = list(unsigned)
        for one in rehearsals:
            reason = self._against(one) or lacks(one.statement.predicate)
            if reason is None:
                told = one.statement.predicate
                return Demand(name, True, f"passed at {told['at']}, says {one.signer}{details(told)}")
            reasons.append(reason)
        return Demand(name, False, "; ".join(dict.fromkeys(reasons)) or "it was not rehearsed: twin rehearse PLAN.json")

    def approved(self, approvals: Sequence[Signed], envelopes: list[Any]) -> Iterator[Demand]:
        """Yield the demand for approvals: of distinct people, none of whom rehearsed the plan."""
        if not self.asked.approvals:
            return
        authors = self._authors(envelopes)
        valid, reasons = set[str](), []
        for one in approvals:
            reason = self._against(one)
            if {one.signer, one.statement.key} & authors:
                reason = f"{one.signer} rehearsed the plan, and nobody approves their own"
            if reason is None:
                valid.add(one.signer)
            else:
                reasons.append(reason)
        held = len(valid) >= self.asked.approvals
        told = f"{len(valid)} of {self.asked.approvals}" + (f": {', '.join(sorted(valid))}" if valid else "")
        yield Demand("approvals", held, "; ".join([told, *dict.fromkeys(reasons)]))

    def _authors(self, envelopes: list[Any]) -> set[str | None]:
        """Return the names and keys of whoever rehearsed this plan, in every list; of who applies, where nobody did."""
        found = [
            one
            for known in (self.asked.approvers, self.asked.signers, self.here)
            for one in signed_by(envelopes, known)[0]
            if one.statement.predicate_type == REHEARSAL and one.statement.digest == self.plan.digest
        ]
        return {told for one in found for told in (one.signer, one.statement.key)} or {self.own_key}

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


def _carried_out(predicate: Mapping[str, Any]) -> str | None:
    return None if predicate.get("applied") is True else "what was signed does not say that the plan was carried out"


def _named(predicate: Mapping[str, Any], scenario: Demanded) -> list[Any]:
    return [run for run in predicate.get("scenarios", ()) if run.get("id") == scenario.id]


def _digest(predicate: Mapping[str, Any], scenario: Demanded) -> str:
    """Tell the digest of the file that was rehearsed, as a spec names it."""
    digest = meant(scenario) or _named(predicate, scenario)[0].get("digest")
    return f", of {SHA256}{digest}" if digest else ""


def _verdict(predicate: Mapping[str, Any], scenario: Demanded) -> str | None:
    named = _named(predicate, scenario)
    if not named:
        return f"{scenario.id} was not among the scenarios that were rehearsed"
    wanted = meant(scenario)
    runs = [run for run in named if wanted in (None, run.get("digest"))]
    if not runs:
        return another(scenario, named[0].get("digest"))
    lost = [run for run in runs if run.get("verdict") != "PASS"]
    return f"{scenario.id} was {lost[0].get('verdict')}" if lost else None


def _way_back(predicate: Mapping[str, Any], ways: int) -> str | None:
    told = predicate.get("rollback") or ()
    if len(told) != ways:
        return f"the way back was rehearsed from {len(told)} of {ways} waves"
    lost = [str(one.get("wave")) for one in told if one.get("restored") is not True]
    return f"the way back from {', '.join(lost)} does not lead to what was before" if lost else None


def _dearer(predicate: Mapping[str, Any], most: Decimal) -> str | None:
    told = predicate.get("cost") or {}
    try:
        old, new = Decimal(told["before"]), Decimal(told["after"])
    except (KeyError, TypeError, InvalidOperation):
        return "what the plan costs was not rehearsed"
    if new - old <= most:
        return None
    return f"a whole month costs {new:,} USD instead of {old:,}: {new - old:+,}, and may be {most:+,.2f}"


def _days(length: timedelta) -> str:
    seconds = length.total_seconds()
    hours = seconds / 3600
    if hours < 1:
        return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
