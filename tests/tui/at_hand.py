"""Small sources for the views that read a target: an org with a way to administration, a network, a meter, a log."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from small_network import topology

from tui.sources import Sources
from twin.analysis.cost import Costs, read_costs
from twin.analysis.passage.passages import View
from twin.analysis.reach import Reach
from twin.errors import TargetError
from twin.observe.happenings import Happening, Happenings, Wanted
from twin.observe.iam.org import Account, Document, Identity, Org, Thing
from twin.semantics.pricing.book import standard_book

ACCOUNT = "111122223333"
ANN, BOSS = f"arn:aws:iam::{ACCOUNT}:user/ann", f"arn:aws:iam::{ACCOUNT}:role/boss"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
NOON = datetime(2026, 6, 16, 12, tzinfo=UTC)


def document(action: str, resource: str, **more: object) -> str:
    """Return a policy of one statement."""
    statement: dict[str, object] = {"Sid": "Does", "Effect": "Allow", "Action": action, **more}
    if resource:
        statement["Resource"] = resource
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def reach() -> Reach:
    """Ann takes the role boss, which may do everything; a bucket is the data."""
    trust = document("sts:AssumeRole", "", Principal={"AWS": ANN})
    boss = Identity(BOSS, inline=(Document("all", document("*", "*")),), trust=trust)
    ann = Identity(ANN, inline=(Document("take", document("sts:AssumeRole", BOSS)),))
    return Reach(Org((Account(ACCOUNT), boss, ann, Identity(BOB), Thing("arn:aws:s3:::lake", "s3.bucket", ACCOUNT))))


def network() -> View:
    """A balancer, two web servers and a database."""
    return View(topology())


def used(clusters: int = 1, more_since: datetime = JUNE) -> Mapping[str, Any]:
    """What a meter tells: clusters of one team, all but the first since an instant, and a gateway of nobody."""
    where, hours = [ACCOUNT, "us-east-1"], "AmazonEKS-Hours:perCluster"
    since = [JUNE, *[more_since] * (clusters - 1)]
    held = [[*where, "eks", hours, f"arn:cluster-{n}", "1", one.isoformat(), None] for n, one in enumerate(since)]
    return {
        "now": "2026-06-16T00:00:00+00:00",
        "holdings": [*held, [*where, "ec2-other", "NatGateway-Hours", "nat-1", "1", JUNE.isoformat(), None]],
        "uses": [],
        "tags": [[ACCOUNT, "arn:cluster-0", {"team": "core"}]],
    }


def costs(*, clusters: int = 1) -> Costs:
    """Return the costs of that in the middle of June."""
    return read_costs(used(clusters), standard_book(), {ACCOUNT: "prod"})


def happening(number: int, source: str = "trail", result: str = "ok") -> Happening:
    """One event, a minute after the one before."""
    action = {"trail": "ec2:RunInstances", "okta": "user.session.start"}.get(source, "alarm:StateUpdate")
    detail = {"eventID": str(number), "sourceIPAddress": "198.51.100.7"}
    time = NOON + timedelta(minutes=number)
    return Happening(f"e{number}", time, source, "user/ann", action, result, f"i-{number}", "us-east-1", detail)


class Log:
    """A log that grows; it notes how it was asked."""

    def __init__(self, *events: Happening) -> None:
        self.events = list(events)
        self.asked: list[Wanted] = []

    def read(self, wanted: Wanted) -> Happenings:
        """Return what is wanted, the newest first."""
        self.asked.append(wanted)
        found = [one for one in self.events if wanted.since is None or one.time >= wanted.since]
        return Happenings(tuple(reversed(found)), ("okta: it is asleep",))


def refuses(*_: object) -> object:
    """A source that does not answer."""
    raise TargetError("the target does not answer[bold]")


def everything(log: Log | None = None) -> Sources:
    """Every source."""
    return Sources(reach, network, lambda: (costs(), costs(clusters=2)), (log or Log(happening(0))).read)
