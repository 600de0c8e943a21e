"""Elastic Load Balancing: what is asked for again as it stands is answered as it stands.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from typing import Any

from moto.elbv2.exceptions import DuplicateListenerError
from moto.elbv2.models import ELBv2Backend, FakeAction

from twin.world.stores.additions import adds

balancer_by_moto = ELBv2Backend.create_load_balancer
listener_by_moto = ELBv2Backend.create_listener
group_by_moto = ELBv2Backend.create_target_group


@adds(ELBv2Backend)
def create_load_balancer(backend: Any, name: str, *given: Any, **named: Any) -> Any:
    """Make a load balancer; one that is there with the name and these settings is told."""
    made: Any = balancer_by_moto(backend, name, *given, **named)
    known = next((one for one in backend.load_balancers.values() if one.name == name), made)
    if known is not made:
        del backend.load_balancers[made.arn]
        backend.tagging_service.delete_all_tags_for_resource(made.arn)
    return known


@adds(ELBv2Backend)
def create_target_group(backend: Any, name: str, **named: Any) -> Any:
    """Make a target group; one that is there with the name and these settings is told."""
    known = next((one for one in backend.target_groups.values() if one.name == name), None)
    if known is not None and all(_is(known, setting, value) for setting, value in named.items()):
        return known
    return group_by_moto(backend, name, **named)


def _is(group: Any, setting: str, value: Any) -> bool:
    held = vars(group).get(setting, vars(group).get(f"_{setting}"))
    return value is None or setting == "tags" or str(held) == str(value)


@adds(ELBv2Backend)
def create_listener(
    backend: Any, load_balancer_arn: str, protocol: str, port: Any, ssl_policy: Any, certificate: Any, actions: Any,
    *given: Any, **named: Any,
) -> Any:  # fmt: skip
    """Make a listener; on a port that is taken the same one is told, and another refused."""
    balancer = backend.load_balancers.get(load_balancer_arn)
    for known in list(balancer.listeners.values()) if balancer is not None else ():
        if str(known.port) == str(port):
            does = [action.data for action in known.default_actions]
            same = (known.protocol, known.certificate, does) == (
                protocol, certificate, [FakeAction(action).data for action in actions],
            )  # fmt: skip
            if not same:
                raise DuplicateListenerError
            return known
    return listener_by_moto(
        backend, load_balancer_arn, protocol, port, ssl_policy, certificate, actions, *given, **named
    )
