"""Every published escalation path is found where it is planted, and not where something blocks it."""

import json
from dataclasses import replace

import pytest
from planted import CORPUS, A, allow, document, permissions, published, required, start

from twin.analysis.reach import Reach
from twin.observe.iam.org import Account, Document, Managed

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the published paths are not on this machine")
NAMES = tuple(published()) if CORPUS.exists() else ()
OPTIONAL = {
    # A permission that the published path lists and AWS does not always ask for.
    "iam-003": {"iam:DeleteAccessKey"},  # needed when the user has two keys, which is not read
    "lambda-004": {"lambda:InvokeFunction"},  # else something invokes the function
    "lambda-005": {"lambda:AddPermission"},
    "ec2instanceconnect-003": {"ec2:DescribeInstances"},  # to find the instance
    "ecs-001": {"ecs:CreateCluster"},  # a cluster is there
    "ecs-002": {"ecs:CreateCluster"},
}


def own_policy(reach, name):
    """The object that holds the permissions of a path's principal, and how to write others into it."""
    if name == "iam-001":
        policy = reach.estate.objects[f"arn:aws:iam::{A}:policy/own-{name}"]
        return lambda text: Managed(policy.arn, (("v1", text),), "v1")
    who = reach.estate.objects[start(name)]
    return lambda text: replace(who, inline=(Document("p", text),))


@pytest.mark.parametrize("name", NAMES)
def test_published_path_is_found_by_its_own_permissions(reach, name):
    """From a principal that has the path's permissions and no others there is a way to administration."""
    ways = reach.paths(start(name), "admin", limit=2)
    assert ways
    used = {
        step.action
        for hop in ways[0]
        for step in hop.steps
        if any(g.owner == start(name) for g in step.grounds)
    }  # fmt: skip
    assert used <= set(required(name))
    assert all(hop.grounds for hop in ways[0]), "each hop names the statement that permits it"


@pytest.mark.parametrize("name", NAMES)
def test_no_path_is_left_when_one_of_its_permissions_is_missing(reach, name):
    """Each permission is needed: what is found is the path, and not something beside it."""
    write = own_policy(reach, name)
    statements = json.loads(permissions(name))["Statement"]
    for index, permission in enumerate(required(name)):
        less = [one for place, one in enumerate(statements) if place != index]
        found = reach.update(write(document(*less))).paths(start(name), "admin", limit=1)
        assert bool(found) == (permission in OPTIONAL.get(name, ())), permission


@pytest.mark.parametrize("name", NAMES)
def test_scp_ends_the_path(reach, name):
    """A service control policy that denies one permission of the path leaves none."""
    needed = [one for one in required(name) if one not in OPTIONAL.get(name, ())]
    deny = Document("no", document(allow("*"), {**allow(needed[-1]), "Effect": "Deny"}))
    assert reach.update(Account(A, (("r-1", (deny,)),))).paths(start(name), "admin") == []


@pytest.mark.parametrize("name", NAMES)
def test_boundary_ends_the_path(reach, name):
    """A boundary without the path's permissions leaves none, also where the principal may rewrite its own policies."""
    boundary = Managed(f"arn:aws:iam::{A}:policy/edge", (("v1", document(allow("s3:*"))),), "v1")
    bounded = replace(reach.estate.objects[start(name)], boundary=boundary.arn)
    assert reach.update(boundary, bounded).paths(start(name), "admin") == []


@pytest.mark.parametrize("name", NAMES)
def test_condition_on_what_the_org_fixes_ends_the_path(reach, name):
    """Permissions for principals with a tag are none for one without it; for one with it they are."""
    write = own_policy(reach, name)
    tagged = {"StringEquals": {"aws:PrincipalTag/may": "yes"}}
    statements = [{**one, "Condition": tagged} for one in json.loads(permissions(name))["Statement"]]
    changed = reach.update(write(document(*statements)))
    assert changed.paths(start(name), "admin") == []
    who = replace(changed.estate.objects[start(name)], tags=(("may", "yes"),))
    assert changed.update(who).paths(start(name), "admin", limit=1)


@pytest.mark.parametrize("name", [one for one in NAMES if "iam:PassRole" in required(one)])
def test_passing_to_another_service_is_no_path(reach, name):
    """iam:PassedToService holds a permission to the service that it names."""
    write = own_policy(reach, name)

    def passing(service):
        limit = {"StringEquals": {"iam:PassedToService": service}}
        statements = json.loads(permissions(name))["Statement"]
        return document(*({**s, "Condition": limit} if s["Action"] == "iam:PassRole" else s for s in statements))

    assert reach.update(write(passing("scheduler.amazonaws.com"))).paths(start(name), "admin") == []
    way = reach.paths(start(name), "admin", limit=1)[0]
    service = next(step.resource.rpartition(" by ")[2] for hop in way for step in hop.steps if " by " in step.resource)
    assert reach.update(write(passing(service))).paths(start(name), "admin", limit=1)


@pytest.mark.parametrize("name", NAMES)
def test_condition_that_the_caller_must_meet_is_told(reach, name):
    """A path that needs a second factor stays one, and says so; given that there is none, it is gone."""
    write = own_policy(reach, name)
    factor = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    statements = [{**one, "Condition": factor} for one in json.loads(permissions(name))["Statement"]]
    changed = reach.update(write(document(*statements)))
    way = changed.paths(start(name), "admin", limit=1)[0]
    told = [condition for hop in way for condition in hop.conditions]
    assert any("aws:MultiFactorAuthPresent" in one for one in told)
    without = Reach(changed.org, {"aws:MultiFactorAuthPresent": "false"})
    assert without.paths(start(name), "admin") == []
