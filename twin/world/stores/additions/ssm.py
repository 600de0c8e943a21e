"""Systems Manager: a parameter whose history was asked for in vain is not there, where moto keeps an empty one."""

from typing import Any

from moto.ssm.models import SimpleSystemManagerBackend

from twin.world.stores.additions import adds

get_by_moto = SimpleSystemManagerBackend.get_parameter


@adds(SimpleSystemManagerBackend)
def get_parameter(backend: Any, name: str) -> Any:
    """Return a parameter by its name, with a version or a label; None when there is none."""
    bare = backend._strip_parameter_arn(name).split(":")[0]
    if bare in backend._parameters and not backend._parameters[bare]:
        del backend._parameters[bare]
    return get_by_moto(backend, name)
