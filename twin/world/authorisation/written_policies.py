"""Policies that a call writes: one that is no policy is refused then, in the words of the service."""

import json
from typing import Any, NamedTuple

from twin.semantics.iam.policy import Kind
from twin.semantics.iam.resource_control import unfit
from twin.world.authorisation.ask import Asking
from twin.world.authorisation.documents import read
from twin.world.aws_errors import AwsError

NO_CONTROL = "The provided policy document does not meet the requirements of the specified policy type."
CONTROL: dict[str, Kind] = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}


class Form(NamedTuple):
    """Where a call holds a policy, of which kind, and how its service refuses one that is none."""

    parameter: str
    kind: Kind
    code: str
    message: str | None


MALFORMED = "MalformedPolicyDocumentException"
FORMS: dict[tuple[str, str], Form] = {
    ("s3", "PutBucketPolicy"): Form("Policy", "resource", "MalformedPolicy", None),
    ("s3control", "PutAccessPointPolicy"): Form("Policy", "resource", "MalformedPolicy", None),
    ("kms", "CreateKey"): Form("Policy", "resource", MALFORMED, None),
    ("kms", "PutKeyPolicy"): Form("Policy", "resource", MALFORMED, None),
    ("secretsmanager", "PutResourcePolicy"): Form("ResourcePolicy", "resource", MALFORMED, None),
    ("organizations", "CreatePolicy"): Form("Content", "scp", MALFORMED, NO_CONTROL),
    ("organizations", "UpdatePolicy"): Form("Content", "scp", MALFORMED, NO_CONTROL),
}


def check_written(asking: Asking) -> None:
    """Refuse a call that writes a policy which is none."""
    form = FORMS.get((asking.call.service, asking.call.operation))
    if form is None:
        return
    text, kind = asking.parameters.get(form.parameter), form.kind
    if asking.call.service == "organizations":
        told = asking.parameters.get("Type")
        if told not in CONTROL:
            # Of another type, or an update, which does not tell its type; the form of an RCP has a principal.
            kind = "rcp" if told is None and "Principal" in str(text) else kind
            if told is not None:
                return
        else:
            kind = CONTROL[told]
    if text:
        _readable(text, kind, form)
        if kind == "rcp":
            listed = json.loads(text)["Statement"]
            if any(next(unfit(one), None) for one in (listed if isinstance(listed, list) else [listed])):
                raise AwsError(form.code, NO_CONTROL)


def _readable(text: Any, kind: Kind, form: Form) -> None:
    try:
        read(text, kind)
    except AwsError as wrong:
        raise AwsError(form.code, form.message or wrong.message.partition(": ")[2]) from wrong
