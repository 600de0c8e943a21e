"""The rows of the table: a question, what AWS's documentation answers, and the page that says so."""
# ruff: noqa: E501 - a page is a line.

from dataclasses import dataclass
from typing import Any

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
PAGES = {
    "logic": ("Policy evaluation logic", IAM + "reference_policies_evaluation-logic.html"),
    "flow": ("How AWS enforcement code logic evaluates requests", IAM + "reference_policies_evaluation-logic_policy-eval-denyallow.html"),
    "basics": ("Policy evaluation for requests within a single account", IAM + "reference_policies_evaluation-logic_policy-eval-basics.html"),
    "cross": ("Cross-account policy evaluation logic", IAM + "reference_policies_evaluation-logic-cross-account.html"),
    "difference": ("The difference between explicit and implicit denies", IAM + "reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html"),
    "boundaries": ("Permissions boundaries for IAM entities", IAM + "access_policies_boundaries.html"),
    "session": ("Policies and permissions: session policies", IAM + "access_policies.html#policies_session"),
    "federation": ("Permissions for GetFederationToken", IAM + "id_credentials_temp_control-access_getfederationtoken.html"),
    "principal": ("AWS JSON policy elements: Principal", IAM + "reference_policies_elements_principal.html"),
    "notprincipal": ("AWS JSON policy elements: NotPrincipal", IAM + "reference_policies_elements_notprincipal.html"),
    "action": ("IAM JSON policy elements: Action", IAM + "reference_policies_elements_action.html"),
    "notaction": ("IAM JSON policy elements: NotAction", IAM + "reference_policies_elements_notaction.html"),
    "resource": ("IAM JSON policy elements: Resource", IAM + "reference_policies_elements_resource.html"),
    "identifiers": ("IAM identifiers", IAM + "reference_identifiers.html"),
    "notresource": ("IAM JSON policy elements: NotResource", IAM + "reference_policies_elements_notresource.html"),
    "condition": ("IAM JSON policy elements: Condition", IAM + "reference_policies_elements_condition.html"),
    "operators": ("IAM JSON policy elements: Condition operators", IAM + "reference_policies_elements_condition_operators.html"),
    "logical": ("Conditions with multiple context keys or values", IAM + "reference_policies_condition-logic-multiple-context-keys-or-values.html"),
    "multivalued": ("Set operators for multivalued context keys", IAM + "reference_policies_condition-single-vs-multi-valued-context-keys.html"),
    "variables": ("IAM policy elements: Variables and tags", IAM + "reference_policies_variables.html"),
    "version": ("IAM JSON policy elements: Version", IAM + "reference_policies_elements_version.html"),
    "keys": ("AWS global condition context keys", IAM + "reference_policies_condition-keys.html"),
    "grammar": ("Grammar of the IAM JSON policy language", IAM + "reference_policies_grammar.html"),
    "checks": ("IAM policy validation check reference", IAM + "access-analyzer-reference-policy-checks.html"),
    "trust": ("Update a role trust policy", IAM + "id_roles_update-role-trust-policy.html"),
    "externalid": ("Access to AWS accounts owned by third parties", IAM + "id_roles_common-scenarios_third-party.html"),
    "oidc": ("Create a role for OpenID Connect federation", IAM + "id_roles_create_for-idp_oidc.html"),
    "saml": ("Create a role for SAML 2.0 federation", IAM + "id_roles_create_for-idp_saml.html"),
    "tags": ("Pass session tags in AWS STS", IAM + "id_session-tags.html"),
    "mfa": ("Secure API access with MFA", IAM + "id_credentials_mfa_configure-api-require.html"),
    "revoke": ("Revoke IAM role temporary security credentials", IAM + "id_roles_use_revoke-sessions.html"),
    "deputy": ("The confused deputy problem", IAM + "confused-deputy.html"),
    "root": ("AWS account root user", IAM + "id_root-user.html"),
    "scp": ("Service control policies (SCPs)", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"),
    "scp-levels": ("SCP evaluation", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"),
    "rcp": ("Resource control policies (RCPs)", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"),
    "rcp-levels": ("RCP evaluation", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html"),
    "rcp-kms": ("Resource control policies in AWS KMS", "https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html"),
    "endpoint": ("Control access to VPC endpoints using endpoint policies", "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"),
    "points": ("Configuring IAM policies for using access points", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html"),
    "vpc-federated": ("Use VPC condition keys to control federated access", IAM + "reference_sts_vpc_condition_keys_federated.html"),
    "deny-ip": ("AWS: Denies access to AWS based on the source IP", IAM + "reference_policies_examples_aws_deny-ip.html"),
    "source-identity": ("Monitor and control actions taken with assumed roles", IAM + "id_credentials_temp_control-access_monitor.html"),
    "kms": ("Key policies in AWS KMS", "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"),
    "kms-default": ("Default key policy", "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"),
    "kms-cross": ("Allowing users in other accounts to use a KMS key", "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html"),
    "grants": ("Grants in AWS KMS", "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html"),
    "bucket": ("PutBucketPolicy", "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"),
    "bucket-examples": ("Examples of Amazon S3 bucket policies", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"),
}  # fmt: skip
"""The documentation pages that rows are written from: title and address."""

ACCOUNT, OTHER = "111122223333", "444455556666"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/run"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/fred"
OBJECT = "arn:aws:s3:::data/file"
ALLOW, IMPLICIT, EXPLICIT, ERROR = "allow", "implicit_deny", "explicit_deny", "error"


@dataclass(frozen=True)
class Row:
    """One decision of the table."""

    page: str
    claim: str
    question: dict[str, Any]
    expected: str

    def __str__(self) -> str:
        return f"{self.page}: {self.claim}"


def statement(effect="Allow", action="*", resource="*", condition=None, principal=None, **elements):
    """Return a statement; an element given as None is left out."""
    made = {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition, "Principal": principal}
    return {name: value for name, value in {**made, **elements}.items() if value is not None}


def allow(action="*", resource="*", condition=None, **elements):
    """Return an Allow statement."""
    return statement("Allow", action, resource, condition, **elements)


def deny(action="*", resource="*", condition=None, **elements):
    """Return a Deny statement."""
    return statement("Deny", action, resource, condition, **elements)


def to(principal, action="*", resource="*", condition=None, **elements):
    """Return an Allow statement of a resource's policy."""
    return statement("Allow", action, resource, condition, principal, **elements)


def deny_to(principal, action="*", resource="*", condition=None, **elements):
    """Return a Deny statement of a resource's policy."""
    return statement("Deny", action, resource, condition, principal, **elements)


def policy(*statements, version="2012-10-17"):
    """Return a policy document."""
    return {"Version": version, "Statement": list(statements)}


ALL = policy(allow())
NONE = policy(allow("none:Thing"))


def levels(**named):
    """Return SCPs or RCPs along the organization's path."""
    return [{"level": name, "policies": documents} for name, documents in named.items()]


def row(
    page, claim, expected, *, who=ALICE, action="s3:GetObject", on=OBJECT, account=ACCOUNT, context=None, **policies
):
    """Return a row; `identity` is a list of documents, as on the wire."""
    none = {"identity": [], "resource": None, "boundaries": None, "session": None, "scps": None, "rcps": None}
    request = {"principal": who, "action": action, "resource": on, "resource_account": account}
    return Row(
        page,
        claim,
        {
            "id": claim,
            "request": {**request, "context": context or {}},
            "policies": {**none, "vpc_endpoint": None, **policies},
        },
        expected,
    )
