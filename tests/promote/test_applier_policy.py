"""The applier's own policies: enough for its work, and not one action more."""

from functools import partial

import pytest
from rig import SCOPE, TRUST, desired

from twin.promote.applier_course import Work, open_account, perform
from twin.promote.applier_policy import MOST_CHARACTERS, packed, policies, size
from twin.resources.aws.iam_role import Role
from twin.resources.aws.kms import Key
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.sqs import Queue
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import Vpc
from twin.scenario.fork import in_forks
from twin.spec.model.state import S3State

ANOTHER_SEED = 7
STATE = S3State(bucket="acme-states", key="twin", kms_key="alias/states")


def work():
    """Return a small org to be applied."""
    org = desired(
        net=Vpc(cidr_block="10.0.0.0/16"),
        a=Subnet(vpc="${aws.ec2.vpc.net.id}", cidr_block="10.0.0.0/24", availability_zone="us-east-1a"),
        key=Key(description="data"),
        jobs=Queue(name="jobs", kms_key="${aws.kms.key.key.arn}"),
        worker=Role(name="worker", trust=TRUST),
        vault=Secret(name="vault", recovery_window=0),
    )
    return Work(org, SCOPE, lambda source: f"the secret of {source}", state=STATE)


@pytest.fixture(scope="module")
def made():
    """The policies of the org."""
    return policies(work())


def denied(found, seed=ANOTHER_SEED):
    """Do the applier's work under policies, in a world of other ids; returns what was forbidden."""
    world, target = open_account(SCOPE, found, seed=seed, state=STATE)
    try:
        return perform(work(), target)
    finally:
        world.close()


def without(found, action):
    """Return policies that lack one action."""
    return [
        {**policy, "Statement": [
            {**one, "Action": [a for a in one["Action"] if a != action]}
            for one in policy["Statement"] if one["Action"] != [action]
        ]}
        for policy in found
    ]  # fmt: skip


def test_nothing_is_forbidden_under_them(made):
    """Look, make, look again, change, remove: in a world whose ids are others than those that were seen."""
    assert denied(made) == []


def test_without_any_one_action_something_is_forbidden(made, whole):
    """Each action in turn, in the gate each sixth, each in a copy of this process."""
    actions = sorted({action for policy in made for one in policy["Statement"] for action in one["Action"]})
    assert len(actions) > 25
    tried = actions if whole else actions[::6]
    lacking = dict(zip(tried, in_forks(partial(denied, without(made, action)) for action in tried), strict=True))
    assert [action for action, lines in lacking.items() if not lines] == []


def test_what_is_named_is_named(made):
    """A queue by its name, a secret up to what AWS appends, a drawn id not at all, and no action by a pattern."""
    resources = {action: one["Resource"] for policy in made for one in policy["Statement"] for action in one["Action"]}
    assert resources["sqs:CreateQueue"] == ["arn:aws:sqs:us-east-1:123456789012:jobs"]
    assert resources["iam:CreateRole"] == ["arn:aws:iam::123456789012:role/worker"]
    assert resources["secretsmanager:DeleteSecret"] == ["arn:aws:secretsmanager:us-east-1:123456789012:secret:vault-*"]
    assert resources["ec2:DeleteVpc"] == ["arn:aws:ec2:us-east-1:123456789012:vpc/vpc-*"]
    assert "*" not in "".join(resources)


def test_policies_are_split_where_iam_would_refuse_them():
    """Many actions on one resource, and many resources: each policy fits, and together they grant all."""
    grants = {
        ("*",): [f"ec2:DescribeSomethingWithALongName{n}" for n in range(300)],
        **{(f"arn:aws:sqs:us-east-1:123456789012:queue-{n}",): ["sqs:CreateQueue"] for n in range(100)},
    }
    found = list(packed(grants))
    assert len(found) > 2
    assert all(size(policy["Statement"]) <= MOST_CHARACTERS for policy in found)
    granted = {(a, r) for p in found for one in p["Statement"] for a in one["Action"] for r in one["Resource"]}
    assert granted == {(action, resource) for (resource,), actions in grants.items() for action in actions}
