"""Action, Resource, their opposites, policy variables, versions, and policies that AWS refuses."""
# ruff: noqa: E501 - a row is a line, so that the table reads as one.

from iam_rows import (
    ACCOUNT,
    ALICE,
    ALLOW,
    ERROR,
    EXPLICIT,
    FEDERATED,
    IMPLICIT,
    ROLE,
    SESSION,
    allow,
    deny,
    policy,
    row,
    to,
)  # fmt: skip

BUCKET = "arn:aws:s3:::data"

# (page, element, patterns, action asked, allowed)
ACTIONS = [
    ("action", "Action", "s3:GetObject", "s3:GetObject", True),
    ("action", "Action", "S3:GETOBJECT", "s3:GetObject", True),
    ("action", "Action", "s3:getobject", "s3:GetObject", True),
    ("action", "Action", "s3:GetObject", "s3:GetObjectAcl", False),
    ("action", "Action", "s3:*", "s3:PutObject", True),
    ("action", "Action", "s3:*", "sqs:SendMessage", False),
    ("action", "Action", "*", "sqs:SendMessage", True),
    ("action", "Action", "iam:*AccessKey*", "iam:ListAccessKeys", True),
    ("action", "Action", "iam:*AccessKey*", "iam:ListUsers", False),
    ("action", "Action", "ec2:Describe*", "ec2:DescribeInstances", True),
    ("action", "Action", "ec2:Describe*", "ec2:RunInstances", False),
    ("action", "Action", "s3:???Object", "s3:PutObject", True),
    ("action", "Action", "s3:???Object", "s3:DeleteObject", False),
    ("action", "Action", ["sqs:SendMessage", "s3:Get*"], "s3:GetObject", True),
    ("action", "Action", ["sqs:SendMessage", "s3:Get*"], "s3:PutObject", False),
    ("notaction", "NotAction", "s3:DeleteBucket", "s3:GetObject", True),
    ("notaction", "NotAction", "s3:DeleteBucket", "s3:DeleteBucket", False),
    ("notaction", "NotAction", "iam:*", "sqs:SendMessage", True),
    ("notaction", "NotAction", "iam:*", "iam:CreateUser", False),
    ("notaction", "NotAction", ["iam:*", "sqs:*"], "SQS:SendMessage", False),
]
Q = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
# (page, element, patterns, resource asked, allowed)
RESOURCES = [
    ("resource", "Resource", Q, Q, True),
    ("resource", "Resource", Q, f"{Q}-2", False),
    ("resource", "Resource", Q.replace("jobs", "JOBS"), Q, False),
    ("resource", "Resource", f"arn:aws:sqs:*:{ACCOUNT}:*", Q, True),
    ("resource", "Resource", f"arn:aws:sqs:us-*:{ACCOUNT}:*", Q, False),
    ("resource", "Resource", "arn:aws:sqs:*:jobs", Q, False),
    ("resource", "Resource", "arn:aws:sqs:*", Q, True),
    ("resource", "Resource", "arn:aws:sqs:eu-west-1:*:jobs", Q, True),
    ("resource", "Resource", "arn:aws:sqs:eu-west-?:*:job?", Q, True),
    ("resource", "Resource", "arn:aws:sqs:eu-west-?:*:job??", Q, False),
    ("resource", "Resource", "*", Q, True),
    ("resource", "Resource", "*", "*", True),
    ("resource", "Resource", Q, "*", False),
    ("resource", "Resource", "arn:aws:s3:::data/*", BUCKET, False),
    ("resource", "Resource", BUCKET, "arn:aws:s3:::data/file", False),
    ("resource", "Resource", "arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b:c/d", True),
    ("resource", "Resource", "arn:aws:s3:::data*", "arn:aws:s3:::database/x", True),
    ("resource", "Resource", "arn:aws:s3:::data/*/test/*", "arn:aws:s3:::data/1/2/test/3", True),
    ("resource", "Resource", "arn:aws:s3:::data/*/test/*", "arn:aws:s3:::data/1/2/tests/3", False),
    ("resource", "Resource", [BUCKET, "arn:aws:s3:::data/*"], "arn:aws:s3:::data/x", True),
    ("resource", "Resource", "arn:aws:s3:::d.ta", BUCKET, False),
    ("identifiers", "Resource", "arn:aws:sqs", Q, True),
    ("identifiers", "Resource", "arn:aws:sqs:eu-west-1", Q, True),
    ("identifiers", "Resource", "arn:aws:sqs:us-east-1", Q, False),
    ("identifiers", "Resource", f"arn:aws:sqs:*:{ACCOUNT}", Q, True),
    ("identifiers", "Resource", "arn:aws:sq", Q, False),
    ("identifiers", "Resource", "arn:aws:sqs:${aws:RequestedRegion}", Q, False),
    ("identifiers", "Resource", "arn:aws:s3:::${aws:username}", "arn:aws:s3:::alice/x", False),
    ("identifiers", "NotResource", "arn:aws:sqs", Q, False),
    ("notresource", "NotResource", [BUCKET, "arn:aws:s3:::data/*"], "arn:aws:s3:::other/x", True),
    ("notresource", "NotResource", [BUCKET, "arn:aws:s3:::data/*"], "arn:aws:s3:::data/x", False),
    ("notresource", "NotResource", "arn:aws:s3:::data/*", "*", True),
    ("notresource", "NotResource", "*", Q, False),
]
HOME = "arn:aws:s3:::home/"
# (who, resource of the policy, resource asked, context, allowed)
VARIABLES = [
    (ALICE, HOME + "${aws:username}/*", HOME + "alice/x", {}, True),
    (ALICE, HOME + "${aws:username}/*", HOME + "bob/x", {}, False),
    (ALICE, HOME + "${AWS:UserName}/*", HOME + "alice/x", {}, True),
    (f"arn:aws:iam::{ACCOUNT}:user/team/red/alice", HOME + "${aws:username}/*", HOME + "alice/x", {}, True),
    (SESSION, HOME + "${aws:username}/*", HOME + "app/x", {}, False),
    (SESSION, HOME + "${aws:username}/*", HOME + "/x", {}, False),
    (SESSION, HOME + "${aws:userid}/*", HOME + "AROAEXAMPLE:run/x", {"aws:userid": "AROAEXAMPLE:run"}, True),
    (FEDERATED, HOME + "${aws:userid}", HOME + f"{ACCOUNT}:fred", {}, True),
    (ALICE, HOME + "${aws:PrincipalTag/team, 'company-wide'}/*", HOME + "company-wide/x", {}, True),
    (ALICE, HOME + "${aws:PrincipalTag/team, 'company-wide'}/*", HOME + "x/x", {"aws:PrincipalTag/team": "x"}, True),
    (ALICE, HOME + "${aws:PrincipalTag/team, 'company-wide'}/*", HOME + "y/x", {"aws:PrincipalTag/team": "x"}, False),
    (ALICE, HOME + "${aws:PrincipalTag/team}/*", HOME + "/x", {}, False),
    (ALICE, HOME + "${aws:TagKeys}/*", HOME + "a/x", {"aws:TagKeys": ["a", "b"]}, False),
    (ALICE, HOME + "${*}/x", HOME + "*/x", {}, True),
    (ALICE, HOME + "${*}/x", HOME + "y/x", {}, False),
    (ALICE, HOME + "${?}/x", HOME + "?/x", {}, True),
    (ALICE, HOME + "${?}/x", HOME + "y/x", {}, False),
    (ALICE, HOME + "${$}{x}", HOME + "${x}", {}, True),
    (ALICE, HOME + "${aws:PrincipalAccount}/*", HOME + f"{ACCOUNT}/x", {}, True),
    (ALICE, HOME + "${aws:PrincipalTag/a}/${aws:PrincipalTag/b}", HOME + "1/2", {"aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": "2"}, True),
]  # fmt: skip
TAGS = {"StringEquals": {"aws:ResourceTag/owner": "${aws:username}"}}
LIKE = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
OTHERS = {"StringNotEquals": {"aws:ResourceTag/owner": "${aws:PrincipalTag/owner}"}}
READ = allow("s3:*")


def _written(element, value, opposite, **rest):
    """A statement that uses one element of a pair."""
    made = allow(
        "s3:*" if element.endswith("Resource") else None, None if element.endswith("Resource") else "*", **rest
    )
    return {**{k: v for k, v in made.items() if k != opposite}, element: value}


def _action(page, element, patterns, action, allowed):
    claim = f"{element} {patterns!r} for {action}"
    doc = policy(_written(element, patterns, "Action" if element == "NotAction" else None))
    return row(page, claim, ALLOW if allowed else IMPLICIT, action=action, on=Q, identity=[doc])


def _resource(page, element, patterns, resource, allowed):
    doc = policy({"Effect": "Allow", "Action": "*", element: patterns})
    return row(
        page, f"{element} {patterns!r} for {resource}", ALLOW if allowed else IMPLICIT, on=resource, identity=[doc]
    )


def _variable(who, pattern, resource, context, allowed):
    claim = f"{pattern} for {resource}, {who} with {context}"
    expected = ALLOW if allowed else IMPLICIT
    session = ALL_SESSION if who == FEDERATED else None
    return row("variables", claim, expected, who=who, on=resource, context=context, session=session,
               identity=[policy(allow("s3:*", pattern))])  # fmt: skip


def _old(claim, expected, resource, asked):
    doc = {"Statement": [allow("s3:*", resource)]}
    return row("version", claim, expected, on=asked, identity=[doc])


def _malformed(claim, document, page="grammar", **where):
    return row(page, claim, ERROR, **(where or {"identity": [document]}))


ALL_SESSION = policy(allow())
ROWS = [
    *(_action(*case) for case in ACTIONS),
    *(_resource(*case) for case in RESOURCES),
    *(_variable(*case) for case in VARIABLES),
    _old("no variables before 2012-10-17", IMPLICIT, HOME + "${aws:username}/*", HOME + "alice/x"),
    _old("a variable is plain text before 2012-10-17", ALLOW, HOME + "${aws:username}/*", HOME + "${aws:username}/x"),
    row("version", "2008-10-17 is as no version", IMPLICIT, on=HOME + "alice/x",
        identity=[policy(allow("s3:*", HOME + "${aws:username}/*"), version="2008-10-17")]),
    row("variables", "a variable in StringEquals", ALLOW, context={"aws:ResourceTag/owner": "alice"}, identity=[policy(allow(condition=TAGS))]),
    row("variables", "a variable in StringEquals that differs", IMPLICIT, context={"aws:ResourceTag/owner": "bob"}, identity=[policy(allow(condition=TAGS))]),
    row("variables", "a null variable equals nothing", IMPLICIT, who=ROLE, context={"aws:ResourceTag/owner": ""}, identity=[policy(allow(condition=TAGS))]),
    row("variables", "a variable in StringLike", ALLOW, context={"s3:prefix": "alice/x"}, identity=[policy(allow(condition=LIKE))]),
    row("variables", "a variable in StringLike that differs", IMPLICIT, context={"s3:prefix": "bob/x"}, identity=[policy(allow(condition=LIKE))]),
    row("variables", "a null variable is unequal to everything", EXPLICIT, context={"aws:ResourceTag/owner": "x"}, identity=[policy(READ, deny(condition=OTHERS))]),
    row("variables", "equal tags spare from a deny", ALLOW, context={"aws:ResourceTag/owner": "x", "aws:PrincipalTag/owner": "x"}, identity=[policy(READ, deny(condition=OTHERS))]),
    row("notaction", "a deny of all but some denies the rest", EXPLICIT, identity=[policy(READ, {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"})]),
    row("notaction", "a deny of all but some spares these", ALLOW, identity=[policy(READ, {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"})]),
    row("notresource", "a deny of all but some resources denies the rest", EXPLICIT, identity=[policy(READ, {"Effect": "Deny", "Action": "s3:*", "NotResource": BUCKET})]),
    row("notresource", "a deny of all but some resources spares these", ALLOW, on=BUCKET, identity=[policy(READ, {"Effect": "Deny", "Action": "s3:*", "NotResource": BUCKET})]),
    row("identifiers", "a deny of an incomplete ARN", EXPLICIT, on=Q, identity=[policy(allow(), deny("*", "arn:aws:sqs"))]),
    row("identifiers", "a boundary with an incomplete ARN", ALLOW, on=Q, identity=[policy(allow())], boundaries=[policy(allow("*", "arn:aws:sqs"))]),
    row("identifiers", "an incomplete ARN in a session policy", ERROR, who=SESSION, on=Q, identity=[policy(allow())], session=policy(allow("*", "arn:aws:sqs"))),
    row("variables", "a variable of one value in a list", ALLOW, who=SESSION, context={"aws:ResourceTag/owner": "x", "aws:PrincipalTag/owner": ["x"]}, identity=[policy(READ, deny(condition=OTHERS))]),
    row("variables", "tags that are both absent are not equal", IMPLICIT, who=SESSION, identity=[policy(allow(condition=TAGS))]),
    row("grammar", "Statement may be one object", ALLOW, identity=[{"Version": "2012-10-17", "Statement": READ}]),
    row("grammar", "Id and Sid say nothing", ALLOW, identity=[{**policy({**READ, "Sid": "Read"}), "Id": "x"}]),
    _malformed("no Effect", policy({"Action": "*", "Resource": "*"})),
    _malformed("Effect in the wrong letter case", policy({**READ, "Effect": "allow"})),
    _malformed("no Action", policy({"Effect": "Allow", "Resource": "*"})),
    _malformed("no Resource in an identity policy", policy({"Effect": "Allow", "Action": "*"})),
    _malformed("Action and NotAction", policy({**READ, "NotAction": "s3:Get*"})),
    _malformed("Resource and NotResource", policy({**READ, "NotResource": BUCKET})),
    _malformed("Principal in an identity policy", policy(to("*", "s3:*"))),
    _malformed("an action without a service", policy(allow("GetObject"))),
    _malformed("a resource that is no ARN", policy(allow("s3:*", "data"))),
    _malformed("a version that is none", policy(READ, version="2020-01-01")),
    _malformed("no Statement", {"Version": "2012-10-17"}),
    _malformed("an unknown element of a policy", {**policy(READ), "Statements": []}),
    _malformed("an unknown element of a statement", policy({**READ, "Conditions": {}})),
    _malformed("two statements of one Sid", policy({**READ, "Sid": "A"}, {**READ, "Sid": "A"})),
    _malformed("a statement that is no object", policy("allow")),
    _malformed("a policy that is no object", "allow"),
    _malformed("a condition that is no object", policy(allow(condition="x"))),
    _malformed("a variable that is none", policy(allow("s3:*", HOME + "${aws:username, x}"))),
    _malformed("a variable that is not closed", policy(allow("s3:*", HOME + "${aws:username")), page="checks"),
    _malformed("a default that is not closed", policy(deny("s3:*", HOME + "${aws:PrincipalTag/team, 'x}")), page="checks"),
    _malformed("a variable of a condition that is not closed", policy(deny(condition={"StringLike": {"s3:prefix": "${aws:username/*"}})), page="checks"),
    _malformed("an empty variable", policy(allow("s3:*", HOME + "${}")), page="checks"),
    _malformed("a condition key twice, in different letter case", policy(allow(condition={"StringEquals": {"aws:SourceVpc": "a", "aws:sourcevpc": "b"}})), page="checks"),
    _malformed("IfExists of Null", policy(allow(condition={"NullIfExists": {"aws:SourceVpc": "true"}})), page="checks"),
    row("checks", "a key under two operators, in different letter case", ALLOW, context={"aws:SourceVpc": "vpc-1"},
        identity=[policy(allow(condition={"StringLike": {"aws:sourcevpc": "vpc-*"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}))]),
    row("checks", "an open brace is no variable before 2012-10-17", ALLOW, on=HOME + "${x", identity=[policy(allow("s3:*", HOME + "${x"), version="2008-10-17")]),
    _malformed("no Principal in a resource's policy", None, resource=policy(READ)),
    _malformed("an unknown kind of principal", None, resource=policy(to({"User": "alice"}))),
    _malformed("a name as principal", None, resource=policy(to({"AWS": "alice"}))),
    _malformed("Principal in an SCP", None, scps=[{"level": "root", "policies": [policy(to("*"))]}]),
    _malformed("a principal but * in an RCP", None, rcps=[{"level": "root", "policies": [policy(to({"AWS": ACCOUNT}))]}]),
]  # fmt: skip
