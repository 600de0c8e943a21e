"""Which layers bind a request at all: the exceptions that AWS documents, each with its page."""

import json
import re
from importlib.resources import files

from twin.semantics.iam.case import Case

_RCP = json.loads(files(__package__).joinpath("data", "rcp.json").read_text(encoding="utf-8"))
_RCP_SERVICES = frozenset(_RCP["services"]["value"])
_RCP_SPARED = frozenset(_RCP["spared_actions"]["value"])
_TRUST = re.compile(r"arn:[^:]*:iam::\d{12}:role/", re.DOTALL)
_KEY = re.compile(r"arn:[^:]*:kms:[^:]*:\d{12}:key/", re.DOTALL)
_OWN_BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})


def scps_apply(case: Case) -> bool:
    """SCPs bind the principals of an account, service-linked roles excepted ("Service control policies (SCPs)")."""
    return case.caller.account is not None and not _service_linked(case)


def rcps_apply(case: Case) -> bool:
    """RCPs bind resources of the services that support them, whoever calls ("Resource control policies (RCPs)").

    Not for service-linked roles, and not for kms:RetireGrant ("Resource control policies in AWS KMS").
    """
    service = case.action.partition(":")[0]
    return service in _RCP_SERVICES and case.action not in _RCP_SPARED and not _service_linked(case)


def _service_linked(case: Case) -> bool:
    told = case.caller.role_arn or next(iter(case.facts.get("aws:principalarn", ())), "")
    return ":role/aws-service-role/" in told or _named_as_service_linked(case)


def _named_as_service_linked(case: Case) -> bool:
    """A session's ARN has no path: unless the context tells the role's, its name must do, such as services give it."""
    if case.caller.kind != "session" or not (case.caller.role or "").startswith("AWSServiceRoleFor"):
        return False
    return not any(key.lower() == "aws:principalarn" for key in case.request.context or ())


def resource_must_allow(case: Case) -> bool:
    """Return whether the resource's policy must allow even in the caller's own account.

    KMS: "unless the key policy explicitly allows it, you cannot use IAM policies to allow access" ("Key policies in
    AWS KMS"). STS: a role's trust policy decides who takes it ("Update a role trust policy").
    """
    if case.action.startswith("sts:"):
        return _TRUST.match(case.resource) is not None
    return case.action.startswith("kms:") and _KEY.match(case.resource) is not None


def owner_of_bucket(case: Case) -> bool:
    """The root user of a bucket's owner reads and mends its policy even when it denies ("PutBucketPolicy")."""
    return case.caller.kind == "root" and case.same_account and case.action in _OWN_BUCKET_POLICY
