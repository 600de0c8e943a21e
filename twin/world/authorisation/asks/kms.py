"""KMS: keys by id, ARN or alias, the context of an encryption, grants."""

from typing import Any

from twin.world.authorisation.ask import Ask, Asking, Context, asks_of
from twin.world.authorisation.keys_of_kms import key_context
from twin.world.authorisation.resources import published_asks
from twin.world.stores.kms_keys import Where, find_key, sealed_under


@asks_of("kms")
def kms_asks(asking: Asking) -> list[Ask]:
    """Ask for the key that a call names, or that its ciphertext was made with."""
    call, parameters = asking.call, asking.parameters
    operation = call.operation
    if operation in ("CreateKey", "ListKeys", "ListAliases", "GenerateRandom", "ConnectCustomKeyStore"):
        return published_asks(asking)
    if operation == "ReEncrypt":
        source = _sealed(asking, parameters.get("SourceKeyId"))
        target = _on_key(
            asking, "kms:ReEncryptTo", asking.text("DestinationKeyId"), encryption="DestinationEncryptionContext"
        )
        return [_on_key(asking, "kms:ReEncryptFrom", source, encryption="SourceEncryptionContext"), target]
    if operation.endswith("Alias"):
        return _alias(asking)
    name = asking.text("KeyId", "TargetKeyId")
    if operation == "Decrypt":
        name = _sealed(asking, parameters.get("KeyId"))
    return [_on_key(asking, f"kms:{operation}", name)]


def _on_key(asking: Asking, action: str, name: str, *, encryption: str = "EncryptionContext") -> Ask:
    call = asking.call
    key = find_key(name, Where(call.account, call.region)) if name else None
    if key is None:
        arn = name if name.startswith("arn:") else asking.arn("kms", f"key/{name}") if name else "*"
        return Ask(action, arn, context={"kms:CallerAccount": call.account})
    context = key_context(call.account, key, asking.parameters.get(encryption) or {})
    if name.startswith("alias/") or ":alias/" in name:
        context["kms:RequestAlias"] = name[name.index("alias/") :]
    return Ask(action, key.arn, key.account_id, context | _of_grant(asking))


def _of_grant(asking: Asking) -> Context:
    parameters = asking.parameters
    context: Context = {}
    if asking.call.operation == "CreateGrant":
        context["kms:GrantOperations"] = parameters.get("Operations", [])
        context["kms:GranteePrincipal"] = parameters.get("GranteePrincipal", "")
    if asking.call.operation in ("CreateGrant", "ListGrants", "RevokeGrant"):
        # True only when a service of AWS asks on the caller's behalf, which none does by this door.
        context["kms:GrantIsForAWSResource"] = False
    if asking.call.operation == "ScheduleKeyDeletion":
        context["kms:ScheduleKeyDeletionPendingWindowInDays"] = parameters.get("PendingWindowInDays", 30)
    return context


def _alias(asking: Asking) -> list[Ask]:
    """Ask for the alias and for its key: both must be allowed."""
    call, alias = asking.call, asking.text("AliasName")
    action = f"kms:{call.operation}"
    asks = [Ask(action, asking.arn("kms", alias))]
    kept = find_key(alias, Where(call.account, call.region))
    names = [asking.text("TargetKeyId"), kept.id if kept is not None else ""]
    return asks + [_on_key(asking, action, name) for name in dict.fromkeys(names) if name]


def _sealed(asking: Asking, named: Any) -> str:
    """Return the key with which the store made a ciphertext."""
    if isinstance(named, str) and named:
        return named
    return sealed_under(asking.parameters.get("CiphertextBlob"), asking.call.account, asking.call.region)
