"""What would have told us if this channel were silent: a scenario again and again, each time with one detector muted.

A channel is what notices: an alarm, an event rule or a budget of the spec or of the scenario's setup, or an actor that
reads a log. It is silenced before the actors start, as somebody would who finds it too loud.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.analysis.plan.channels import channels_of
from twin.analysis.plan.planned import Planned
from twin.scenario.document import Scenario, merge
from twin.scenario.rehearsal import Rehearsal
from twin.scenario.sweep import Times, sweep, times
from twin.scenario.verdict import Result

TIMES = (
    "breach.ttd", "breach.ttn", "breach.ttc", "breach.ttr", "alert.ttd", "alert.ttn", "alert.ttr",
    "paging.ttd", "paging.tta", "paging.ttn", "bill.at_alert",
    "bill.spent", "bill.elsewhere_at_alert", "bill.elsewhere",
)  # fmt: skip
"""Figures that tell how late trouble was noticed and ended, and what it had cost by then."""
DETECTOR = "log-detector"
NOTHING = "nothing"
BY_HAND: Mapping[str, dict[str, Any] | None] = {
    "cloudwatch:PutMetricAlarm": {"with": {"ActionsEnabled": False}},
    "events:PutRule": {"with": {"State": "DISABLED"}},
    "ce:CreateAnomalySubscription": None,
}
"""Steps of a setup that make a channel, and the patch on them that silences it."""
RAISES = {
    "cloudwatch:PutMetricAlarm": "alarm ", "events:PutRule": "rule ", "ce:CreateAnomalySubscription": "anomaly ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by its name, what is raised where it tells, and the patch on the scenario that silences it."""

    name: str
    raises: str
    patch: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Silence:
    """What came of a scenario with one channel silent, under some seeds; `channel` is `nothing` for it as it is."""

    channel: str
    results: Sequence[Result]

    def told(self, figure: str) -> Times | None:
        """Return how a figure is spread; None where no run knows it."""
        return times(self.results, figure)


def channels(scenario: Scenario, rehearsal: Rehearsal) -> list[Channel]:
    """Return the channels of a scenario: those of its org, of its setup, and of its actors."""
    planned = channels_of(Planned(rehearsal.desired, rehearsal.target.scope))
    account = rehearsal.target.scope.account
    found: list[Channel] = []
    for source in planned.channels.sources:
        if not source.muted and source.tells:
            address = str(planned.declared[source.id].address)
            called = source.id.rpartition("/")[2] if source.kind != "alarm" else source.id.split(":", 6)[6]
            silenced = f"${{{address}.arn}}" if source.kind == "anomaly" else called
            step = {f"silence-{len(found)}": _mute(source.kind, silenced, account)}
            # An anomaly is raised by the service that it is found in.
            raises = f"{source.kind} {'' if source.kind == 'anomaly' else called}"
            found.append(Channel(address, raises, {"setup": step}))
    for name, made in scenario.setup.items():
        if made.call is not None and made.call in BY_HAND:
            raises = f"{RAISES[made.call]}{made.with_.get('AlarmName') or made.with_.get('Name') or ''}"
            found.append(Channel(f"setup.{name}", raises, {"setup": {name: BY_HAND[made.call]}}))
    readers = (name for name, one in scenario.actors.items() if one.kind == DETECTOR)
    found += [Channel(f"actors.{name}", f"reader {name}", {"actors": {name: None}}) for name in readers]
    return found


def _mute(kind: str, name: str, account: str) -> dict[str, Any]:
    """Return the step that silences a source of the org."""
    if kind == "anomaly":
        return {"call": "ce:DeleteAnomalyMonitor", "with": {"MonitorArn": name}}
    if kind == "alarm":
        return {"call": "cloudwatch:DisableAlarmActions", "with": {"AlarmNames": [name]}}
    if kind == "rule":
        return {"call": "events:DisableRule", "with": {"Name": name}}
    return {"call": "budgets:DeleteBudget", "with": {"AccountId": account, "BudgetName": name}}


def ablate(
    values: Mapping[str, Any], rehearsal: Rehearsal, seeds: Sequence[int], *, heard: bool = False
) -> Iterator[Silence]:
    """Yield the scenario as it is, and with each channel silent, each under the same seeds on the same org.

    With `heard`, only with each that told of something as it is: without another nothing changes.
    """
    whole = _patched(values, {})
    as_it_is = Silence(NOTHING, list(sweep(whole, NOTHING, rehearsal, seeds)))
    yield as_it_is
    raised = [name for one in as_it_is.results for name in one.figures.get("findings.raised", ())]
    for channel in channels(whole, rehearsal):
        if heard and not any(name.startswith(channel.raises) for name in raised):
            continue
        silent = _patched(values, channel.patch)
        yield Silence(channel.name, list(sweep(silent, channel.name, rehearsal, seeds)))


def _patched(values: Mapping[str, Any], patch: Mapping[str, Any]) -> Scenario:
    """Return the scenario with a patch; its variants are left out, being others, and what else tells of it."""
    return Scenario.model_validate({**merge(values, patch), "variants": {}, "findings": None})
