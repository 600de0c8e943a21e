"""What services add: role trust, KMS keys and grants, buckets, MFA, revocation, confused deputies."""
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

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GITHUB = "token.actions.githubusercontent.com"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SQS = policy(allow("sqs:*"))


def trust(principal, action="sts:AssumeRole", condition=None):
    """A role's trust policy; it names no resource."""
    return policy(to(principal, action, None, condition))


def take(page, claim, expected, **rest):
    """A row that asks for sts:AssumeRole on the role."""
    return row(page, claim, expected, **{"action": "sts:AssumeRole", "on": ROLE, **rest})


def key(page, claim, expected, **rest):
    """A row that asks for kms:Decrypt with the key."""
    return row(page, claim, expected, **{"action": "kms:Decrypt", "on": KEY, **rest})


def grant(to_, *operations, **constraints):
    """A grant, as ListGrants returns it."""
    return [{"GranteePrincipal": to_, "Operations": list(operations), "Constraints": constraints}]


ID = {"StringEquals": {"sts:ExternalId": "12345"}}
SUB = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}, "StringLike": {f"{GITHUB}:sub": "repo:acme/app:*"}}
AUD = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OLD = policy(allow(), deny(condition={"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}))
SOURCE = {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
SNS = {"Service": "sns.amazonaws.com"}
GOOD_SOURCE = {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t", "aws:SourceAccount": ACCOUNT}
CI = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}
WEB = {
    "who": OIDC,
    "action": "sts:AssumeRoleWithWebIdentity",
    "resource": trust({"Federated": OIDC}, "sts:AssumeRoleWithWebIdentity", SUB),
}
LOGIN = {
    "who": SAML,
    "action": "sts:AssumeRoleWithSAML",
    "resource": trust({"Federated": SAML}, "sts:AssumeRoleWithSAML", AUD),
}
DENY_ROOT = policy(deny_to("*", "s3:*"))
TLS = policy(to("*", "s3:GetObject"), deny_to("*", "s3:*", condition={"Bool": {"aws:SecureTransport": "false"}}))
BOTH = trust({"AWS": ACCOUNT}, ["sts:AssumeRole", "sts:TagSession"])
TAGGED = trust({"AWS": ALICE}, "sts:TagSession", {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}})
NAMED = trust({"AWS": ACCOUNT}, condition={"StringLike": {"sts:RoleSessionName": "${aws:username}"}})
FRESH = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}

ROWS = [
    take("trust", "the trust policy names the user", ALLOW, resource=trust({"AWS": ALICE})),
    take("trust", "the trust policy names nobody of us", IMPLICIT, identity=[ALL], resource=trust({"AWS": EVE})),
    take("trust", "a role without a trust policy", IMPLICIT, identity=[ALL]),
    take("trust", "the trust policy names the account, the user may", ALLOW, identity=[ALL], resource=trust({"AWS": ROOT})),
    take("trust", "the trust policy names the account, the user may not", IMPLICIT, identity=[SQS], resource=trust({"AWS": ROOT})),
    take("trust", "a role takes itself only when its trust says so", IMPLICIT, who=SESSION, identity=[ALL], resource=trust({"AWS": ALICE})),
    take("trust", "a role takes itself, its trust says so", ALLOW, who=SESSION, identity=[ALL], resource=trust({"AWS": ROLE})),
    take("trust", "a service takes the role", ALLOW, who="ec2.amazonaws.com", resource=trust({"Service": "ec2.amazonaws.com"})),
    take("trust", "another service does not", IMPLICIT, who="lambda.amazonaws.com", resource=trust({"Service": "ec2.amazonaws.com"})),
    take("trust", "from another account both sides allow", ALLOW, who=EVE, identity=[ALL], resource=trust({"AWS": OTHER})),
    take("trust", "from another account without an identity policy", IMPLICIT, who=EVE, resource=trust({"AWS": EVE})),
    take("trust", "the boundary of a user named in the trust is passed", ALLOW, boundaries=[SQS], resource=trust({"AWS": ALICE})),
    take("externalid", "the external id agrees", ALLOW, who=EVE, identity=[ALL], context={"sts:ExternalId": "12345"}, resource=trust({"AWS": OTHER}, condition=ID)),
    take("externalid", "the external id differs", IMPLICIT, who=EVE, identity=[ALL], context={"sts:ExternalId": "54321"}, resource=trust({"AWS": OTHER}, condition=ID)),
    take("externalid", "the external id is absent", IMPLICIT, who=EVE, identity=[ALL], resource=trust({"AWS": OTHER}, condition=ID)),
    take("oidc", "a workflow of the repository", ALLOW, context=CI, **WEB),
    take("oidc", "a workflow of another repository", IMPLICIT, context={**CI, f"{GITHUB}:sub": "repo:evil/app:ref:x"}, **WEB),
    take("oidc", "another audience", IMPLICIT, context={**CI, f"{GITHUB}:aud": "x"}, **WEB),
    take("oidc", "AssumeRole is not AssumeRoleWithWebIdentity", IMPLICIT, context=CI, **{**WEB, "action": "sts:AssumeRole"}),
    take("saml", "an assertion for the sign-in endpoint", ALLOW, context={"saml:aud": "https://signin.aws.amazon.com/saml"}, **LOGIN),
    take("saml", "an assertion for something else", IMPLICIT, context={"saml:aud": "https://example.com"}, **LOGIN),
    take("saml", "an assertion of another provider", IMPLICIT, **{**LOGIN, "who": SAML + "2"}, context={"saml:aud": "https://signin.aws.amazon.com/saml"}),
    take("tags", "the trust policy allows to tag", ALLOW, action="sts:TagSession", identity=[ALL], resource=BOTH),
    take("tags", "the trust policy does not allow to tag", IMPLICIT, action="sts:TagSession", identity=[ALL], resource=trust({"AWS": ACCOUNT})),
    take("tags", "tags that the trust policy lists", ALLOW, action="sts:TagSession", context={"aws:TagKeys": ["team"]}, resource=TAGGED),
    take("tags", "tags that the trust policy does not list", IMPLICIT, action="sts:TagSession", context={"aws:TagKeys": ["team", "x"]}, resource=TAGGED),
    take("trust", "a session is named as its user", ALLOW, identity=[ALL], context={"sts:RoleSessionName": "alice"}, resource=NAMED),
    take("trust", "a session is named otherwise", IMPLICIT, identity=[ALL], context={"sts:RoleSessionName": "bob"}, resource=NAMED),
    take("trust", "an MFA that is too old", IMPLICIT, context={"aws:MultiFactorAuthAge": 7200}, resource=trust({"AWS": ALICE}, condition=FRESH)),
    take("trust", "an MFA that is fresh", ALLOW, context={"aws:MultiFactorAuthAge": 60}, resource=trust({"AWS": ALICE}, condition=FRESH)),
    take("oidc", "a caller without credentials whose provider is told", ALLOW, context={**CI, "aws:FederatedProvider": OIDC}, **{**WEB, "who": "anonymous"}),
    take("oidc", "a caller without credentials or provider", IMPLICIT, context=CI, **{**WEB, "who": "anonymous"}),
    take("rcp", "an RCP binds taking a role", EXPLICIT, who=EVE, identity=[ALL], resource=trust({"AWS": OTHER}), rcps=levels(root=[policy(to("*"), deny_to("*", "sts:*"))])),
    take("mfa", "a session with MFA", ALLOW, context={"aws:MultiFactorAuthPresent": "true"}, resource=trust({"AWS": ALICE}, condition=MFA)),
    take("mfa", "a session without MFA", IMPLICIT, context={"aws:MultiFactorAuthPresent": "false"}, resource=trust({"AWS": ALICE}, condition=MFA)),
    take("mfa", "long-term keys carry no MFA key", IMPLICIT, resource=trust({"AWS": ALICE}, condition=MFA)),
    row("mfa", "BoolIfExists denies long-term keys", EXPLICIT, identity=[policy(allow(), deny(condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}))]),
    row("mfa", "Bool does not deny long-term keys", ALLOW, identity=[policy(allow(), deny(condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))]),
    row("revoke", "an old session is denied", EXPLICIT, who=SESSION, identity=[OLD], context={"aws:TokenIssueTime": "2025-12-31T23:00:00Z"}),
    row("revoke", "a new session is spared", ALLOW, who=SESSION, identity=[OLD], context={"aws:TokenIssueTime": "2026-01-01T00:00:01Z"}),
    row("revoke", "long-term keys are spared", ALLOW, identity=[OLD]),
    row("deputy", "the service acts for us", ALLOW, who="sns.amazonaws.com", context=GOOD_SOURCE, resource=policy(to(SNS, condition=SOURCE))),
    row("deputy", "the service acts for another account", IMPLICIT, who="sns.amazonaws.com", context={**GOOD_SOURCE, "aws:SourceAccount": OTHER}, resource=policy(to(SNS, condition=SOURCE))),
    row("deputy", "the service says not for whom", IMPLICIT, who="sns.amazonaws.com", resource=policy(to(SNS, condition=SOURCE))),
    key("kms-default", "the default key policy leaves it to IAM policies", ALLOW, identity=[ALL], resource=policy(to({"AWS": ROOT}, "kms:*"))),
    key("kms-default", "the default key policy without an IAM policy", IMPLICIT, resource=policy(to({"AWS": ROOT}, "kms:*"))),
    key("kms-default", "the default key policy and the root user", ALLOW, who=ROOT, resource=policy(to({"AWS": ROOT}, "kms:*"))),
    key("kms", "IAM policies alone do not open a key", IMPLICIT, identity=[ALL], resource=policy(to({"AWS": ROLE}, "kms:*"))),
    key("kms", "a key policy that does not name the account locks its root user out", IMPLICIT, who=ROOT, resource=policy(to({"AWS": ROLE}, "kms:*"))),
    key("kms", "a key policy names the user", ALLOW, resource=policy(to({"AWS": ALICE}, "kms:Decrypt"))),
    key("kms", "a key policy names the role", ALLOW, who=SESSION, resource=policy(to({"AWS": ROLE}, "kms:Decrypt"))),
    key("kms", "a key policy allows another action", IMPLICIT, identity=[ALL], resource=policy(to({"AWS": ALICE}, "kms:Encrypt"))),
    key("kms", "a key policy denies", EXPLICIT, identity=[ALL], resource=policy(to({"AWS": ROOT}, "kms:*"), deny_to("*", "kms:Decrypt"))),
    key("kms", "an encryption context that agrees", ALLOW, context={"kms:EncryptionContext:app": "x"}, resource=policy(to({"AWS": ALICE}, condition={"StringEquals": {"kms:EncryptionContext:app": "x"}}))),
    key("kms", "an encryption context that differs", IMPLICIT, context={"kms:EncryptionContext:app": "y"}, resource=policy(to({"AWS": ALICE}, condition={"StringEquals": {"kms:EncryptionContext:app": "x"}}))),
    key("kms", "through the service that the key policy demands", ALLOW, context={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}, resource=policy(to({"AWS": ALICE}, condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}))),
    row("kms", "an action without a key needs an IAM policy only", ALLOW, action="kms:ListKeys", on="*", identity=[ALL]),
    key("kms-cross", "another account: key policy and IAM policy", ALLOW, who=EVE, identity=[ALL], resource=policy(to({"AWS": OTHER}, "kms:Decrypt"))),
    key("kms-cross", "another account: key policy only", IMPLICIT, who=EVE, resource=policy(to({"AWS": EVE}, "kms:Decrypt"))),
    key("kms-cross", "another account: IAM policy only", IMPLICIT, who=EVE, identity=[ALL], resource=policy(to({"AWS": ROOT}, "kms:*"))),
    key("grants", "a grant allows", ALLOW, resource=policy(to({"AWS": ROLE})), grants=grant(ALICE, "Decrypt")),
    key("grants", "a grant of another operation", IMPLICIT, resource=policy(to({"AWS": ROLE})), grants=grant(ALICE, "Encrypt")),
    key("grants", "a grant to somebody else", IMPLICIT, resource=policy(to({"AWS": ROLE})), grants=grant(EVE, "Decrypt")),
    key("grants", "a grant to the role of a session", ALLOW, who=SESSION, resource=policy(to({"AWS": ALICE})), grants=grant(ROLE, "Decrypt")),
    key("grants", "a deny beats a grant", EXPLICIT, resource=policy(deny_to("*")), grants=grant(ALICE, "Decrypt")),
    key("grants", "a grant and its encryption context", ALLOW, context={"kms:EncryptionContext:a": "1", "kms:EncryptionContext:b": "2"}, grants=grant(ALICE, "Decrypt", EncryptionContextSubset={"a": "1"})),
    key("grants", "a grant with an equal encryption context only", IMPLICIT, context={"kms:EncryptionContext:a": "1", "kms:EncryptionContext:b": "2"}, grants=grant(ALICE, "Decrypt", EncryptionContextEquals={"a": "1"})),
    row("bucket", "the owner's root user mends a policy that locks out", ALLOW, who=ROOT, action="s3:PutBucketPolicy", on="arn:aws:s3:::data", resource=DENY_ROOT),
    row("bucket", "the owner's root user reads no object then", EXPLICIT, who=ROOT, resource=DENY_ROOT),
    row("bucket", "a user does not mend it", EXPLICIT, action="s3:PutBucketPolicy", on="arn:aws:s3:::data", identity=[ALL], resource=DENY_ROOT),
    row("bucket-examples", "without TLS", EXPLICIT, identity=[ALL], context={"aws:SecureTransport": "false"}, resource=TLS),
    row("bucket-examples", "with TLS", ALLOW, who="anonymous", context={"aws:SecureTransport": "true"}, resource=TLS),
    row("bucket-examples", "public read is no public write", IMPLICIT, who="anonymous", action="s3:PutObject", context={"aws:SecureTransport": "true"}, resource=TLS),
    row("bucket-examples", "an identity that may do nothing reads what is public", ALLOW, identity=[NONE], context={"aws:SecureTransport": "true"}, resource=TLS),
]  # fmt: skip
