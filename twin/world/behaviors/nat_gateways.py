"""NAT gateways take their time to come and go, and do not come in a lost zone.

What DescribeNatGateways tells is no news of a gateway's health: it stays `available` in a zone that is lost
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html). Whether packets pass, `nat_works` tells.
"""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.reachability import has_capacity
from twin.world.scene import Scene

PROVIDES = {
    "nat-zones": "a NAT gateway passes packets as long as its zone lives; routes to a deleted one are blackholes"
}


def _store(account: str, region: str) -> Any:
    from twin.world.stores.moto_store import backends

    return backends("ec2")[account][region]


def _facts(done: Done, nat_id: str) -> dict[str, str]:
    return {"account": done.call.account, "region": done.call.region, "nat_gateway": nat_id}


@follows("ec2", "CreateNatGateway")
def created(done: Done, scene: Scene) -> dict[str, Any] | None:
    """A new gateway is pending."""
    told = done.result["NatGateway"]
    gateway = done.state().nat_gateways[told["NatGatewayId"]]
    gateway.state = "pending"
    facts, seconds = _facts(done, gateway.id), scene.delay("nat_gateways.create")
    if seconds:
        scene.after(seconds, "nat.available", **facts)
        return {**done.result, "NatGateway": {**told, "State": "pending"}}
    available(scene, **facts)
    return None


@happens("nat.available")
def available(scene: Scene, *, account: str, region: str, nat_gateway: str) -> None:
    """A gateway is available, or could not be made."""
    store = _store(account, region)
    gateway = store.nat_gateways.get(nat_gateway)
    if gateway is None or gateway.state != "pending":
        return
    gateway.state = "available"
    if not has_capacity(scene, store.get_subnet(gateway.subnet_id).availability_zone):
        gateway.state, gateway.failure_code = "failed", "InternalError"
        gateway.failure_message = (
            f"Network interface {gateway._eni.id}, created and used internally by this NAT gateway is in an invalid "
            "state. Please try again."
        )
    scene.emit(f"ec2.nat_gateway.{gateway.state}", account=account, region=region, nat_gateway=nat_gateway)


@follows("ec2", "DeleteNatGateway")
def deleted(done: Done, scene: Scene) -> None:
    """A gateway that is deleted gives its address back when it is gone; it is told of for an hour more."""
    gateway = done.state().nat_gateways[done.parameters["NatGatewayId"]]
    gateway.state = "deleting"
    facts, seconds = _facts(done, gateway.id), scene.delay("nat_gateways.delete")
    if seconds:
        scene.after(seconds, "nat.deleted", **facts)
    else:
        gone(scene, **facts)


@happens("nat.deleted")
def gone(scene: Scene, *, account: str, region: str, nat_gateway: str) -> None:
    """A gateway is deleted."""
    store = _store(account, region)
    gateway = store.nat_gateways[nat_gateway]
    gateway.state, gateway.delete_time = "deleted", scene.now()
    for address in gateway.address_set:
        if address.get("associationId"):
            store.disassociate_address(association_id=address["associationId"])
    store.delete_network_interface(gateway._eni.id)
    scene.emit("ec2.nat_gateway.deleted", account=account, region=region, nat_gateway=nat_gateway)
    facts = {"account": account, "region": region, "nat_gateway": nat_gateway}
    scene.after(scene.delay("nat_gateways.forgotten"), "nat.forget", **facts)


@happens("nat.forget")
def forgotten(scene: Scene, *, account: str, region: str, nat_gateway: str) -> None:
    """DescribeNatGateways no longer tells of a deleted gateway."""
    _store(account, region).nat_gateways.pop(nat_gateway, None)
