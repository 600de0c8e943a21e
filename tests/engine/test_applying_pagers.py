"""PagerDuty and Datadog go through the applier: made once, mended when they drift, gone when destroyed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rig import SCOPE
from werkzeug.datastructures import Headers

from twin.blueprints.compile import compile_spec
from twin.engine.check import problems
from twin.resources.call import datadog, pagerduty
from twin.spec.load import parse
from twin.wire import Request

SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme-test, region: us-east-1}
pagerduty: {subdomain: acme}
datadog: {}
resources:
  pagerduty.user:
    ada: {name: Ada, email: ada@acme.example, time_zone: Europe/London}
    bob: {name: Bob, email: bob@acme.example}
  pagerduty.schedule:
    primary:
      name: Primary
      layers: [{users: ["${pagerduty.user.ada.id}"], start: "2026-01-01T00:00:00Z", turn_seconds: 86400}]
  pagerduty.escalation_policy:
    shop:
      name: Shop
      levels: [{schedules: ["${pagerduty.schedule.primary.id}"], minutes: 5}, {users: ["${pagerduty.user.bob.id}"]}]
  pagerduty.service:
    shop: {name: Shop, escalation_policy: "${pagerduty.escalation_policy.shop.id}", acknowledgement_timeout: 600}
  pagerduty.integration:
    datadog: {service: "${pagerduty.service.shop.id}", name: Datadog}
  datadog.pagerduty_service:
    shop: {name: shop, integration: "${pagerduty.integration.datadog.id}"}
  datadog.monitor:
    errors:
      name: Errors of the shop
      query: "avg(last_5m):sum:shop.errors{env:prod} > 10"
      message: "@pagerduty-shop"
      tags: {team: shop}
      warning: 5
  datadog.downtime:
    deploy:
      scope: env:staging
      monitor: "${datadog.monitor.errors.id}"
      message: Deploys
      end: "2027-01-01T00:00:00Z"
environments: {test: {}}
"""
OWN = 9
PLACE = replace(SCOPE, pagerduty="acme", datadog="datadoghq.com")


def wanted(text=SPEC):
    """Return what a spec wants."""
    return compile_spec(parse(text.encode(), Path("org.yaml"), "test", environ={}))[0]


def only(rig, path):
    """Return the one record of a list of PagerDuty's."""
    (found,) = rig.by_hand(pagerduty("GET", path, pages=True))
    return found


def events(rig):
    """Send a point that is over the monitor's threshold, and let some minutes pass."""
    point = {"timestamp": int(rig.clock.now().timestamp()), "value": 50}
    body = {"series": [{"metric": "shop.errors", "type": 3, "points": [point], "tags": ["env:prod"]}]}
    headers = Headers([("DD-API-KEY", rig.world.datadog.api_key), ("Content-Type", "application/json")])
    rig.world.handle(Request("POST", "https://api.datadoghq.com/api/v2/series", headers, json.dumps(body).encode()))
    rig.clock.advance(120)
    rig.world.settle()


def test_all_is_made_and_read_back(built):
    """Nine resources of eight types stand, and the plan that follows is empty."""
    assert len([key for key in map(str, built.store.load().entries) if key.startswith(("pagerduty", "datadog"))]) == OWN
    assert only(built, "/schedules")["users"][0]["summary"] == "Ada"
    assert [one["targets"][0]["summary"] for one in only(built, "/escalation_policies")["escalation_rules"]] == [
        "Primary",
        "Bob",
    ]


def test_no_key_of_an_integration_is_kept(built):
    """It went from one vendor to the other; neither state nor plan has it."""
    (key,) = built.world.vendors.datadog().pager_services.values()
    assert len(key) == 32
    assert not [file for file in built.folder.rglob("*") if file.is_file() and key in file.read_text()]


def test_a_monitor_of_the_spec_pages_who_is_on_call(built):
    """The point, the monitor, its message, the integration, the policy, the schedule: Ada is told."""
    events(built)
    (incident,) = built.by_hand(pagerduty("GET", "/incidents", pages=True))
    assert incident["title"] == "[Alert] Errors of the shop"
    assert [one["assignee"]["summary"] for one in incident["assignments"]] == ["Ada"]


@pytest.mark.parametrize("what", ["muted", "cancelled", "policy", "disabled", "renamed", "integration"])
def test_drift_is_seen_and_mended(built, what):
    """What somebody changed by hand is what the next plan changes back, and nothing else."""
    monitor = str(next(iter(built.world.vendors.datadog().monitors)))
    service = only(built, "/services")
    changes = {
        "muted": ("datadog.monitor.errors", datadog("POST", f"/api/v1/monitor/{monitor}/mute")),
        "cancelled": ("datadog.downtime.deploy", datadog("DELETE", f"/api/v2/downtime/{running(built)}")),
        "policy": (
            "pagerduty.escalation_policy.shop",
            pagerduty("PUT", f"/escalation_policies/{service['escalation_policy']['id']}",
                      {"escalation_policy": {"num_loops": 3}}),
        ),
        "disabled": ("pagerduty.service.shop", pagerduty("PUT", f"/services/{service['id']}",
                                                         {"service": {"status": "disabled"}})),
        "renamed": ("pagerduty.user.ada", pagerduty("PUT", f"/users/{ada(built)}", {"user": {"name": "Eve"}})),
        "integration": (
            "pagerduty.integration.datadog",
            pagerduty("DELETE", f"/services/{service['id']}/integrations/{service['integrations'][0]['id']}"),
        ),
    }  # fmt: skip
    address, call = changes[what]
    built.by_hand(call)
    pending = built.pending(wanted())
    assert address in pending
    assert set(pending) <= {address, "datadog.pagerduty_service.shop"}
    built.build(wanted())


def running(rig):
    """The id of the downtime that runs."""
    return next(one["uuid"] for one in rig.world.vendors.datadog().downtimes.values() if not one["disabled"])


def ada(rig):
    """The id of Ada."""
    return next(one["id"] for one in rig.world.vendors.pagerduty().users.values() if one["email"].startswith("ada"))


def test_all_is_gone_when_it_is_destroyed_and_strangers_stay(tmp_path, built):
    """A user and a monitor of somebody else's are left alone."""
    built.by_hand(pagerduty("POST", "/users", {"user": {"type": "user", "name": "Cy", "email": "cy@acme.example"}}))
    stranger = {"type": "query alert", "name": "theirs", "query": "avg(last_5m):sum:a{*} > 1"}
    built.by_hand(datadog("POST", "/api/v1/monitor", stranger))
    for incident in built.world.vendors.pagerduty().incidents.values():
        change = {"incident": {"type": "incident_reference", "status": "resolved"}}
        call = Request(
            "PUT", f"https://api.pagerduty.com/incidents/{incident['id']}",
            Headers([("Authorization", f"Token token={built.world.pagerduty.token}"), ("From", "cy@acme.example"),
                     ("Content-Type", "application/json")]), json.dumps(change).encode(),
        )  # fmt: skip
        assert built.world.handle(call).status == 200
    assert built.destroy(wanted()).good
    account, organization = built.world.vendors.pagerduty(), built.world.vendors.datadog()
    assert [one["name"] for one in account.users.values()] == ["Cy"]
    assert (account.services, account.policies, account.schedules) == ({}, {}, {})
    assert ([one["name"] for one in organization.monitors.values()], organization.pager_services) == (["theirs"], {})
    assert all(one["disabled"] for one in organization.downtimes.values())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("Europe/London}", "Europe/London}\n    x: {name: X, email: x@acme.example}"), None),
        (("name: Primary", "name: Primary\n      time_zone: Mars/Olympus"), "TW0697"),
        (('{users: ["${pagerduty.user.bob.id}"]}', "{minutes: 7}"), "TW0698"),
        (("> 10", "> many"), "TW0699"),
    ],
)
def test_what_pagerduty_would_refuse_is_found_beforehand(change, code):
    """A level that calls nobody, a time zone that is none; a further user is fine."""
    text = SPEC.replace(*change)
    desired, scope = compile_spec(parse(text.encode(), Path("org.yaml"), "test", environ={}))
    assert [problem.code for _, problem in problems(desired, scope)] == ([code] if code else [])
