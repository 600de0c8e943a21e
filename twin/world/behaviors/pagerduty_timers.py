"""PagerDuty acts by itself: incidents escalate, time out and resolve, and addresses that SNS sends are visited."""

from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.behaviors import happens
from twin.world.saas.pagerduty.cloudwatch_events import VISIT
from twin.world.saas.pagerduty.incident_life import TIMER, due
from twin.world.scene import Scene
from twin.world.unsigned import unsigned_service


@happens(TIMER)
def timer(scene: Scene, *, incident: str, name: str) -> None:
    """Do what a timer of an incident stands for."""
    account = scene.vendors.pagerduty()
    due(account, account.incidents[incident], name)


@happens(VISIT)
def visit(scene: Scene, *, url: str) -> None:
    """Open the address by which a subscription is confirmed; only one of SNS's is opened."""
    request = Request("GET", url, Headers([("User-Agent", "PagerDuty"), ("Host", urlsplit(url).netloc)]), b"")
    if unsigned_service(request) == "sns":
        scene.gateway.handle(request)
    else:
        scene.emit("pagerduty.visit.refused", host=urlsplit(url).netloc)
