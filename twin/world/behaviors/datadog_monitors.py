"""Datadog acts by itself: monitors are evaluated, and what they tell goes to the services of PagerDuty that they call.

https://docs.datadoghq.com/integrations/pagerduty/: an alert triggers an incident, the recovery resolves it.
"""

import json

from werkzeug.datastructures import Headers

from twin.semantics.oncall.mentions import called
from twin.wire import Request
from twin.world.behaviors import happens, watches
from twin.world.saas.datadog.evaluation import TASK, evaluate
from twin.world.scene import Happening, Scene

SEVERITY = {"Alert": "critical", "No Data": "error", "Warn": "warning"}
ENQUEUE = "https://events.pagerduty.com/v2/enqueue"


@happens(TASK)
def evaluation(scene: Scene, *, at: int) -> None:
    """Evaluate the monitors at a minute."""
    evaluate(scene.vendors.datadog(), at)


@watches("datadog.monitor.notified")
def call_pager(scene: Scene, happening: Happening) -> None:
    """Send an event to each service that the monitor's message calls and that Datadog knows."""
    facts, known = happening.facts, scene.vendors.datadog().pager_services
    found = called(facts["message"], facts["old"], facts["new"])
    names = known.keys() if found.every_service else found.services & known.keys()
    for name in sorted(found.services - known.keys()):
        scene.emit("datadog.service.unknown", monitor=facts["monitor"], service=name)
    for name in sorted(names):
        action = "resolve" if facts["new"] == "OK" else "trigger"
        title = f"[{facts['new']}] {facts['name']}" + (f" on {facts['group']}" if facts["group"] != "*" else "")
        payload = {"summary": title, "source": "datadog", "severity": SEVERITY.get(facts["new"], "info")}
        event = {"routing_key": known[name], "event_action": action, "payload": payload}
        event["dedup_key"] = f"datadog:{facts['monitor']}:{facts['group']}"
        request = Request("POST", ENQUEUE, Headers([("Content-Type", "application/json")]), json.dumps(event).encode())
        reply = scene.vendors.handle("pagerduty", request)
        if reply.status != 202:
            scene.emit("datadog.notification.refused", monitor=facts["monitor"], service=name, status=reply.status)
