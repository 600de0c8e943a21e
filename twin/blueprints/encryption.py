"""Encryption: the KMS keys with the policies that follow from their uses, and their aliases."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import allow, document
from twin.blueprints.key_uses import uses
from twin.resources.aws.kms import Alias, Key
from twin.resources.declaration import Path


def build(blueprint: Blueprint) -> None:
    """Declare each key and its alias."""
    for name, intent in blueprint.org.encryption.keys.items():
        at: Path = ("encryption", "keys", name)
        root = blueprint.scope.arn("iam", "root", region="")
        account = allow("kms:*", "*", sid="Account", to={"AWS": root})
        replica = blueprint.abroad and intent.multi_region
        key = Key(
            primary=ref("aws.kms.key", f"{name}@{blueprint.home}", "arn") if replica else None,
            description=intent.purpose,
            policy=document([account, *uses(blueprint, name)]),
            rotation=intent.rotation,
            rotation_days=intent.rotate_every.days if intent.rotate_every and not replica else None,
            multi_region=intent.multi_region,
            deletion_window=intent.deletion_window.days,
        )
        places = {field: (*at, field) for field in ("rotation", "multi_region", "deletion_window")}
        places |= {"rotation_days": (*at, "rotate_every"), "description": (*at, "purpose"), "policy": (*at, "users")}
        made = blueprint.add(name, key, at, places)
        alias = f"alias/{intent.alias or blueprint.name(name)}"
        blueprint.add(name, Alias(name=alias, key=made.id), at, {"name": (*at, "alias")})
