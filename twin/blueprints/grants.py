"""What each role and user of the spec may do: its own statements, and what buckets and secrets give to it."""

from collections.abc import Iterator

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import Statement, allow, deny, document
from twin.blueprints.names import arn_of, bucket_arn, key_arn, login_arn
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_policy import Policy
from twin.resources.declaration import Path
from twin.spec.model.access import Grants
from twin.spec.model.access import Statement as StatementIntent

READ = ("s3:GetObject", "s3:GetObjectVersion")
WRITE = ("s3:PutObject", "s3:AbortMultipartUpload")
DECRYPT = ("kms:Decrypt",)
LOGIN = "rds-db:"
"""Actions about the users of databases, whose ARNs are none of the databases' own."""
ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")


def attach(blueprint: Blueprint, kind: str, name: str, grants: Grants, at: Path) -> None:
    """Declare the policies of a role, user or group (`kind`) and attach them.

    Policies stand apart from their role: a key's policy names the role, and the role's policy may name the key.
    """
    holder = {kind: ref(f"aws.iam.{kind}", name)}
    for index, managed in enumerate(grants.policies):
        arn = managed if managed.startswith("arn:") else f"arn:aws:iam::aws:policy/{managed}"
        place = (*at, "policies", index)
        label = arn.rpartition("/")[2]
        blueprint.add(f"{name}-{label}", Attachment(policy=arn, **holder), place, {"policy": place})
    statements = [*written(blueprint, grants.statements, (*at, "statements")), *_given(blueprint, name)]
    if statements:
        policy = Policy(name=blueprint.name(name), policy=document(statements), description=f"What {name} may do")
        own = blueprint.add(name, policy, at, {"policy": (*at, "statements")})
        blueprint.add(name, Attachment(policy=own.arn, **holder), at)


def written(blueprint: Blueprint, statements: tuple[StatementIntent, ...], at: Path) -> Iterator[Statement]:
    """Yield statements of the spec with their items written as ARNs."""
    for index, intent in enumerate(statements):
        arns = list(_arns(blueprint, intent, (*at, index)))
        when = {operator: {key: list(values) for key, values in keys.items()} for operator, keys in intent.when.items()}
        if arns:
            yield (allow if intent.effect == "allow" else deny)(intent.actions, arns, when=when)


def _arns(blueprint: Blueprint, intent: StatementIntent, at: Path) -> Iterator[str]:
    """Yield the ARNs of what a statement names; a log-in by IAM is about users of databases."""
    logins = {action.startswith(LOGIN) for action in intent.actions}
    if len(logins) > 1:
        blueprint.problem(
            "TW0724", f"{LOGIN} and other actions are about different resources", at, "write two statements"
        )
    for place, resource in enumerate(intent.resources):
        plain = resource == "*" or resource.startswith("arn:")
        arn = login_arn(blueprint, resource) if True in logins and not plain else arn_of(blueprint, resource)
        if arn is not None:
            yield arn
            continue
        users = f"name a user of a database: {resource.partition('/')[0]}/USER" if True in logins else None
        where = (*at, "resources", place)
        blueprint.problem("TW0724", f"`{resource}` has no ARN that a statement could name", where, users)


def _given(blueprint: Blueprint, name: str) -> Iterator[Statement]:
    data = blueprint.org.data
    for key, bucket in data.buckets.items():
        arn = bucket_arn(blueprint, key)
        if name in bucket.access.read:
            yield allow(READ, f"{arn}/*")
            yield allow("s3:ListBucket", arn)
        if name in bucket.access.write:
            yield allow(WRITE, f"{arn}/*")
        encryption = key_arn(bucket.key)
        if encryption and name in (*bucket.access.read, *bucket.access.write):
            yield allow(ENCRYPT if name in bucket.access.write else DECRYPT, encryption)
    for key, secret in data.secrets.items():
        if name in secret.readers:
            yield allow("secretsmanager:GetSecretValue", ref("aws.secretsmanager.secret", key, "arn"))
            encryption = key_arn(secret.key)
            if encryption:
                yield allow(DECRYPT, encryption)
