"""What is wrong with a scenario before anything runs: names, calls and expressions that lead nowhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from twin.resources.aws.api import misnamed, offers
from twin.resources.call import aws
from twin.resources.catalogue import catalogue
from twin.scenario.actor_check import actor_problems
from twin.scenario.calm import ATTACKERS, calm
from twin.scenario.document import Alert, Expectation, Page, Scenario, Step
from twin.scenario.fault_check import fault_problems
from twin.scenario.lets import Circular, in_order
from twin.scenario.spending import METERING
from twin.scenario.values import NAME
from twin.scenario.vendor_calls import POSTGRES, call_problems, vendor_call
from twin.spec.suggest import nearest, suggestion
from twin.world.capabilities import capabilities

Path = tuple[str, ...]
Found = tuple[Path, str]
ITEM = "item"
ACCOUNT = re.compile(r"\d{12}")
OF_A_FAULT = ("effects", "refused", "delayed", "shown", "noticed", "seconds")


def problems(scenario: Scenario) -> Iterator[Found]:
    """Yield what leads nowhere, with its place in the file."""
    yield from _given(scenario)
    names = {ITEM, *scenario.let, *scenario.accounts}
    for part in ("setup", "runbook"):
        names |= _saved(getattr(scenario, part))
    for part in ("setup", "runbook"):
        for name, step in getattr(scenario, part).items():
            yield from _step((part, name), step, names)
    for said, told in (("responder", scenario.responder), ("begin", getattr(scenario.begin, "as_", None))):
        if told is not None and told not in names and scenario.runbook:
            yield (said,), f"nothing is named {told}"
    yield from _paged(scenario)
    yield from _explored(scenario)
    for name, actor in scenario.actors.items():
        yield from actor_problems(("actors", name), actor)
        yield from _names(("actors", name, "with"), actor.with_, names | saved_by(actor.with_))
    for name, fault in scenario.faults.items():
        yield from fault_problems(("faults", name), fault, scenario.duration)
        yield from _names(("faults", name, "with"), fault.with_, names)
    for part in ("expect", "effects"):
        for name, expectation in getattr(scenario, part).items():
            yield from _expectation((part, name), expectation, scenario, names)
    if scenario.converge is not None:
        for name, expectation in scenario.converge.expect.items():
            yield from _expectation(("converge", "expect", name), expectation, scenario, names)


def _given(scenario: Scenario) -> Iterator[Found]:
    """Yield what is wrong with what stands before any step: accounts, capabilities, values of `let`."""
    for name, account in scenario.accounts.items():
        if not ACCOUNT.fullmatch(account):
            yield ("accounts", name), f"{account!r} is no account of AWS: those are named by 12 digits, in quotes"
    for name in scenario.requires:
        # One that no target has is told of by the verdict; one that is nearly another is a slip of the pen.
        if name not in (known := capabilities()) and (meant := nearest(name, known)):
            yield ("requires",), f"there is no capability {name}; did you mean `{meant}`?"
    for name, value in scenario.let.items():
        yield from _names(("let", name), value, {*scenario.let, *scenario.accounts})
    try:
        in_order(scenario.let)
    except Circular as circle:
        yield ("let", circle.names[0]), str(circle)


def _paged(scenario: Scenario) -> Iterator[Found]:
    """Yield a page of a service that is nobody's; without `on_call` it is one of the org's spec."""
    page, on_call = scenario.begin, scenario.on_call
    if isinstance(page, Page) and on_call is not None and page.paged not in on_call.services:
        yield ("begin",), f"on_call has no service {page.paged}"


def _explored(scenario: Scenario) -> Iterator[Found]:
    """Yield steps of the exploration that the runbook lacks; a variant may have taken them away."""
    if scenario.explore is None or not scenario.variants:
        return
    listed: list[tuple[Path, list[str]]] = [(("explore", "before"), scenario.explore.before)]
    for name, move in scenario.explore.moves.items():
        listed += [(("explore", "moves", name), [*move.do, *move.undo])]
    for at, names in listed:
        for name in names:
            if name not in scenario.runbook:
                yield at, f"the runbook has no step {name}"


def _saved(steps: Mapping[str, Step]) -> set[str]:
    found = {name for step in steps.values() for name in step.save}
    return found.union(*(_saved(step.steps) for step in steps.values()))


def saved_by(told: Any) -> set[str]:
    """Return the names that the steps of an actor save for itself."""
    if isinstance(told, Mapping):
        own = told.get("save")
        return set(own if isinstance(own, Mapping) else ()).union(*(saved_by(item) for item in told.values()))
    return set()


def _step(at: Path, step: Step, names: set[str]) -> Iterator[Found]:
    for name, inner in step.steps.items():
        yield from _step((*at, "steps", name), inner, names)
    if step.as_ is not None and step.as_ not in names:
        yield (*at, "as"), f"nothing is named {step.as_}"
    if step.as_ is None and (step.call or "").startswith(f"{POSTGRES} "):
        yield (*at, "as"), "a database is called `as` somebody: under the name of a login that was saved"
    yield from _call(at, step.call, step.with_)
    yield from _names((*at, "with"), step.with_, names)
    for part in step.restore or ():
        if not any(f"{part}.".startswith(f"{one}.") or one.startswith(f"{part}.") for one in catalogue()):
            yield (*at, "restore"), f"no type of resource is named {part}; {suggestion(part, catalogue())}"
    if step.each is not None and step.each not in names:
        yield (*at, "each"), f"nothing is named {step.each}"
    for name, expression in step.save.items():
        yield from _expression((*at, "save", name), expression)
    yield from _expression((*at, "until"), step.until)


def _expectation(at: Path, expectation: Expectation, scenario: Scenario, names: set[str]) -> Iterator[Found]:
    yield from _call(at, expectation.call, expectation.with_)
    yield from _names((*at, "with"), expectation.with_, names)
    yield from _expression((*at, "value"), expectation.value)
    if expectation.key is not None and expectation.key not in names:
        yield (*at, "key"), f"nothing is named {expectation.key}"
    yield from _figure((*at, "figure"), expectation.figure or "runbook", scenario)


def _figure(at: Path, figure: str, scenario: Scenario) -> Iterator[Found]:
    actor, _, name = figure.partition(".")
    if actor == "collateral":
        if calm(scenario) is None:
            yield at, "without a control run nothing is known of collateral damage"
        yield from _figure(at, name, scenario)
    elif actor == "fault":
        fault, _, name = name.partition(".")
        if fault not in scenario.faults:
            yield at, f"there is no fault {fault}; {suggestion(fault, scenario.faults) or 'the scenario has none'}"
        elif name not in OF_A_FAULT:
            yield at, f"there is no figure {figure}; {suggestion(name, OF_A_FAULT)}"
    elif actor == "converge" and scenario.converge is not None:
        if name != "seconds":
            yield at, f"there is no figure {figure}; did you mean `converge.seconds`?"
    elif actor == "bill":
        if METERING not in scenario.requires:
            yield at, f"nothing is billed: add `{METERING}` to `requires`"
    elif actor == "alert":
        if not isinstance(scenario.begin, Alert):
            yield at, "nobody is alerted: `begin` has no `alerted: QUEUE`"
    elif actor == "paging":
        if not isinstance(scenario.begin, Page):
            yield at, "nobody is paged: `begin` names no service of `on_call`"
    elif actor not in {"runbook", "breach", *scenario.actors}:
        yield at, f"there is no actor {actor}; {suggestion(actor, scenario.actors) or 'the scenario has none'}"
    elif figure and not name and actor != "runbook":
        yield at, f"{figure} is an actor; one of its figures is meant, `{figure}.NAME`"


def unknown_figures(scenario: Scenario, figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures that are asked of somebody who counted others, and nothing by that name."""
    looks = [scenario.expect, scenario.effects, scenario.converge.expect if scenario.converge else {}]
    for name in sorted({one.figure for look in looks for one in look.values() if one.figure is not None}):
        actor = name.partition(".")[0]
        if actor == "collateral":
            name = name.partition(".")[2]
            actor = name.partition(".")[0]
        own = [figure for figure in figures if figure.startswith(f"{actor}.")]
        if name not in figures and own and actor != "fault":
            yield f"there is no figure {name}; {suggestion(name, own)}"
        if name not in figures and actor == "breach" and not own:
            yield f"nobody attacks, so that nothing is known of {name}: give an actor of kind {', '.join(ATTACKERS)}"


def _call(at: Path, call: str | None, params: Mapping[str, Any]) -> Iterator[Found]:
    if call and vendor_call(call) is not None:
        for wrong in call_problems(call, params):
            yield (*at, "call"), wrong
        return
    service, _, operation = (call or "").partition(":")
    if call and not offers(service, operation):
        yield (*at, "call"), f"AWS has no call {call}"
    elif call:
        for wrong in misnamed(aws(service, operation, params)):
            yield (*at, "call"), wrong


def _names(at: Path, value: Any, names: set[str]) -> Iterator[Found]:
    """Yield names that nothing saves; those with a dot are the org's own and known when it stands."""
    if isinstance(value, str):
        for match in NAME.finditer(value):
            if match[1] not in names and "." not in match[1]:
                yield at, f"nothing is named {match[1]}"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _names((*at, key), item, names)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _names(at, item, names)


def _expression(at: Path, expression: str | None) -> Iterator[Found]:
    try:
        jmespath.compile(expression or "@")
    except JMESPathError as error:
        yield at, f"{expression!r} is no JMESPath expression: {str(error).splitlines()[0]}"
