"""The types of what PagerDuty reads of each object.

https://github.com/PagerDuty/api-schema (reference/REST/openapiv3.json)
"""

from typing import Any

REF = {"id": str}
RESTRICTION = {"type": str, "start_time_of_day": str, "duration_seconds": int, "start_day_of_week": int}
LAYER = {
    "id": str, "name": str, "start": str, "end": str, "rotation_virtual_start": str, "users": [{"user": REF}],
    "rotation_turn_length_seconds": int, "restrictions": [RESTRICTION],
}  # fmt: skip
RULE = {"id": str, "escalation_delay_in_minutes": int, "targets": [{"id": str, "type": str}]}
SHAPES: dict[str, Any] = {
    "user": dict.fromkeys(("name", "email", "time_zone", "role", "job_title", "description", "color"), str),
    "contact_method": {"type": str, "label": str, "address": str},
    "team": {"name": str, "description": str},
    "schedule": {"name": str, "time_zone": str, "description": str, "schedule_layers": [LAYER]},
    "override": {"start": str, "end": str, "user": REF},
    "escalation_policy": {
        "name": str, "description": str, "num_loops": int, "escalation_rules": [RULE],
        "on_call_handoff_notifications": str,
    },
    "service": {
        "name": str, "description": str, "status": str, "auto_resolve_timeout": int, "acknowledgement_timeout": int,
        "alert_creation": str, "escalation_policy": REF, "incident_urgency_rule": {"type": str, "urgency": str},
    },
    "integration": {"type": str, "name": str},
    "maintenance_window": {"start_time": str, "end_time": str, "description": str, "services": [REF]},
    "incident": {
        "id": str, "title": str, "status": str, "urgency": str, "incident_key": str, "service": REF, "priority": REF,
        "escalation_policy": REF, "assignments": [{"assignee": REF}], "escalation_level": int, "body": dict,
    },
    "note": {"content": str},
    "webhook_subscription": {
        "type": str, "active": bool, "description": str, "events": [str], "filter": {"id": str, "type": str},
        "delivery_method": {"type": str, "url": str, "custom_headers": [{"name": str, "value": str}]},
    },
}  # fmt: skip
