"""Callers import findings of their own product into Security Hub.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html. Who names another product or
account is denied as a whole (https://github.com/prowler-cloud/prowler/issues/867); what the format forbids fails by
itself.
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_findings import keep, key_of
from twin.world.behaviors.securityhub_hubs import Hub, Place, hub_of, place_of
from twin.world.behaviors.securityhub_pages import many
from twin.world.scene import Scene
from twin.world.signals import asff
from twin.world.signals.asff_format import instant_of, oversized, wrong_finding

BATCH = 100
TOO_LARGE = "Finding size exceeded 240 KB"


@answers("securityhub", "BatchImportFindings")
def batch_import(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take findings that a caller found; each is taken or refused by itself."""
    hub, place = hub_of(asked, scene), place_of(asked)
    given, failed = many(asked, "Findings", most=BATCH), []
    for finding in given:
        _check_authority(asked, finding)
    for finding in given:
        if (wrong := _wrong(finding)) is not None:
            code, message = wrong
            failed.append({"Id": finding.get("Id", ""), "ErrorCode": code, "ErrorMessage": message})
        elif _is_news(hub, finding):
            keep(scene, place, _taken(place, finding, new=key_of(finding) not in hub["findings"]))
    return {"FailedCount": len(failed), "SuccessCount": len(given) - len(failed), "FailedFindings": failed}


def _check_authority(asked: Asked, finding: asff.Finding) -> None:
    account, region = place_of(asked)
    own = f"arn:aws:securityhub:{region}:{account}:product/{account}/default"
    product = finding.get("ProductArn", own)
    if product != own or finding.get("AwsAccountId", account) != account:
        who = asked.call.principal.arn
        what = f"User: {who} is not authorized to perform: securityhub:BatchImportFindings on resource: {product}"
        raise AwsError("AccessDeniedException", what, 403)


def _wrong(finding: asff.Finding) -> tuple[str, str] | None:
    if oversized(finding):
        return "FindingSizeExceeded", TOO_LARGE
    fault = wrong_finding(finding)
    return None if fault is None else ("InvalidInput", fault)


def _is_news(hub: Hub, finding: asff.Finding) -> bool:
    """Tell whether a finding is new or newer than what is kept; what is not newer is ignored."""
    old = hub["findings"].get(key_of(finding))
    if old is None:
        return True
    was, is_ = instant_of(old["UpdatedAt"]), instant_of(finding["UpdatedAt"])
    return was is None or (is_ is not None and is_ > was)


def _taken(place: Place, finding: asff.Finding, *, new: bool) -> asff.Finding:
    """Return a finding with what Security Hub fills in by itself."""
    whose = {"ProductName": "Default", "CompanyName": "Personal"}
    told = {"RecordState": "ACTIVE", "Workflow": {"Status": "NEW"}, "WorkflowState": "NEW", **whose} if new else {}
    fields = {name: text for name, text in finding.get("ProductFields", {}).items() if not name.startswith("aws/")}
    made = {**told, **finding, "Region": place[1], **({"ProductFields": fields} if fields else {})}
    if new and not made["Workflow"].get("Status"):
        made["Workflow"] = told["Workflow"]
    return made
