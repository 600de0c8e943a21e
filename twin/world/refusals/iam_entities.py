"""What IAM refuses about users, roles, groups and policies: names, what still hangs on them, codes, passwords.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from twin.world.authorisation.mfa import STEP, code_of_step
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.identity import WHITESPACE

NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
# By the operation that makes it: the parameter of its name, its longest, where the store keeps its kind.
MAKING = {
    "CreateUser": ("UserName", 64, "users", "User"),
    "CreateRole": ("RoleName", 64, "roles", "Role"),
    "CreateGroup": ("GroupName", 128, "groups", "Group"),
}
INLINE = {
    "PutUserPolicy": ("UserName", "users", "user", 2048), "PutRolePolicy": ("RoleName", "roles", "role", 10_240),
    "PutGroupPolicy": ("GroupName", "groups", "group", 5120),
}  # fmt: skip
PAGED_BY_MOTO = (
    "ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListEntitiesForPolicy",
    "ListPolicies", "ListPolicyTags", "ListRoleTags", "ListRoles", "ListVirtualMFADevices",
)  # fmt: skip
CODE = "Authentication code for device is not valid."


@refuses("iam", *MAKING)
def name_of_an_entity(asked: Asked) -> None:
    """A name has few characters and is taken in small letters too."""
    parameter, longest, place, kind = MAKING[asked.call.operation]
    name = str(asked.parameters.get(parameter, ""))
    if not NAME.fullmatch(name):
        raise Refusal(
            "ValidationError",
            f"The specified value for {parameter[0].lower()}{parameter[1:]} is invalid. It must contain only "
            "alphanumeric characters and/or the following: +=,.@_-",
        )
    if len(name) > longest:
        raise Refusal(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at '{parameter[0].lower()}{parameter[1:]}' failed to satisfy "
            f"constraint: Member must have length less than or equal to {longest}",
        )
    if any(each.name.lower() == name.lower() for each in getattr(asked.state(), place).values()):
        raise Refusal("EntityAlreadyExists", f"{kind} with name {name} already exists.", 409)


@refuses("iam", "DeleteUser")
def user_is_bare(asked: Asked) -> None:
    """A user goes only when nothing hangs on it any more."""
    user = asked.state().users.get(asked.parameters.get("UserName"))
    if user is not None and (left := next(_left(asked.state(), user), None)):
        raise Refusal("DeleteConflict", f"Cannot delete entity, must {left} first.", 409)


def _left(state: Any, user: Any) -> Iterator[str]:
    if user.access_keys:
        yield "delete access keys"
    if user.password:
        yield "delete login profile"
    if user.mfa_devices:
        yield "delete MFA device"
    if any(user in group.users for group in state.groups.values()):
        yield "remove users from group"


@refuses("iam", "DeletePolicy")
def policy_is_unused(asked: Asked) -> None:
    """A policy goes with its default version alone, when nobody has it, as a boundary either."""
    arn, state = asked.parameters.get("PolicyArn"), asked.state()
    policy = state.managed_policies.get(arn)
    if policy is None:
        return
    if any(_boundary(each) == arn for place in (state.users, state.roles) for each in place.values()):
        raise Refusal("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(policy.versions) > 1:
        raise Refusal(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            409,
        )


def _boundary(entity: Any) -> Any:
    kept = getattr(entity, "permissions_boundary", None)
    return kept.get("PermissionsBoundaryArn") if isinstance(kept, dict) else kept


@refuses("iam", *INLINE)
def inline_size(asked: Asked) -> None:
    """The inline policies of an entity have a size together, white space not counted."""
    parameter, place, kind, most = INLINE[asked.call.operation]
    name, given = asked.parameters.get(parameter), asked.parameters
    owner = next((each for each in getattr(asked.state(), place).values() if each.name == name), None)
    kept = dict(getattr(owner, "policies", None) or {}) | {given.get("PolicyName"): given.get("PolicyDocument", "")}
    if (
        sum(len(WHITESPACE.sub("", text if isinstance(text, str) else json.dumps(text))) for text in kept.values())
        > most
    ):
        raise Refusal("LimitExceeded", f"Maximum policy size of {most} bytes exceeded for {kind} {name}", 409)


@refuses("iam", "EnableMFADevice", "ResyncMFADevice")
def codes_of_the_device(asked: Asked) -> None:
    """A virtual device is enabled with two codes that it showed one after the other, lately."""
    from twin.world.stores.moto_store import CLOCK

    given = asked.parameters
    device = asked.state().virtual_mfa_devices.get(given.get("SerialNumber"))
    if device is None:
        return
    pair, now = (
        (given.get("AuthenticationCode1"), given.get("AuthenticationCode2")),
        int(CLOCK.now().timestamp()) // STEP,
    )
    shown = [code_of_step(device.base32_string_seed, now + drift) for drift in (-2, -1, 0, 1)]
    if pair not in set(pairwise(shown)):
        raise Refusal("InvalidAuthenticationCode", CODE, 403)


@refuses("iam", *PAGED_BY_MOTO)
def marker_is_a_lists_own(asked: Asked) -> None:
    """A marker is one that the list gave out, which in the store is a number."""
    marker = asked.parameters.get("Marker")
    if marker is not None and not str(marker).isdigit():
        raise Refusal("ValidationError", f"Invalid Marker: {marker}")


@refuses("iam", "CreateLoginProfile", "UpdateLoginProfile", "ChangePassword")
def password_of_the_account(asked: Asked) -> None:
    """A password is as the account's policy wants it; without one, as AWS's default does."""
    word = asked.parameters.get("Password") or asked.parameters.get("NewPassword")
    if word is None:
        return
    policy = asked.state().account_password_policy
    shortest = int(getattr(policy, "minimum_password_length", 0) or (6 if policy else 8))
    if len(word) < shortest:
        raise _violated(f"Password should have a minimum length of {shortest}")
    kinds = {"uppercase": r"[A-Z]", "lowercase": r"[a-z]", "number": r"[0-9]", "symbol": r"[!@#$%^&*()_+\-=\[\]{}|']"}
    has = {kind for kind, pattern in kinds.items() if re.search(pattern, word)}
    if policy is None:
        if len(has) < MIXED:
            raise _violated("Password should have at least three of: uppercase, lowercase, numbers, symbols")
        return
    wanted = {
        "uppercase": policy.require_uppercase_characters, "lowercase": policy.require_lowercase_characters,
        "number": policy.require_numbers, "symbol": policy.require_symbols,
    }  # fmt: skip
    if missing := next((kind for kind, needed in wanted.items() if needed and kind not in has), None):
        raise _violated(f"Password should have at least one {missing}{'' if missing in FIGURES else ' character'}")


# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html#default-policy-details
MIXED = 3
FIGURES = ("number", "symbol")


def _violated(message: str) -> Refusal:
    return Refusal("PasswordPolicyViolation", message)
