"""Systems Manager: parameters with the keys that their secrets are under, and instances by what manages them.

https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

from typing import Any

from twin.world.authorisation.ask import Ask, Asking, asks_of
from twin.world.authorisation.keys_of_kms import key_ask
from twin.world.authorisation.resources import published_asks
from twin.world.stores.moto_store import backends

SECURE = "SecureString"
READS = {"GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"}


@asks_of("ssm")
def parameter_asks(asking: Asking) -> list[Ask]:
    """Ask for parameters and their keys; for an instance of EC2 or a managed one, by its id."""
    call, asks = asking.call, published_asks(asking)
    of_ec2 = any(":instance/i-" in ask.resource for ask in asks)
    asks = [ask for ask in asks if not (of_ec2 and ":managed-instance/" in ask.resource)]
    if call.operation in READS and asking.parameters.get("WithDecryption"):
        return asks + [key for ask in list(asks) if (key := _key_of(asking, ask)) is not None]
    if call.operation == "PutParameter" and asking.text("Type") == SECURE and (name := asking.text("KeyId")):
        key = _under(asking, name, "kms:Encrypt", arn=asks[0].resource)
        return asks + ([key] if key is not None else [])
    return asks


def _key_of(asking: Asking, ask: Ask) -> Ask | None:
    kept: Any = vars(backends("ssm")[asking.call.account][asking.call.region])["_parameters"]
    name = ask.resource.partition(":parameter/")[2]
    versions = dict.get(kept, name) or dict.get(kept, f"/{name}")
    if not versions or versions[-1].parameter_type != SECURE:
        return None
    return _under(asking, versions[-1].keyid, "kms:Decrypt", arn=ask.resource)


def _under(asking: Asking, name: str, action: str, *, arn: str) -> Ask | None:
    via = f"ssm.{asking.call.region}.amazonaws.com"
    return key_ask(asking, name, action, via=via, encryption={"PARAMETER_ARN": arn})
