"""Users, groups, roles and managed policies of an account, by one call of GetAccountAuthorizationDetails."""

from collections.abc import Iterable, Mapping
from typing import Any

from twin.observe.iam.org import Document, Group, Identity, Managed, Object, Tags, Thing, text
from twin.observe.iam.reader import Reader


def identities(reader: Reader) -> list[Object]:
    """Return who is in the account; AWS's own policies only where one is attached or bounds."""
    details = reader.read("iam", "GetAccountAuthorizationDetails")
    found: list[Object] = []
    groups = {one["GroupName"]: one["Arn"] for one in details.get("GroupDetailList", ())}
    for one in details.get("UserDetailList", ()):
        joined = tuple(groups[name] for name in one.get("GroupList", ()) if name in groups)
        found.append(Identity(one["Arn"], _inline(one, "UserPolicyList"), _attached(one), joined, **_both(one)))
    listed = details.get("GroupDetailList", ())
    found += [Group(one["Arn"], _inline(one, "GroupPolicyList"), _attached(one)) for one in listed]
    for one in details.get("RoleDetailList", ()):
        trust = text(one["AssumeRolePolicyDocument"])
        found.append(Identity(one["Arn"], _inline(one, "RolePolicyList"), _attached(one), trust=trust, **_both(one)))
    used = {arn for one in found for arn in (*_attached_of(one), getattr(one, "boundary", ""))}
    for one in details.get("Policies", ()):
        if one["Arn"] in used or ":iam::aws:" not in one["Arn"]:
            versions = tuple((v["VersionId"], text(v["Document"])) for v in one["PolicyVersionList"])
            found.append(Managed(one["Arn"], versions, one["DefaultVersionId"]))
    return [*found, *_providers(reader), *_profiles(details, reader)]


def _attached_of(one: Object) -> tuple[str, ...]:
    return one.attached if isinstance(one, Identity | Group) else ()


def _inline(one: Mapping[str, Any], member: str) -> tuple[Document, ...]:
    return tuple(Document(each["PolicyName"], text(each["PolicyDocument"])) for each in one.get(member, ()))


def _attached(one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["PolicyArn"] for each in one.get("AttachedManagedPolicies", ()))


def _both(one: Mapping[str, Any]) -> dict[str, Any]:
    boundary = (one.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")
    return {"boundary": boundary, "tags": tags(one.get("Tags"))}


def tags(listed: Iterable[Mapping[str, str]] | None) -> Tags:
    """Return the tags of a reply, sorted."""
    return tuple(sorted((one["Key"], one.get("Value", "")) for one in listed or ()))


def _providers(reader: Reader) -> list[Thing]:
    found = []
    for operation, member, kind in (
        ("ListOpenIDConnectProviders", "OpenIDConnectProviderList", "iam.oidc-provider"),
        ("ListSAMLProviders", "SAMLProviderList", "iam.saml-provider"),
    ):
        found += [Thing(one["Arn"], kind, reader.account) for one in reader.read("iam", operation).get(member, ())]
    return found


def _profiles(details: Mapping[str, Any], reader: Reader) -> list[Thing]:
    """Return the instance profiles, which their roles tell."""
    found: dict[str, tuple[str, ...]] = {}
    for role in details.get("RoleDetailList", ()):
        for profile in role.get("InstanceProfileList", ()):
            found[profile["Arn"]] = (role["Arn"],)
    if not found:  # some stores do not tell them with the roles
        for profile in reader.read("iam", "ListInstanceProfiles").get("InstanceProfiles", ()):
            found[profile["Arn"]] = tuple(role["Arn"] for role in profile.get("Roles", ()))
    return [Thing(arn, "iam.instance-profile", reader.account, roles=roles) for arn, roles in found.items()]
