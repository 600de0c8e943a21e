"""What Elastic Load Balancing refuses about listeners and their rules.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

FINAL = ("forward", "redirect", "fixed-response")
SPOKEN = {"application": ("HTTP", "HTTPS"), "network": ("TCP", "TLS", "UDP", "TCP_UDP")}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html
CHANGED = {"Protocol", "Port", "Host", "Path"}
SECURE = ("HTTPS", "TLS")
PORTS, PRIORITIES = (1, 65_535), (1, 50_000)
# Which protocols of target groups a listener's leads to.
LEADS_TO = {
    "HTTP": ("HTTP", "HTTPS"), "HTTPS": ("HTTP", "HTTPS"), "TCP": ("TCP", "TCP_UDP"), "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"), "TCP_UDP": ("TCP_UDP",),
}  # fmt: skip


@refuses("elbv2", "CreateListener", "ModifyListener")
def listener(asked: Asked) -> None:
    """A listener has a port that there is, a certificate where TLS ends, and targets that speak its protocol."""
    given, known = asked.parameters, _listener(asked, asked.parameters.get("ListenerArn"))
    port = given.get("Port")
    if port is not None and not PORTS[0] <= int(port) <= PORTS[1]:
        message = "Member must have value less than or equal to 65535"
        raise _invalid(f"1 validation error detected: Value '{port}' at 'port' failed to satisfy constraint: {message}")
    protocol = given.get("Protocol") or (known.protocol if known is not None else None)
    held = bool(known is not None and known.certificates)
    if protocol in SECURE and not given.get("Certificates") and not held:
        raise _invalid(f"A certificate must be specified for {protocol} listeners")
    if asked.call.operation == "CreateListener" and not given.get("DefaultActions"):
        raise _invalid("A default action must be specified")
    balancer = asked.state().load_balancers.get(given.get("LoadBalancerArn"))
    if balancer is None or protocol in SPOKEN.get(balancer.type, ()):
        _targets(asked, str(protocol or ""), given.get("DefaultActions") or ())


@refuses("elbv2", "CreateRule")
def rule(asked: Asked) -> None:
    """A rule has a place among 50,000, something to go by, and one thing that it does in the end."""
    given = asked.parameters
    priority = given.get("Priority")
    if priority is not None and not PRIORITIES[0] <= int(priority) <= PRIORITIES[1]:
        raise _invalid(f"Priority '{priority}' must be between 1 and 50000")
    if not given.get("Conditions"):
        raise _invalid("A condition must be specified")
    actions = given.get("Actions") or ()
    if sum(action.get("Type") in FINAL for action in actions) != 1:
        raise Refusal(
            "InvalidLoadBalancerAction", "A rule must have exactly one forward, redirect or fixed-response action"
        )
    kept = _listener(asked, given.get("ListenerArn"))
    if kept is not None:
        _targets(asked, kept.protocol, actions)


@refuses("elbv2", "DeleteRule")
def default_rule(asked: Asked) -> None:
    """The default rule goes with its listener only."""
    arn = asked.parameters.get("RuleArn")
    for balancer in asked.state().load_balancers.values():
        for kept in balancer.listeners.values():
            if any(one.arn == arn for one in kept._default_rule.values()):
                raise Refusal("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")


def _targets(asked: Asked, protocol: str, actions: Any) -> None:
    groups = asked.state().target_groups
    for action in actions:
        if action.get("Type") == "redirect" and not CHANGED & set(action.get("RedirectConfig") or {}):
            message = "The redirect configuration is not valid because it creates a loop."
            raise Refusal("InvalidLoadBalancerAction", message)
        forward = action.get("ForwardConfig") or {}
        named = [
            action.get("TargetGroupArn"),
            *(one.get("TargetGroupArn") for one in forward.get("TargetGroups") or ()),
        ]
        for arn in named:
            group = groups.get(arn)
            if group is not None and protocol in LEADS_TO and group.protocol not in (*LEADS_TO[protocol], None):
                message = f"The target group '{arn}' with protocol {group.protocol} is not compatible with the listener"
                raise Refusal("IncompatibleProtocols", f"{message} protocol {protocol}")


def _listener(asked: Asked, arn: Any) -> Any:
    balancers = asked.state().load_balancers.values()
    return next((balancer.listeners[arn] for balancer in balancers if arn in balancer.listeners), None)


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationError", message)
