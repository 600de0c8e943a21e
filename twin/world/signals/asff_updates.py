"""What a finding is after its provider or a customer updated it: who may say what of it.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html and
https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchupdatefindings.html.
"""

from collections.abc import Collection, Mapping
from typing import Any

from twin.world.signals.asff import completed

Finding = dict[str, Any]
PROVIDED = ("Confidence", "Criticality", "RelatedFindings", "Severity", "Types")
"""What providers say in FindingProviderFields, and customers above it."""
CUSTOMERS = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
"""What providers cannot change once a finding is there."""
RESET = ("NOTIFIED", "RESOLVED")


def created(given: Mapping[str, Any]) -> Finding:
    """Return a new finding as its provider's: what stands in FindingProviderFields goes before what stands above."""
    own = _own(given)
    return {**given, **own, "FindingProviderFields": own}


def updated(old: Finding, given: Mapping[str, Any], said: Collection[str]) -> Finding:
    """Return a finding with its provider's update; `said` names what a customer said, which stays."""
    own = _own(given)
    made = {**old, **{name: value for name, value in given.items() if name not in CUSTOMERS}}
    for name in PROVIDED:
        if name in said:
            made[name] = old[name]
        elif name in own:
            made[name] = _whole(name, given[name]) if name in given else own[name]
    made["FindingProviderFields"] = {**old["FindingProviderFields"], **own}
    made |= {name: old[name] for name in ("CreatedAt", "FirstObservedAt") if name in old}
    if _back(old, made) and old["Workflow"]["Status"] in RESET:
        made["Workflow"] = {"Status": "NEW"}
    return made


def marked(finding: Finding, told: Mapping[str, Any], now: str) -> Finding:
    """Return a finding with what a customer says of it; the instant of its provider's last update stays."""
    plain = (*(name for name in PROVIDED if name != "Severity"), *CUSTOMERS)
    made = {**finding, **{name: told[name] for name in plain if name in told}}
    if "Note" in told:
        made["Note"] = {**told["Note"], "UpdatedAt": now}
    if "Workflow" in told:
        made["Workflow"] = {**finding["Workflow"], **told["Workflow"]}
    if "Severity" in told:
        made["Severity"] = {**finding["Severity"], **completed(told["Severity"])}
    return made


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a provider says, wherever it says it."""
    own = given.get("FindingProviderFields") or {}
    said = {name: own.get(name, given.get(name)) for name in PROVIDED}
    return {name: _whole(name, value) for name, value in said.items() if value is not None}


def _whole(name: str, value: Any) -> Any:
    return completed(value) if name == "Severity" else value


def _back(old: Finding, new: Finding) -> bool:
    """Tell whether trouble came back that was archived or passed."""
    was, is_ = ((one.get("Compliance") or {}).get("Status") for one in (old, new))
    returned = old["RecordState"] == "ARCHIVED" and new["RecordState"] == "ACTIVE"
    return returned or (was == "PASSED" and is_ not in (None, "PASSED"))
