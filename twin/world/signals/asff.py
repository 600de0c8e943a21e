"""Findings in the AWS Security Finding Format, as GuardDuty, Config, Access Analyzer and Security Hub write them.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html; what the severities of
GuardDuty are called: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

Finding = dict[str, Any]
SCHEMA = "2018-10-08"
NORMALIZED = {"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}
"""https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html"""
LEVELS = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.0, "LOW"))
NAMESPACES = {
    "Stealth": "TTPs/Defense Evasion", "Discovery": "TTPs/Discovery", "Recon": "TTPs/Discovery",
    "Persistence": "TTPs/Persistence", "PrivilegeEscalation": "TTPs/Privilege Escalation",
    "CredentialAccess": "TTPs/Credential Access", "Exfiltration": "Effects/Data Exfiltration",
    "Impact": "Effects/Resource Consumption",
}  # fmt: skip
"""What GuardDuty's purposes are called among the types of the format (assumed)."""


def severity(label: str, told: float | None = None) -> dict[str, Any]:
    """Return a severity; `told` is the product's own figure."""
    own = {} if told is None else {"Product": told, "Original": str(told)}
    return {**own, "Label": label, "Normalized": NORMALIZED[label]}


def completed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a severity with the label for its figure, or the figure for its label; one of both is there."""
    if "Label" not in told:
        label = next(label for label, least in reversed(NORMALIZED.items()) if told["Normalized"] >= least)
        return {**told, "Label": label}
    return {"Normalized": NORMALIZED[told["Label"]], **told}


def of_guardduty(event: Mapping[str, Any], region: str, account: str) -> Finding:
    """Return what GuardDuty's event says."""
    detail, service = event["detail"], event["detail"]["service"]
    kind, purpose = str(detail["type"]), str(detail["type"]).partition(":")[0]
    label = next(label for least, label in LEVELS if float(detail["severity"]) >= least)
    found = _finding(region, account, product=("guardduty", "GuardDuty"), label=label)
    return found | {
        "Id": detail["arn"],
        "GeneratorId": f"arn:aws:guardduty:{region}:{account}:detector/{service['detectorId']}",
        "Types": [f"{NAMESPACES.get(purpose, 'TTPs')}/{kind.replace('/', '-')}"],
        "FirstObservedAt": service["eventFirstSeen"],
        "LastObservedAt": service["eventLastSeen"],
        "CreatedAt": detail["createdAt"],
        "UpdatedAt": detail["updatedAt"],
        "Severity": severity(label, float(detail["severity"])),
        "Title": detail["title"],
        "Description": detail["description"],
        "ProductFields": {"aws/guardduty/service/count": str(service["count"])},
        "Resources": [_guarded(detail["resource"], region)],
        "RecordState": "ARCHIVED" if service.get("archived") else "ACTIVE",
    }


def _guarded(resource: Mapping[str, Any], region: str) -> dict[str, Any]:
    if resource["resourceType"] == "S3Bucket":
        return _resource("AwsS3Bucket", str(resource["s3BucketDetails"][0]["arn"]), region)
    key = resource["accessKeyDetails"]
    about = {"AccessKeyId": key["accessKeyId"], "PrincipalName": key["userName"], "PrincipalType": key["userType"]}
    told = _resource("AwsIamAccessKey", f"AWS::IAM::AccessKey:{key['accessKeyId']}", region)
    return told | {"Details": {"AwsIamAccessKey": about}}


def of_config(event: Mapping[str, Any], region: str, account: str, now: str) -> Finding:
    """Return what the event of an evaluation of AWS Config's says."""
    detail = event["detail"]
    rule, resource = str(detail["configRuleARN"]), str(detail["resourceId"])
    failed = detail["newEvaluationResult"]["complianceType"] != "COMPLIANT"
    id_ = f"{rule}/finding/{sha256(resource.encode()).hexdigest()[:32]}"
    found = _finding(region, account, product=("config", "Config"), label="MEDIUM" if failed else "INFORMATIONAL")
    return found | {
        "Id": id_,
        "GeneratorId": rule,
        "Types": ["Software and Configuration Checks"],
        **dict.fromkeys(("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"), now),
        "Title": str(detail["configRuleName"]),
        "Description": f"The compliance of a resource with the rule {detail['configRuleName']} has changed",
        "ProductFields": {"aws/config/ConfigRuleArn": rule},
        "Resources": [_resource(_written(str(detail["resourceType"])), resource, region)],
        "Compliance": {"Status": "FAILED" if failed else "PASSED"},
    }


def of_analyzer(event: Mapping[str, Any], region: str, account: str) -> Finding:
    """Return what Access Analyzer's event says."""
    detail = event["detail"]
    label, public = ("HIGH", "anyone") if detail["isPublic"] else ("LOW", "a principal outside of its zone of trust")
    found = _finding(region, account, product=("access-analyzer", "IAM Access Analyzer"), label=label)
    gone = bool(detail.get("isDeleted")) or detail["status"] != "ACTIVE"
    return found | {
        "Id": f"{event['resources'][0]}/finding/{detail['id']}",
        "GeneratorId": event["resources"][0],
        "Types": ["Software and Configuration Checks/AWS Security Best Practices/External Access Granted"],
        **{name: detail[old] for name, old in (("CreatedAt", "createdAt"), ("UpdatedAt", "updatedAt"))},
        "Title": f"{detail['resourceType']} {detail['resource']} allows external access",
        "Description": f"{detail['resourceType']}/{detail['resource']} can be accessed by {public}",
        "ProductFields": {"ResourceOwnerAccount": str(detail["resourceOwnerAccount"])},
        "Resources": [_resource(_written(str(detail["resourceType"])), str(detail["resource"]), region)],
        "RecordState": "ARCHIVED" if gone else "ACTIVE",
    }


def of_control(
    control: Mapping[str, Any], resource: tuple[str, str], place: tuple[str, str], *, passed: bool, now: str,
    standards: list[str],
) -> Finding:  # fmt: skip
    """Return what a check of a control of Security Hub's found of a resource."""
    (account, region), (kind, id_) = place, resource
    found = _finding(region, account, product=("securityhub", "Security Hub"),
                     label="INFORMATIONAL" if passed else str(control["severity"]))  # fmt: skip
    whole = kind == "AWS::::Account"
    subject = f"{kind}:{id_}" if whole else id_
    digest = sha256(f"{control['id']}|{kind}|{id_}".encode()).hexdigest()[:32]
    return found | {
        "Id": f"arn:aws:securityhub:{region}:{account}:security-control/{control['id']}/finding/{digest}",
        "GeneratorId": f"security-control/{control['id']}",
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        **dict.fromkeys(("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"), now),
        "Title": control["title"],
        "Description": f"This control checks: {control['title']}.",
        "ProductFields": {"RelatedAWSResources:0/name": control["rule"]} if control["rule"] else {},
        "Resources": [_resource("AwsAccount" if whole else _written(kind), subject, region)],
        "Compliance": {
            "Status": "PASSED" if passed else "FAILED",
            "SecurityControlId": control["id"],
            "AssociatedStandards": [{"StandardsId": one} for one in standards],
        },
        "Workflow": {"Status": "RESOLVED" if passed else "NEW"},
    }


def _finding(region: str, account: str, *, product: tuple[str, str], label: str) -> Finding:
    name, shown = product
    return {
        "SchemaVersion": SCHEMA,
        "ProductArn": f"arn:aws:securityhub:{region}::product/aws/{name}",
        "ProductName": shown,
        "CompanyName": "Amazon" if name == "guardduty" else "AWS",
        "Region": region,
        "AwsAccountId": account,
        "Severity": severity(label),
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }


def _resource(kind: str, id_: str, region: str) -> dict[str, Any]:
    return {"Type": kind, "Id": id_, "Partition": "aws", "Region": region}


def _written(kind: str) -> str:
    """Write AWS::S3::Bucket as the format does."""
    return "".join(part[:1].upper() + part[1:].lower() if part.isupper() else part for part in kind.split("::"))
