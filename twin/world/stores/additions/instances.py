"""EC2 instances: the network interface that came with an instance goes with it, as EC2 has it by default."""

from typing import Any

from moto.ec2.models.instances import Instance

from twin.world.stores.additions import adds

PRIMARY = 0
kept_by_moto = Instance.terminate


@adds(Instance)
def terminate(self: Any) -> Any:
    """Terminate the instance and delete its primary network interface."""
    for interface in self.nics.values():
        if interface.device_index == PRIMARY:
            interface.delete_on_termination = True
    return kept_by_moto(self)
