"""What all IAM types share: the one read of the whole account, names, tags, inline policies."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import own_tags
from twin.resources.aws.policy_document import identity_policy
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, canonical, document, text
from twin.resources.resource import Observed, Problem
from twin.resources.scope import Scope, plain_tags

GONE = ("NoSuchEntity",)
GONE_OR_IN_USE = ("NoSuchEntity", "DeleteConflict")
# Without a filter, the reply holds the documents of all of AWS's own policies.
FILTER = ("User", "Role", "Group", "LocalManagedPolicy")

Item = dict[str, Any]


def account_details() -> Steps[dict[str, list[Item]]]:
    """Read users, groups, roles and customer managed policies of the account, with what hangs on them."""
    reply: dict[str, list[Item]] = yield aws(
        "iam", "GetAccountAuthorizationDetails", {"Filter": list(FILTER)}, pages=True
    )
    return reply


def entities(kind: str) -> Steps[list[Item]]:
    """Read the users, groups or roles (`kind` is "User", "Group", "Role")."""
    details = yield from account_details()
    return list(details.get(f"{kind}DetailList") or ())


def made_by_aws(path: str) -> bool:
    """Tell from its path whether AWS made an identity: a service-linked role, a role of IAM Identity Center."""
    return path.startswith(("/aws-service-role/", "/aws-reserved/"))


def entity_arn(scope: Scope, kind: str, path: str, name: str) -> str:
    """Write the ARN of an IAM entity, as in `arn:aws:iam::1:role/path/name`."""
    return scope.arn("iam", f"{kind}{path}{name}", region="")


def observed_entity(scope: Scope, item: Item, kind: str, fields: Mapping[str, Any], *, tagged: bool = True) -> Observed:
    """Make the observed form of a user, group or role."""
    name, tags = item[f"{kind}Name"], plain_tags(item.get("Tags"))
    found = {"name": name, "path": item.get("Path", "/"), "inline": inline_policies(item, kind), **fields}
    return Observed(
        id=name,
        fields={**found, "tags": own_tags(tags)} if tagged else found,
        outputs={"id": name, "arn": item["Arn"]},
        owner=scope.own(tags) if tagged else None,
        other=scope.other(tags) if tagged else "",
        builtin=made_by_aws(item.get("Path", "/")),
    )


def retag_entity(scope: Scope, kind: str, address: Address, observed: Observed, tags: Mapping[str, str]) -> Steps[None]:
    """Bring the tags of a user, role or instance profile to the wanted ones and ours."""
    named = {f"{kind}Name": observed.id}
    yield aws("iam", f"Tag{kind}", {**named, "Tags": scope.tag_list(address, tags)})
    gone = sorted(set(observed.fields.get("tags") or {}) - set(tags))
    if gone:
        yield aws("iam", f"Untag{kind}", {**named, "TagKeys": gone})


def inline_policies(item: Item, kind: str) -> dict[str, Any]:
    """Return the inline policies of a user, group or role by name."""
    return {p["PolicyName"]: document(p["PolicyDocument"]) for p in item.get(f"{kind}PolicyList") or ()}


def put_inline(kind: str, name: str, wanted: Mapping[str, Any], old: Mapping[str, Any]) -> Steps[None]:
    """Bring the inline policies of a user, group or role to exactly the wanted ones."""
    for policy in sorted(wanted):
        if policy not in old or canonical(wanted[policy], [DOCUMENT]) != canonical(old[policy], [DOCUMENT]):
            params = {f"{kind}Name": name, "PolicyName": policy, "PolicyDocument": text(wanted[policy])}
            yield aws("iam", f"Put{kind}Policy", params)
    for policy in sorted(set(old) - set(wanted)):
        yield aws("iam", f"Delete{kind}Policy", {f"{kind}Name": name, "PolicyName": policy}, absent=GONE)


def detach_all(kind: str, name: str) -> Steps[None]:
    """Detach every managed policy from a user, group or role, whoever attached it."""
    reply = yield aws("iam", f"ListAttached{kind}Policies", {f"{kind}Name": name}, pages=True, absent=GONE)
    for policy in (reply or {}).get("AttachedPolicies") or ():
        params = {f"{kind}Name": name, "PolicyArn": policy["PolicyArn"]}
        yield aws("iam", f"Detach{kind}Policy", params, absent=GONE)


def inline_problems(kind: str, inline: Mapping[str, Any]) -> Iterator[Problem]:
    """Check inline policies one by one, and the sum of their sizes, which is what IAM limits."""
    limit = facts("iam")["inline_policy_sizes"][kind]
    for name, policy in inline.items():
        yield from name_problems("policy", name, "inline")
        for problem in identity_policy(policy, f"inline.{name}", limit):
            yield Problem(problem.code, problem.message, "inline", problem.help)
    size = sum(len(text(policy)) for policy in inline.values() if "${" not in text(policy))
    if len(inline) > 1 and size > limit:
        yield Problem(
            "TW0443", f"the inline policies of a {kind} have {size:,} characters; {limit:,} are allowed", "inline"
        )


def name_problems(kind: str, name: str, field: str = "name") -> Iterator[Problem]:
    """Check the name of an IAM entity; `kind` is a key of the fact `name_lengths`."""
    if "${" in name:
        return
    limit = facts("iam")["name_lengths"][kind]
    if not re.fullmatch(facts("iam")["name_pattern"], name):
        help_ = "letters, digits and + = , . @ _ -"
        yield Problem("TW0440", f"{name!r} is not the name of an IAM {kind}", field, help_)
    elif len(name) > limit:
        yield Problem("TW0440", f"the name of an IAM {kind} has at most {limit} characters, not {len(name)}", field)


def path_problems(path: str) -> Iterator[Problem]:
    """Check the path of an IAM entity."""
    if not re.fullmatch(facts("iam")["path_pattern"], path):
        yield Problem("TW0440", f"{path!r} is not a path: it begins and ends with /, at most 512 characters", "path")
