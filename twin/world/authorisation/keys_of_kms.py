"""The keys of KMS that another service uses for the caller: they are asked for in the caller's name.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from typing import Any

from twin.world.authorisation.ask import Ask, Asking, Context
from twin.world.stores.kms_keys import Where, find_key, is_managed


def key_ask(
    asking: Asking,
    name: str,
    action: str,
    *,
    via: str,
    encryption: dict[str, str],
    words: tuple[str, str] | None = None,
) -> Ask | None:
    """Ask for an action on a customer's key; None for a key that AWS manages, which its service may always use."""
    call = asking.call
    key = None if is_managed(name) else find_key(name, Where(call.account, call.region))
    if key is None or managed_by_aws(key):
        return None
    context = key_context(call.account, key, encryption) | {"kms:ViaService": via, "aws:ViaAWSService": True}
    context["aws:CalledVia"] = [via.partition(".")[0] + ".amazonaws.com"]
    return Ask(action, key.arn, key.account_id, context, words)


def key_context(account: str, key: Any, encryption: dict[str, str]) -> Context:
    """Return the condition keys of an operation on a key."""
    context: Context = {f"kms:EncryptionContext:{name}": value for name, value in encryption.items()}
    context |= {"kms:CallerAccount": account, "kms:EncryptionContextKeys": list(encryption)}
    context |= {
        "kms:KeyUsage": key.key_usage or "ENCRYPT_DECRYPT",
        "kms:KeySpec": key.key_spec or "SYMMETRIC_DEFAULT",
        "kms:KeyOrigin": key.origin,
    }
    context |= {"kms:MultiRegion": bool(key.multi_region), "kms:ResourceAliases": list(key.aliases)}
    return context


def managed_by_aws(key: Any) -> bool:
    """Tell whether a key is one of AWS's own in the account."""
    return str(getattr(key, "key_manager", "CUSTOMER")) == "AWS" or any(is_managed(alias) for alias in key.aliases)
