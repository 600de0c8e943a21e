"""AWS Backup: new versions of plans, and selections."""

import json
from typing import Any

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from twin.world.stores.additions import adds


def _plan(response: Any) -> Plan:
    id_ = response.path.split("/plans/")[1].split("/")[0]
    plan: Plan = response.backup_backend.get_backup_plan(backup_plan_id=id_, version_id=None)
    if plan.deletion_date is not None:
        raise ResourceNotFoundException(msg="Failed reading Backup plan with provided version")
    return plan


def _selections(plan: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = plan.__dict__.setdefault("selections", {})
    return kept


def _selection(response: Any) -> dict[str, Any]:
    found = _selections(_plan(response)).get(response.path.rstrip("/").rpartition("/")[2])
    if found is None:
        raise ResourceNotFoundException(msg="Cannot find Backup selection with provided ID")
    return found


create_by_moto = BackupBackend.create_backup_plan


@adds(BackupBackend)
def create_backup_plan(backend: Any, *given: Any, **named: Any) -> Plan:
    """Make a plan; moto keeps deleted plans and would not give their names away again."""
    everything = backend.plans
    backend.plans = {id_: plan for id_, plan in everything.items() if plan.deletion_date is None}
    try:
        return create_by_moto(backend, *given, **named)
    finally:
        backend.plans = {**everything, **backend.plans}


@adds(BackupResponse)
def update_backup_plan(response: Any) -> str:
    """Replace a plan's document; the plan gets a new version."""
    plan = _plan(response)
    fresh = Plan(json.loads(response.body)["BackupPlan"], plan.creator_request_id, response.backup_backend)
    plan.backup_plan, plan.version_id = fresh.backup_plan, fresh.version_id
    plan.advanced_backup_settings = fresh.advanced_backup_settings
    return json.dumps(plan.to_dict())


@adds(BackupResponse)
def create_backup_selection(response: Any) -> str:
    """Add a selection to a plan."""
    plan, body = _plan(response), json.loads(response.body)
    selection = {
        "SelectionId": str(mock_random.uuid4()),
        "BackupPlanId": plan.backup_plan_id,
        "CreationDate": unix_time(),
        "CreatorRequestId": body.get("CreatorRequestId"),
        "BackupSelection": body["BackupSelection"],
    }
    _selections(plan)[selection["SelectionId"]] = selection
    return json.dumps({key: selection[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")})


@adds(BackupResponse)
def get_backup_selection(response: Any) -> str:
    """Tell a selection."""
    return json.dumps(_selection(response))


@adds(BackupResponse)
def list_backup_selections(response: Any) -> str:
    """List a plan's selections; a plan has 100 at most, so they fit one page."""
    listed = []
    for kept in _selections(_plan(response)).values():
        summary = {key: kept[key] for key in ("SelectionId", "BackupPlanId", "CreationDate", "CreatorRequestId")}
        chosen = kept["BackupSelection"]
        listed.append({**summary, "SelectionName": chosen["SelectionName"], "IamRoleArn": chosen["IamRoleArn"]})
    return json.dumps({"BackupSelectionsList": listed})


@adds(BackupResponse)
def delete_backup_selection(response: Any) -> str:
    """Take a selection out of its plan."""
    selection = _selection(response)
    del _selections(_plan(response))[selection["SelectionId"]]
    return "{}"
