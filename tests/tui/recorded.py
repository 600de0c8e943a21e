"""A recorded run on the small plan: a database that breaks is replaced, and a bucket is changed by hand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.tui.at_hand import ANN, BOB, BOSS, document, reach, used
from tests.tui.conftest import KEY, LAKE
from twin.engine.graph import ends
from twin.engine.plan import Change, Plan, change_document, scope_document
from twin.observe.iam.org import Document, Identity
from twin.observe.iam.written import written
from twin.resources.declaration import Desired
from twin.scenario.recording.looks import METER, RIGHTS, meter
from twin.scenario.recording.recording import Recording

HOUR = 3600.0
BEGAN = datetime(2026, 6, 16, 9, tzinfo=UTC)
EVENTS = (
    (0.0, "setup", "call", {"call": "rds:DescribeDBInstances"}),
    (600.0, "world", "fault.began", {"facts": {"id": "host", "database": "acme-orders"}}),
    (HOUR, "attacker", "call", {"call": "s3:PutBucketVersioning", "bucket": "acme-lake"}),
    (2 * HOUR, "responder", "call", {"call": "s3:PutBucketVersioning", "bucket": "acme-lake"}),
)


def lines(plan: Plan, desired: Desired) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of a recording: the bucket is as the spec says, then drifts at 1:00:00, then is mended."""
    by_key = {change.key: change for change in plan.changes}
    good = replace(by_key[LAKE], action="no-op", differences=(), observed=by_key[LAKE].fields, reason="")
    calm = [replace(change, action="no-op", differences=(), reason="") for change in (by_key[KEY], good)]
    spec = {"file": "org.yaml", "digest": ""}
    yield {
        "recording": 1, "scenario": "T9", "variant": None, "seed": 5, "scope": scope_document(plan.scope),
        "target": "twin", "spec": spec, "references": ends(desired),
    }  # fmt: skip
    yield look(0.0, *calm)
    for t, actor, kind, more in EVENTS:
        yield {"t": t, "actor": actor, "event": kind, **more}
        if actor == "attacker":
            yield look(t, by_key[LAKE])
        if actor == "responder":
            yield look(t, good)
    yield {"result": {"verdict": "PASS", "reason": "everything held", "checks": [], "figures": {}}}


def with_ledgers(recording: Recording) -> Recording:
    """Have a recording keep what else it would: for an hour Bob may take the boss's role, and two clusters more run."""
    recording.began = BEGAN
    org = reach().org
    bob = Identity(BOB, inline=(Document("take", document("sts:AssumeRole", BOSS)),))
    trusting = replace(
        org.by_key()[BOSS], trust=document("sts:AssumeRole", "", Principal={"AWS": [ANN, BOB]}, Sid="Backdoor")
    )  # type: ignore[type-var]
    attacked = org.changed(bob, trusting)
    rights, meters = recording.ledger(RIGHTS), recording.ledger(METER)
    for t, one in ((0.0, org), (HOUR, attacked), (2 * HOUR, org)):
        delta = rights.difference(written(one))
        assert delta is not None
        rights.take(t, delta)
    for t, clusters in ((0.0, 1), (HOUR, 3)):
        delta = meters.difference(meter(used(clusters, more_since=BEGAN + timedelta(seconds=HOUR))))
        assert delta is not None
        meters.take(t, delta)
    return recording


def look(t: float, *changes: Change) -> Mapping[str, Any]:
    """Return a line that tells how some resources stand from an instant on."""
    told = json.loads(json.dumps({change.key: change_document(change) for change in changes}))
    return {"t": t, "changes": told, "unmanaged": {}, "gone": [], "unreadable": {}}
