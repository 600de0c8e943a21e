"""F3, the loss of a Region, on the bundled org of two: built whole, served from the other one, and mistakes show."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from twin.address import Address
from twin.blueprints.compile import compile_spec
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import State
from twin.resources.call import aws, drive
from twin.scenario.document import load, vary
from twin.scenario.fork import in_forks
from twin.scenario.rehearsal import attempt, build
from twin.spec.load import load as load_spec

ROOT = Path(__file__).parents[2]
WEST = "us-west-2"


@pytest.fixture(scope="module")
def org():
    """The org on a twin."""
    spec = load_spec(ROOT / "specs" / "two-regions-org.yaml", environ={})
    desired, scope = compile_spec(spec)
    return build(desired, scope, seed=83, read_secret=lambda _: "")


@pytest.fixture(scope="module")
def results(org):
    """F3, F3 under another seed, and a variant, each on a copy of the org."""
    scenario, values = load(ROOT / "scenarios" / "region_loss.yaml")
    short, wrong = shortened(scenario), shortened(vary(values, scenario, "role-on-demand"))

    def under(one, seed):
        org.world.scene.redraw(seed)
        return attempt(one.model_copy(update={"seed": seed}), None, org)

    return list(in_forks(partial(under, one, seed) for one, seed in ((short, 83), (short, 84), (wrong, 83))))


def shortened(scenario):
    """The same in three quarters of an hour, all but for the hour that may pass."""
    expect = {**scenario.expect}
    name = "customers-are-served-within-the-hour"
    expect[name] = expect[name].model_copy(update={"at_most": 1500.0})
    return scenario.model_copy(update={"duration": 2700.0, "expect": expect})


def test_an_org_of_two_regions_is_unchanged_at_the_second_look(org):
    """No drift, with or without what was applied last; each resource is found in its own Region."""
    target = org.target
    for state in (org.state, State()):
        seen = refresh(org.desired, target, state)
        assert not plan(Request(org.desired, seen, state, target)).plan.pending
        assert len(plan_destroy(Request(org.desired, seen, state, target)).plan.pending) == len(org.desired)


def test_a_stranger_among_the_members_of_a_set_is_found_in_its_region(org):
    """A route added by hand in the second Region, whose removal is planned there."""

    def drift():
        execute = org.target.systems["aws"].execute
        table = org.names["aws.ec2.security_group.web@us-west-2.id"]
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        asked = {"GroupId": table, "IpPermissions": [rule]}
        execute(aws("ec2", "AuthorizeSecurityGroupIngress", asked, region=WEST))
        seen = refresh(org.desired, org.target, org.state)
        found = plan(Request(org.desired, seen, org.state, org.target)).plan.pending
        return [(change.action, change.address.region) for change in found]

    assert list(in_forks([drift])) == [[("update", WEST)]]


def test_a_secrets_copies_follow_the_spec_and_go_with_it(org):
    """Another Region takes the copy over; a secret with copies is deleted when they are taken back."""

    def moved():
        address, send = Address("aws.secretsmanager.secret", "payment-provider"), org.target.systems["aws"].execute
        wanted = org.desired[address].resource.model_copy(update={"replicas": {"eu-west-1": ""}})
        seen = refresh(org.desired, org.target, org.state).matched[address]
        drive(wanted.update(org.target.scope, address, seen, frozenset({"replicas"})), send)
        told = send(aws("secretsmanager", "DescribeSecret", {"SecretId": seen.id}))["ReplicationStatus"]
        drive(type(wanted).delete(org.target.scope, replace(seen, fields={"replicas": {"eu-west-1": ""}})), send)
        gone = send(aws("secretsmanager", "DescribeSecret", {"SecretId": seen.id}))
        return list(seen.fields["replicas"]), [one["Region"] for one in told], "DeletedDate" in gone

    assert list(in_forks([moved])) == [([WEST], ["eu-west-1"], True)]


def test_the_second_region_serves_and_what_was_not_copied_yet_is_lost(results):
    """Passes; the outage and the lost writes are what customers saw, some seconds of them."""
    good = results[0]
    assert (good.verdict, good.reason) == ("PASS", "everything held")
    assert 300 < good.figures["customers.rto"] < 1500
    assert 0 < good.figures["customers.rpo"] <= 60
    assert 0 < good.figures["customers.writes_lost"] < good.figures["customers.writes"]
    assert "read replica and takes no writes" in good.figures["customers.because"]


def test_recovery_takes_another_time_under_another_seed(results):
    """Promotion and replication lag are drawn from the seed."""
    first, other, _ = results
    assert other.verdict == "PASS"
    assert first.figures["customers.rto"] != other.figures["customers.rto"]
    assert first.figures["customers.rpo"] != other.figures["customers.rpo"]


def test_nobody_is_served_by_a_runbook_that_needs_what_is_down(results):
    """It stops at IAM's control plane, and orders fail to the end."""
    helpless = results[2]
    assert helpless.verdict == "FAIL"
    assert "takes no writes" in helpless.figures["customers.because"]
    assert helpless.figures["customers.failing"] is True
    assert "iam:CreateRole was refused: ServiceUnavailable" in helpless.reason
