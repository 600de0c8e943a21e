"""What an attacker tries at the edges of an organization: perimeters, access points, chains, absent keys, odd values."""
# ruff: noqa: E501 - a row is a line, so that the table reads as one.

from iam_rows import (
    ACCOUNT,
    ALICE,
    ALL,
    ALLOW,
    EVE,
    EXPLICIT,
    IMPLICIT,
    NONE,
    OTHER,
    ROLE,
    SESSION,
    allow,
    deny,
    deny_to,
    levels,
    policy,
    row,
    to,
)  # fmt: skip

EC2, HUB = "ec2.amazonaws.com", f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
DOOR = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/door"
THROUGH = {
    "s3:DataAccessPointArn": DOOR,
    "s3:DataAccessPointAccount": ACCOUNT,
    "s3:AccessPointNetworkOrigin": "Internet",
}
DELEGATES = policy(to("*", "s3:*", condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}))
TO_ALL = policy(to("*"))
FULL = policy(to("*"))
OURS = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
KMS_EXAMPLE = levels(root=[FULL, policy(deny_to("*", ["s3:*", "kms:*"], condition=OURS))])
SHUT = [
    FULL,
    policy(
        deny_to(
            "*", ["s3:*", "sts:*", "sqs:*", "dynamodb:*", "logs:*", "ecr:*", "secretsmanager:*", "sns:*", "lambda:*"]
        )
    ),
]
HOME_ONLY = policy(
    allow(),
    deny(condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}),
)
BY_ENDPOINT = policy(
    to("*", "s3:GetObject"), deny_to("*", "s3:*", condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})
)
OWN_TAG = policy(allow("s3:GetObject", "arn:aws:s3:::data/${aws:PrincipalTag/team}"))


def trust(principal, action="sts:AssumeRole", condition=None):
    """A role's trust policy; it names no resource."""
    return policy(to(principal, action, None, condition))


def take(page, claim, expected, action="sts:AssumeRole", **rest):
    """A row that asks to take the role."""
    return row(page, claim, expected, action=action, on=ROLE, **rest)


def service(name, action, place):
    """Whether an RCP that shuts everything binds a service's resource."""
    bound = name not in ("sns", "lambda")
    claim = f"an RCP {'binds' if bound else 'does not bind'} {name}"
    return row(
        "rcp", claim, EXPLICIT if bound else ALLOW, action=action, on=place, identity=[ALL], rcps=levels(root=SHUT)
    )


ROWS = [
    service("dynamodb", "dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"),
    service("logs", "logs:GetLogEvents", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:g:*"),
    service("ecr", "ecr:BatchGetImage", f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/r"),
    service("secretsmanager", "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:s"),
    service("sqs", "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"),
    service("sns", "sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"),
    service("lambda", "lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"),
    row("rcp-kms", "AWS's own perimeter: an outsider", EXPLICIT, who=EVE, identity=[ALL], resource=TO_ALL, context={"aws:PrincipalOrgID": "o-else"}, rcps=KMS_EXAMPLE),
    row("rcp-kms", "AWS's own perimeter: an outsider in no organization", EXPLICIT, who=EVE, identity=[ALL], resource=TO_ALL, rcps=KMS_EXAMPLE),
    row("rcp-kms", "AWS's own perimeter: a service", ALLOW, who=EC2, resource=TO_ALL, rcps=KMS_EXAMPLE),
    row("keys", "an anonymous request tells nothing of services, so that Bool does not keep it out", ALLOW, who="anonymous", resource=TO_ALL, rcps=KMS_EXAMPLE),
    take("rcp", "an RCP binds a service that takes a role", EXPLICIT, who=EC2, resource=trust({"Service": EC2}), rcps=levels(root=SHUT)),
    take("rcp", "an RCP binds the bearer of a token", EXPLICIT, action="sts:AssumeRoleWithWebIdentity", who=HUB, resource=trust({"Federated": HUB}, "sts:AssumeRoleWithWebIdentity"), rcps=levels(root=SHUT)),
    row("rcp", "an RCP of the account binds though the root's lets through", EXPLICIT, identity=[ALL], rcps=levels(root=[FULL], account=SHUT)),
    row("rcp", "an RCP binds the owner who would mend the bucket's policy", EXPLICIT, action="s3:PutBucketPolicy", on="arn:aws:s3:::data", who=f"arn:aws:iam::{ACCOUNT}:root", resource=policy(deny_to("*", "s3:*")), rcps=levels(root=SHUT)),
    row("points", "a bucket that leaves it to its access points lets nobody in directly", IMPLICIT, resource=DELEGATES),
    row("points", "and whoever comes through one of them", ALLOW, resource=DELEGATES, context=THROUGH),
    row("points", "and nobody through one of another account", IMPLICIT, resource=DELEGATES, context={**THROUGH, "s3:DataAccessPointAccount": OTHER}),
    row("points", "an outsider through one of them needs permissions of its own too", IMPLICIT, who=EVE, resource=DELEGATES, context=THROUGH),
    row("points", "a bucket that denies what comes by no access point denies what comes directly", EXPLICIT, identity=[ALL], resource=policy(deny_to("*", "s3:*", condition={"StringNotEquals": {"s3:DataAccessPointArn": DOOR}}))),
    row("points", "a policy of an access point names objects below it", ALLOW, on=f"{DOOR}/object/team/x", resource=policy(to({"AWS": ALICE}, "s3:GetObject", f"{DOOR}/object/team/*"))),
    row("points", "a policy of an access point that names the bucket grants nothing", IMPLICIT, on=f"{DOOR}/object/team/x", resource=policy(to({"AWS": ALICE}, "s3:GetObject", "arn:aws:s3:::data/team/*"))),
    row("vpc-federated", "through an endpoint there is no public address", EXPLICIT, identity=[HOME_ONLY], context={"aws:VpcSourceIp": "203.0.113.7", "aws:ViaAWSService": "false"}),
    row("deny-ip", "from home", ALLOW, identity=[HOME_ONLY], context={"aws:SourceIp": "203.0.113.7", "aws:ViaAWSService": "false"}),
    row("deny-ip", "from elsewhere", EXPLICIT, identity=[HOME_ONLY], context={"aws:SourceIp": "198.51.100.7", "aws:ViaAWSService": "false"}),
    row("deny-ip", "from elsewhere, by a service for the caller", ALLOW, identity=[HOME_ONLY], context={"aws:SourceIp": "198.51.100.7", "aws:ViaAWSService": "true"}),
    row("deny-ip", "from an address of version 6", EXPLICIT, identity=[HOME_ONLY], context={"aws:SourceIp": "2001:db8::1", "aws:ViaAWSService": "false"}),
    row("endpoint", "a bucket of one endpoint denies what comes by none", EXPLICIT, identity=[ALL], resource=BY_ENDPOINT),
    row("endpoint", "a bucket of one endpoint lets in what comes by it", ALLOW, who="anonymous", resource=BY_ENDPOINT, context={"aws:SourceVpce": "vpce-1"}),
    row("endpoint", "an endpoint that serves one account's resources denies another's", EXPLICIT, account=OTHER, identity=[ALL], resource=TO_ALL, vpc_endpoint=[policy(to("*"), deny_to("*", condition={"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}))]),
    row("variables", "a tag of the caller's is no pattern", IMPLICIT, identity=[OWN_TAG], context={"aws:PrincipalTag/team": "*"}),
    row("variables", "a tag of the caller's is the very name", ALLOW, on="arn:aws:s3:::data/*", identity=[OWN_TAG], context={"aws:PrincipalTag/team": "*"}),
    row("variables", "a tag that the caller has not is no name", IMPLICIT, on="arn:aws:s3:::data/", identity=[OWN_TAG]),
    row("keys", "names of keys are told in any letter case, those of tags too", ALLOW, identity=[policy(allow(condition={"StringEquals": {"AWS:principaltag/TEAM": "x"}}))], context={"aws:PrincipalTag/team": "x"}),
    row("multivalued", "a Deny with ForAllValues strikes where the key is absent", EXPLICIT, identity=[policy(allow(), deny(condition={"ForAllValues:StringNotEquals": {"aws:TagKeys": ["cost"]}}))]),
    row("multivalued", "a Deny with ForAnyValue spares where the key is absent", ALLOW, identity=[policy(allow(), deny(condition={"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["cost"]}}))]),
    row("keys", "aws:CalledVia tells each service on the way", ALLOW, identity=[policy(allow(condition={"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}))], context={"aws:CalledVia": ["cloudformation.amazonaws.com", "athena.amazonaws.com"]}),
    row("keys", "aws:CalledVia is absent where the caller asks itself", IMPLICIT, identity=[policy(allow(condition={"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}))]),
    row("keys", "aws:PrincipalArn of a session is the role's, with its path where it is told", ALLOW, who=SESSION, context={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/team/app"}, identity=[policy(allow(condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}))]),
    row("keys", "aws:PrincipalArn of a session is never the session's", IMPLICIT, who=SESSION, identity=[policy(allow(condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/*"}}))]),
    row("cross", "a boundary limits a user whom another account's resource names", IMPLICIT, who=EVE, identity=[ALL], boundaries=[NONE], resource=policy(to({"AWS": EVE}))),
    row("cross", "a session policy limits a session that another account's resource names", IMPLICIT, who=f"arn:aws:sts::{OTHER}:assumed-role/app/run", identity=[ALL], session=NONE, resource=policy(to({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/app/run"}))),
    row("cross", "a grade of the account alone does not reach past the caller's own policies", IMPLICIT, who=EVE, resource=policy(to({"AWS": OTHER}))),
    take("tags", "tags need their own action in the trust", IMPLICIT, action="sts:TagSession", who=EVE, identity=[ALL], resource=trust({"AWS": OTHER})),
    take("tags", "tags that the trust takes", ALLOW, action="sts:TagSession", who=EVE, identity=[ALL], resource=trust({"AWS": OTHER}, ["sts:AssumeRole", "sts:TagSession"])),
    take("source-identity", "a source identity needs its own action in the trust", IMPLICIT, action="sts:SetSourceIdentity", who=EVE, identity=[ALL], resource=trust({"AWS": OTHER})),
    take("source-identity", "a source identity that the trust wants", ALLOW, action="sts:SetSourceIdentity", who=EVE, identity=[ALL], context={"sts:SourceIdentity": "ada"},
         resource=trust({"AWS": OTHER}, ["sts:AssumeRole", "sts:SetSourceIdentity"], {"StringLike": {"sts:SourceIdentity": "a*"}})),
    take("source-identity", "a source identity that the trust does not want", IMPLICIT, action="sts:SetSourceIdentity", who=EVE, identity=[ALL], context={"sts:SourceIdentity": "eve"},
         resource=trust({"AWS": OTHER}, ["sts:AssumeRole", "sts:SetSourceIdentity"], {"StringLike": {"sts:SourceIdentity": "a*"}})),
]  # fmt: skip
