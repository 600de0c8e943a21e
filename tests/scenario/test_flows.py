"""What the shop's customers send stands in its VPC's flow log: at each interface, accepted, rejected or unanswered."""

import json
from dataclasses import replace

import pytest
import yaml
from shop import SCENARIO, dark, stand_up

from twin.report.ocsf import lines
from twin.scenario.document import load, merge
from twin.scenario.recorded import Witness
from twin.scenario.rehearsal import rehearse

SHUT = {
    "let": {"group": "${aws.ec2.security_group.web.id}"},
    "setup": {
        "rules": {
            "call": "ec2:DescribeSecurityGroups",
            "with": {"GroupIds": ["${aws.ec2.security_group.web.id}"]},
            "save": {"ingress": "SecurityGroups[0].IpPermissions"},
        },
        "shut": {
            "call": "ec2:RevokeSecurityGroupIngress",
            "with": {"GroupId": "${group}", "IpPermissions": "${ingress}"},
        },
    },
}
"""The patch by which the servers' security group admits nobody."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop with a flow log, built once."""
    return stand_up(tmp_path_factory.mktemp("logged"), {"network": {"flow_logs": {"retention": "7d"}}})


@pytest.fixture
def flows(shop, tmp_path):
    """Play the scenario with changes on a copy of the shop; the events of its flow log, and the requests."""

    def played(*changes):
        values = yaml.safe_load(SCENARIO)
        for change in changes:
            values = merge(values, change)
        file, out = tmp_path / "play.yaml", tmp_path / "events"
        file.write_text(yaml.safe_dump(values, sort_keys=False))
        loaded, plain = load(file)
        hears = Witness(None, lambda found: out.write_text("\n".join(lines(found))) and None)
        (result,) = rehearse(loaded, plain, replace(shop, witness=hears), [None])
        told = [json.loads(line) for line in out.read_text().splitlines()]
        return [one for one in told if one["class_uid"] == 4001], result.figures["customers.requests"]

    return played


def ports(found, action):
    """Return where packets of a client went that passed, or that were dropped."""
    return {one["dst_endpoint"]["port"] for one in found if one["action"] == action and _asks(one)}


def _asks(one):
    return one["dst_endpoint"]["port"] < 32768


def sent(found, port):
    """Return the packets to a port that passed."""
    return sum(
        one["traffic"]["packets"] for one in found if one["dst_endpoint"]["port"] == port and one["action"] == "Allowed"
    )


def test_what_customers_send_is_seen_at_each_interface_on_its_way(flows):
    """Visitors to the balancer, the balancer to servers, servers to the database and out; with what comes back."""
    found, requests = flows()
    assert ports(found, "Allowed") >= {443, 5432}
    assert ports(found, "Denied") == set()
    edge = [one for one in found if one["src_endpoint"]["ip"] == "173.245.48.10"]
    # The edge answers 19 % from its cache; of twenty minutes one interval of ten is over and five minutes past.
    through = sum(one["traffic"]["packets"] for one in edge) / 10
    assert through == pytest.approx(0.81 * requests / 2, rel=0.03)
    back = [one for one in found if one["dst_endpoint"]["ip"] == "173.245.48.10"]
    assert sum(one["traffic"]["packets"] for one in back) == pytest.approx(through * 14)


def test_what_a_security_group_drops_is_rejected_where_it_drops_it(flows):
    """The balancer sends and the servers reject; nothing goes on to the database."""
    found, _ = flows(SHUT)
    rejected = [one for one in found if one["action"] == "Denied"]
    assert rejected
    servers = {one["dst_endpoint"]["ip"] for one in rejected}
    let_out = {one["dst_endpoint"]["ip"] for one in found if one["action"] == "Allowed" and _asks(one)}
    assert servers <= let_out
    assert sent(found, 5432) == 0


def test_the_same_seed_gives_the_same_records(flows):
    """And a lost zone's nodes have none while it is dark."""
    calm, _ = flows()
    again, _ = flows()
    lost, _ = flows(dark("us-east-1a", at="1m"))
    assert calm == again
    assert sent(lost, 5432) < sent(calm, 5432)
