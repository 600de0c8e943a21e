"""EC2 instances: they start pending, their status checks can fail, and their network interface goes with them."""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.responses.instances import InstanceResponse

from twin.world.stores.additions import adds

PRIMARY = 0
OK, INITIALIZING, IMPAIRED = "ok", "initializing", "impaired"
VERDICTS = {OK: "passed", INITIALIZING: "initializing", IMPAIRED: "failed"}
terminate_of_moto = Instance.terminate
applies_of_moto = Instance.applies
run_of_moto = InstanceResponse.run_instances
run_in_backend = EC2Backend.run_instances


@adds(Instance)
def terminate(self: Any) -> Any:
    """Terminate the instance; its primary network interface goes with it by default, and its addresses are free."""
    subnet: Any = self.nics[PRIMARY].subnet if PRIMARY in self.nics else None
    for interface in self.nics.values():
        if interface.device_index == PRIMARY:
            interface.delete_on_termination = True
    before = terminate_of_moto(self)
    for address in self._private_ips if subnet is not None else ():
        subnet.del_subnet_ip(address)
    self._private_ips.clear()
    return before


@adds(InstanceResponse)
def run_instances(response: Any) -> Any:
    """Start as many instances as can be, all pending, as EC2 answers always, under the protection that is asked for."""
    response.params = {**response.params, "MinCount": _as_many_as_can_be(response)}
    result: Any = run_of_moto(response)
    protected = bool(response._get_bool_param("DisableApiTermination", False))
    for instance in result.result.instances:
        instance._state = InstanceState("pending", 0)
        instance.disable_api_termination = protected
    return result


def _as_many_as_can_be(response: Any) -> int:
    """Return how many instances a launch starts: moto takes the least that is asked for, EC2 the most that has room."""
    least = int(response._get_param("MinCount", 1))
    most = int(response._get_param("MaxCount", least))
    interfaces = response._get_param("NetworkInterfaces", []) or [{}]
    named = response._get_param("SubnetId") or interfaces[0].get("SubnetId")
    subnet: Any = next((zone[named] for zone in response.ec2_backend.subnets.values() if named in zone), None)
    return max(least, min(most, most if subnet is None else subnet.available_ip_address_count))


def _run_in_a_zone_with_capacity(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Start instances; where the caller names no zone, in the first default subnet whose zone has capacity."""
    full = getattr(self, "zones_without_capacity", ())
    named = kwargs.get("placement") or kwargs.get("subnet_id") or kwargs.get("nics")
    if full and not named:
        open_zones = sorted(zone for zone in self.get_default_subnets() if zone not in full)
        kwargs["placement"] = open_zones[0] if open_zones else None
    return run_in_backend(self, *args, **kwargs)


backend: Any = EC2Backend
backend.run_instances = _run_in_a_zone_with_capacity


def _verdict(self: Any) -> dict[str, Any]:
    """Return what a status check says: that of a running instance only."""
    if self.state_code != 16:
        return {"Status": "not-applicable"}
    checks = getattr(self, "checks", OK)
    details = {"Name": "reachability", "Status": VERDICTS[checks]}
    if checks == IMPAIRED:
        details["ImpairedSince"] = self.impaired_since
    return {"Status": checks, "Details": [details]}


@adds(Instance)
def applies(self: Any, filters: list[dict[str, Any]]) -> bool:
    """Tell whether the instance passes DescribeInstanceStatus's filters, those of its checks too."""
    for wanted in filters or ():
        told = {
            "availability-zone": self.placement.zone,
            "instance-status.status": self.instance_status["Status"],
            "system-status.status": self.system_status["Status"],
        }.get(wanted["name"])
        if told is not None and told not in wanted["values"]:
            return False
    return bool(applies_of_moto(self, filters))


instance: Any = Instance
instance.instance_status = property(_verdict)
instance.system_status = property(_verdict)
