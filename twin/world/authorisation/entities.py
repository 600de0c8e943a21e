"""Users, roles, groups and policies of IAM as plain records, read from the store."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from twin.world.stores.moto_store import backends


class Ref(NamedTuple):
    """Names one thing of IAM: its kind (`user`, `role`, `group`, `policy`, `key`), account and name."""

    kind: str
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, a role or a group with everything that decides what it may do; `inline` holds names and documents."""

    arn: str
    id: str
    inline: tuple[tuple[str, str], ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    trust: str = ""
    longest: int = 3600


def state_of(account: str) -> Any:
    """Return the store's IAM of an account; None for an account that the world does not have."""
    iam = backends("iam")
    return iam[account]["aws"] if account in iam else None


def read_entity(ref: Ref) -> Entity | None:
    """Read a user, a role or a group; None when there is none."""
    state = state_of(ref.account)
    if state is None:
        return None
    if ref.kind == "group":
        kept = state.groups.get(ref.name)
        return None if kept is None else _entity(kept)
    if ref.kind == "user":
        kept = state.users.get(ref.name)
        return None if kept is None else _user(state, kept)
    kept = next((role for role in state.roles.values() if role.name == ref.name), None)
    return None if kept is None else _role(kept)


def read_policy(ref: Ref) -> str | None:
    """Read the default version of a managed policy, AWS's own too; None when there is none."""
    from twin.world.stores.managed_policies import seed_policy

    account = ref.name.split(":")[4]
    holder = state_of(ref.account if account == "aws" else account)
    if holder is None:
        return None
    if account == "aws" and ref.name not in holder.managed_policies:
        seed_policy(ref.account, ref.name)
    policy = holder.managed_policies.get(ref.name)
    if policy is None:
        return None
    return next((str(v.document) for v in policy.versions if v.version_id == policy.default_version_id), None)


def _user(state: Any, user: Any) -> Entity:
    groups = tuple(group.name for group in state.groups.values() if user in group.users)
    tags = state.tagger.get_tag_dict_for_resource(user.arn)
    return Entity(
        user.arn, user.id, tuple(user.policies.items()), tuple(user.managed_policies),
        getattr(user, "permissions_boundary_arn", None), groups, tuple(tags.items()),
    )  # fmt: skip


def _role(role: Any) -> Entity:
    tags = tuple((tag["Key"], tag["Value"]) for tag in _tag_list(role.tags))
    return Entity(
        role.arn, role.id, tuple(role.policies.items()), tuple(role.managed_policies), role.permissions_boundary_arn,
        tags=tags, trust=role.assume_role_policy_document or "", longest=int(role.max_session_duration or 3600),
    )  # fmt: skip


def _tag_list(tags: Any) -> list[dict[str, str]]:
    return list(tags.values()) if isinstance(tags, dict) else list(tags or ())


def _entity(group: Any) -> Entity:
    return Entity(group.arn, group.id, tuple(group.policies.items()), tuple(group.managed_policies))
