"""IAM's lists come in pages: moto gives most of them whole, whatever MaxItems says.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
"""

import base64
import binascii
from typing import Any

from twin.world.aws_call import Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import follows
from twin.world.scene import Scene

LISTS = {
    "GetGroup": "Users", "ListAccessKeys": "AccessKeyMetadata", "ListAccountAliases": "AccountAliases",
    "ListGroupPolicies": "PolicyNames", "ListGroups": "Groups", "ListGroupsForUser": "Groups",
    "ListInstanceProfiles": "InstanceProfiles", "ListInstanceProfilesForRole": "InstanceProfiles",
    "ListMFADevices": "MFADevices", "ListPolicyVersions": "Versions", "ListRolePolicies": "PolicyNames",
    "ListSSHPublicKeys": "SSHPublicKeys", "ListServerCertificates": "ServerCertificateMetadataList",
    "ListSigningCertificates": "Certificates", "ListUserPolicies": "PolicyNames", "ListUsers": "Users",
}  # fmt: skip
ASKED = (b"MaxItems=", b"Marker=")
MARK = "twin:page:"


@follows("iam", *LISTS)
def page(done: Done, _scene: Scene) -> dict[str, Any] | None:
    """Cut a list down to the page that was asked for; a page holds by position."""
    if not any(word in done.call.request.body for word in ASKED):
        return None
    most, start = done.parameters.get("MaxItems"), _start(done)
    whole = done.result[LISTS[done.call.operation]]
    end = len(whole) if most is None else start + int(most)
    told = {name: value for name, value in done.result.items() if name not in ("Marker", "ResponseMetadata")}
    told |= {LISTS[done.call.operation]: whole[start:end], "IsTruncated": end < len(whole)}
    if end < len(whole):
        told["Marker"] = base64.b64encode(f"{MARK}{done.call.operation}:{end}".encode()).decode()
    return told


def _start(done: Done) -> int:
    marker = done.parameters.get("Marker")
    if marker is None:
        return 0
    try:
        text = base64.b64decode(marker, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    named, _, start = text.removeprefix(MARK).rpartition(":")
    if not text.startswith(MARK) or named != done.call.operation:
        raise AwsError("ValidationError", f"Invalid Marker: {marker}")
    return int(start)
