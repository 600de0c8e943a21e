"""What customers are answered stands in the metrics of the shop's load balancer and database, and alarms ring on it."""

from functools import partial

import pytest
import yaml
from shop import SCENARIO, dark, stand_up
from test_customers import swap
from test_flows import SHUT

from twin.scenario.document import load, merge
from twin.scenario.fork import in_forks
from twin.scenario.play import Play
from twin.scenario.rehearsal import stage_of
from twin.world.behaviors.cloudwatch_metrics import samples
from twin.world.behaviors.load_balancer_metrics import KEPT, counting

EMPTY = {
    "let": {"workers": "${aws.autoscaling.group.web.name}", "targets": "${aws.elbv2.target_group.app.arn}"},
    "setup": {
        "leave": {
            "call": "autoscaling:DetachLoadBalancerTargetGroups",
            "with": {"AutoScalingGroupName": "${workers}", "TargetGroupARNs": ["${targets}"]},
        },
        "drain": {"wait": "10m"},
    },
}
"""The patch by which no target is registered."""
POOL = {"actors": {"customers": {"with": {"pool": 5}}}}
HOST = {"faults": {"host": {"kind": "database-host-loss", "with": {"database": "${database}"}, "at": "2m"}}}
LB, TG, AZ = "LoadBalancer", "TargetGroup", "AvailabilityZone"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop, whose database has no standby, built once."""
    return stand_up(tmp_path_factory.mktemp("shop"), {"compute": {"databases": {"orders": {"multi_az": False}}}})


def _played(shop, file):
    loaded, _ = load(file)
    stage = stage_of(loaded, shop)
    play = Play(loaded, stage, list)
    assert play.perform() is None
    scene, end = stage.world.scene, stage.timeline.now().timestamp()
    began = end - loaded.duration
    kept = scene.memory.get(KEPT, {})
    every = {one for place, minutes in kept.items() for m in minutes for a in m.counts for one in counting(place, a)}
    every |= {one for one in scene.memory["cloudwatch.levels"] if one.namespace == "AWS/RDS"}
    found = {}
    for one in sorted(every):
        told = [(int(s.time - began) // 60, s.sum) for s in samples(scene, one, began, end=end)]
        found.setdefault((one.metric, tuple(name for name, _ in one.dimensions)), []).append(told)
    return found, play.figures()


@pytest.fixture
def sold(shop, tmp_path):
    """Play the scenario with changes on a copy of the shop: each metric's series by dimensions, and the figures."""

    def played(*changes):
        values = yaml.safe_load(SCENARIO)
        for change in ({"duration": "8m"}, *changes):
            values = merge(values, change)
        file = tmp_path / "play.yaml"
        file.write_text(yaml.safe_dump(values, sort_keys=False))
        (found,) = in_forks([partial(_played, shop, file)])
        return found

    return played


def whole(found, metric, *names):
    """Return the sum of a metric over all its series of some dimensions."""
    return sum(value for told in found.get((metric, names), ()) for _, value in told)


def test_what_gets_past_the_edge_is_counted_once_a_minute(sold):
    """Zones and target groups make up the whole; of what did not happen, or nobody says, there is no series."""
    found, figures = sold()
    (told,) = found["RequestCount", (LB,)]
    assert [minute for minute, _ in told] == list(range(7))
    passing = figures["customers.requests"] - figures["customers.cached"]
    assert whole(found, "RequestCount", LB) == pytest.approx(passing * 7 / 8, rel=0.02)
    for names in ((LB, TG), (AZ, LB), (AZ, LB, TG)):
        assert whole(found, "HTTPCode_Target_2XX_Count", *names) == whole(found, "RequestCount", LB)
    assert {metric for metric, _ in found} == {"RequestCount", "RequestCountPerTarget", "HTTPCode_Target_2XX_Count"}


@pytest.mark.parametrize(
    ("change", "metrics", "never"),
    [
        (
            SHUT,
            {"HTTPCode_ELB_504_Count", "HTTPCode_ELB_5XX_Count", "TargetConnectionErrorCount", "RequestCount"},
            {"HTTPCode_Target_2XX_Count", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_502_Count"},
        ),
        (
            EMPTY,
            {"HTTPCode_ELB_503_Count", "HTTPCode_ELB_5XX_Count"},
            {"RequestCount", "HTTPCode_ELB_504_Count", "TargetConnectionErrorCount", "HTTPCode_Target_2XX_Count"},
        ),
        (
            dark("us-east-1c"),
            {"HTTPCode_ELB_504_Count", "TargetConnectionErrorCount", "HTTPCode_Target_2XX_Count"},
            {"HTTPCode_ELB_503_Count", "HTTPCode_ELB_502_Count"},
        ),
    ],
    ids=["shut", "no-target", "lost-zone"],
)
def test_who_answers_for_what_is_broken_depends_on_what_it_is(sold, change, metrics, never):
    """The load balancer speaks for servers that it does not get to, or has not."""
    found, figures = sold(change)
    assert figures["customers.bad"] > 0
    told = {metric for metric, _ in found}
    assert metrics <= told
    assert not never & told


def test_servers_hold_their_pools_and_a_dead_database_tells_nothing(sold):
    """Three servers with five connections each, until the host dies; from then on the servers answer with errors."""
    found, _ = sold(POOL, HOST)
    (told,) = found["DatabaseConnections", ("DBInstanceIdentifier",)]
    assert {value for _, value in told} == {15}
    assert {minute for minute, _ in told} == {0, 1}
    (errors,) = found["HTTPCode_Target_5XX_Count", (LB,)]
    assert {minute for minute, _ in errors} == {2, 3, 4, 5, 6}
    assert not {"HTTPCode_ELB_5XX_Count", "TargetConnectionErrorCount"} & {metric for metric, _ in found}


def test_database_that_its_name_leaves_is_left_by_its_servers(sold):
    """Its name leads elsewhere from the third minute on: what the servers held of it is let go."""
    found, _ = sold(POOL, {"begin": "3m", "runbook": {"swap": swap("nowhere.shop.internal")}})
    (told,) = found["DatabaseConnections", ("DBInstanceIdentifier",)]
    values = dict(told)
    assert (values[1], values[6]) == (15, 0)


def test_servers_that_do_not_get_to_a_database_leave_it_without_connections(sold):
    """It runs and has nobody: zero is told, which is not silence."""
    closed = {
        "let": {"group": "${aws.ec2.security_group.db-orders.id}"},
        "setup": {
            "rules": {
                "call": "ec2:DescribeSecurityGroups",
                "with": {"GroupIds": ["${group}"]},
                "save": {"ingress": "SecurityGroups[0].IpPermissions"},
            },
            "shut": {
                "call": "ec2:RevokeSecurityGroupIngress",
                "with": {"GroupId": "${group}", "IpPermissions": "${ingress}"},
            },
        },
    }
    found, _ = sold(POOL, closed)
    (told,) = found["DatabaseConnections", ("DBInstanceIdentifier",)]
    assert {value for _, value in told} == {0}
    assert whole(found, "HTTPCode_Target_5XX_Count", LB) > 0
