"""Load balancers, event buses, budgets, sessions: resources that a call names in a place of its own."""

from twin.world.authorisation.ask import Ask, Asking, asks_of
from twin.world.authorisation.resources import published_asks

KINDS = {"network": "net", "gateway": "gwy"}
DEFAULT_BUS = "default"


@asks_of("elbv2")
def balancer_asks(asking: Asking) -> list[Ask]:
    """Ask for a new load balancer under its kind, which is part of its ARN."""
    asks = published_asks(asking)
    if asking.call.operation == "CreateLoadBalancer" and asks:
        kind = KINDS.get(asking.text("Type"), "app")
        name = asking.arn("elasticloadbalancing", f"loadbalancer/{kind}/{asking.text('Name')}/*")
        return [Ask(asks[0].action, name)]
    return asks


@asks_of("events")
def event_asks(asking: Asking) -> list[Ask]:
    """Ask for a rule under its bus unless that is the default one, and for the buses that events are put on."""
    call, asks = asking.call, published_asks(asking)
    if call.operation == "PutEvents":
        buses = {each.get("EventBusName") or DEFAULT_BUS for each in asking.parameters.get("Entries") or ()}
        named = (bus if bus.startswith("arn:") else asking.arn("events", f"event-bus/{bus}") for bus in sorted(buses))
        return [Ask("events:PutEvents", arn) for arn in named]
    bus = asking.text("EventBusName").rpartition("/")[2]
    if ":rule/" in "".join(ask.resource for ask in asks):
        rule = asking.text("Rule", "Name")
        arn = asking.arn("events", f"rule/{rule}" if bus in ("", DEFAULT_BUS) else f"rule/{bus}/{rule}")
        return [Ask(asks[0].action, arn)]
    return [ask for ask in asks if ":event-busv2/" not in ask.resource and ":event-sourcev2/" not in ask.resource]


@asks_of("budgets")
def budget_asks(asking: Asking) -> list[Ask]:
    """Ask for a budget by the name in it."""
    asks = published_asks(asking)
    name = (asking.parameters.get("Budget") or asking.parameters.get("NewBudget") or {}).get("BudgetName")
    if name and asks:
        return [Ask(asks[0].action, f"arn:aws:budgets::{asking.call.account}:budget/{name}")]
    return asks


@asks_of("sts")
def session_asks(asking: Asking) -> list[Ask]:
    """Ask for a federated user by its name."""
    call = asking.call
    if call.operation == "GetFederationToken":
        return [Ask("sts:GetFederationToken", f"arn:aws:sts::{call.account}:federated-user/{asking.text('Name')}")]
    return published_asks(asking)
