"""A plan as the org that reach is asked about: the same objects that would be read back after it was applied."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.amazon_policies import document_of
from twin.analysis.plan.planned import Planned
from twin.observe.iam.checked import checked
from twin.observe.iam.org import Account, Document, Group, Identity, Managed, Object, Org, Thing, text

STORES = {
    "aws.s3.bucket": "s3.bucket",
    "aws.kms.key": "kms.key",
    "aws.sqs.queue": "sqs.queue",
    "aws.sns.topic": "sns.topic",
    "aws.secretsmanager.secret": "secretsmanager.secret",
    "aws.dynamodb.table": "dynamodb.table",
    "aws.rds.instance": "rds.instance",
    "aws.rds.replica": "rds.instance",
    "aws.rds.cluster": "rds.cluster",
    "aws.rds.cluster_instance": "rds.instance",
    "aws.ecr.repository": "ecr.repository",
    "aws.iam.oidc_provider": "iam.oidc-provider",
    "aws.iam.saml_provider": "iam.saml-provider",
}


def org_of(planned: Planned) -> Org:
    """Return the org of a plan; policies of AWS's that are unknown here stand in `gaps`."""
    account = planned.scope.account
    attached = _attachments(planned)
    found: list[Object] = [Account(account, None, planned.zone.organization or "")]
    found += _identities(planned, attached)
    found += _policies(planned, attached)
    found += _things(planned)
    known = {one.key for one in found}
    missing = sorted(arn for held in attached.values() for arn in held if arn not in known)
    gaps = [f"{arn}: neither in the plan nor a policy of AWS's that is known here" for arn in dict.fromkeys(missing)]
    sound, unsound = checked({one.key: one for one in found}.values())
    return Org(tuple(sound), (*gaps, *unsound))


def _attachments(planned: Planned) -> dict[tuple[str, str], list[str]]:
    """Return the ARNs that are attached, by the kind and the name of their holder."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, values in planned.of("aws.iam.attachment"):
        for kind in ("role", "user", "group"):
            if values.get(kind):
                found[kind, values[kind]].append(values["policy"])
    return found


def _identities(planned: Planned, attached: Mapping[tuple[str, str], list[str]]) -> Iterator[Object]:
    groups = {values["name"]: planned.arn(one) for one, values in planned.of("aws.iam.group")}
    for one, values in planned.of("aws.iam.group"):
        yield Group(planned.arn(one), _inline(values), tuple(attached.get(("group", values["name"]), ())))
    for one, values in planned.of("aws.iam.user", "aws.iam.role"):
        kind = one.address.type.rpartition(".")[2]
        trust = text(values["trust"]) if kind == "role" else ""
        joined = tuple(groups[name] for name in values.get("groups") or () if name in groups)
        tags = tuple(sorted((values.get("tags") or {}).items()))
        held = tuple(attached.get((kind, values["name"]), ()))
        boundary = values.get("boundary") or ""
        yield Identity(planned.arn(one), _inline(values), held, joined, boundary, trust, tags)


def _inline(values: Mapping[str, Any]) -> tuple[Document, ...]:
    return tuple(Document(name, text(document)) for name, document in (values.get("inline") or {}).items())


def _policies(planned: Planned, attached: Mapping[tuple[str, str], list[str]]) -> Iterator[Object]:
    for one, values in planned.of("aws.iam.policy"):
        yield Managed(planned.arn(one), (("v1", text(values["policy"])),), "v1")
    bounds = [values["boundary"] for _, values in planned.of("aws.iam.role") if values.get("boundary")]
    for arn in dict.fromkeys([arn for held in attached.values() for arn in held] + bounds):
        document = document_of(arn) if ":iam::aws:" in arn else None
        if document is not None:
            yield Managed(arn, (("v1", document),), "v1")


def _things(planned: Planned) -> Iterator[Object]:
    account = planned.scope.account
    for one, values in planned.of(*STORES):
        policy = values.get("policy")
        if one.address.type == "aws.kms.key" and policy is None:
            policy = _default_key_policy(planned)
        tags = tuple(sorted((values.get("tags") or {}).items()))
        written = text(policy) if policy else ""
        yield Thing(planned.arn(one), STORES[one.address.type], account, written, tags=tags)
    yield from _workers(planned)


def _default_key_policy(planned: Planned) -> Mapping[str, Any]:
    """Return the policy that KMS gives a key without one (KMS, "Default key policy", for keys made by API)."""
    root = planned.scope.arn("iam", "root", region="")
    allow = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allow]}


def _workers(planned: Planned) -> Iterator[Object]:
    """Yield what works under a role: profiles and what is launched with them, clusters, node groups."""
    account = planned.scope.account
    roles = {values["name"]: planned.arn(one) for one, values in planned.of("aws.iam.role")}
    profiles: dict[str, tuple[str, ...]] = {}
    for one, values in planned.of("aws.iam.instance_profile"):
        worn = (roles[values["role"]],) if values.get("role") in roles else ()
        profiles[values["name"]] = profiles[planned.arn(one)] = worn
        yield Thing(planned.arn(one), "iam.instance-profile", account, roles=worn)
    for one, values in planned.of("aws.ec2.launch_template"):
        held = profiles.get(values.get("instance_profile") or "", ())
        yield Thing(planned.arn(one), "ec2.launch-template", account, roles=held)
    for one, values in planned.of("aws.eks.cluster", "aws.eks.node_group"):
        kind = "eks.cluster" if one.address.type == "aws.eks.cluster" else "eks.node-group"
        held = tuple(arn for arn in roles.values() if arn == values.get("role"))
        yield Thing(planned.arn(one), kind, account, roles=held)
    for one, values in planned.of("aws.autoscaling.group"):
        arn = planned.scope.arn("ec2", f"instance/of-{one.address.name}")
        yield Thing(arn, "ec2.instance", account, roles=_launched(planned, values, profiles))


def _launched(planned: Planned, values: Mapping[str, Any], profiles: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the roles of the instances that an Auto Scaling group launches."""
    for one, template in planned.of("aws.ec2.launch_template"):
        if values.get("launch_template") in (template["name"], one.address.name, planned.arn(one)):
            return profiles.get(template.get("instance_profile") or "", ())
    return ()
