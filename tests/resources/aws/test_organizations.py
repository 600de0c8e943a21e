"""The organization, its units, accounts and policies keep the resource contract on a real store."""

import pytest
from identity_documents import POLICY, SCOPE, WRITE, problems

from twin.address import Address
from twin.engine.check import STAND_IN
from twin.resources.aws.api import check
from twin.resources.aws.organizations import Organization, Unit
from twin.resources.aws.organizations_account import Account
from twin.resources.aws.organizations_rcp import ResourceControlPolicy
from twin.resources.aws.organizations_scp import ServiceControlPolicy
from twin.resources.call import Refused
from twin.resources.resource import Wanted, drain

ROOT = "${aws.organizations.organization.it.root}"


@pytest.fixture
def organization(bench):
    """An organization with service control policies in force."""
    bench.create("it", Organization())
    return bench


@pytest.mark.parametrize("types", [[], ["SERVICE_CONTROL_POLICY"], ["RESOURCE_CONTROL_POLICY"]])
def test_organization_begins_with_the_types_that_are_wanted(bench, types):
    """The type that AWS enables by itself is not enabled twice, and is disabled where it is not wanted."""
    bench.create("it", Organization(policy_types=types))
    [found] = bench.run(Organization.read(bench.scope, Wanted()))
    assert found.fields["policy_types"] == types


def test_account_outside_an_organization_has_none_of_it(bench):
    """Without an organization every read is empty and no error."""
    for class_ in (Organization, Unit, Account, ServiceControlPolicy):
        assert bench.run(class_.read(bench.scope, Wanted())) == []


def test_organization_lives_and_dies(bench):
    """Policy types and services are let in and out."""
    bench.lifecycle(
        "it",
        Organization(services=["cloudtrail.amazonaws.com"]),
        Organization(services=["config.amazonaws.com", "guardduty.amazonaws.com"]),
    )


def test_unit_lives_and_dies(organization):
    """A unit under a unit changes name and tags in place."""
    organization.create("work", Unit(name="work", parent=ROOT))
    parent = "${aws.organizations.unit.work.id}"
    organization.lifecycle(
        "prod", Unit(name="prod", parent=parent, tags={"a": "1"}), Unit(name="live", parent=parent, tags={"b": "2"})
    )


def test_account_lives_and_dies(organization):
    """An account is made, moved and closed."""
    organization.create("work", Unit(name="work", parent=ROOT))
    organization.lifecycle(
        "prod",
        Account(name="prod", email="prod@acme.example", parent="${aws.organizations.unit.work.id}", tags={"a": "1"}),
        Account(name="prod", email="prod@acme.example", parent=ROOT, tags={"b": "2"}),
    )


def test_governing_account_is_builtin(organization):
    """The account that governs the organization is nobody's leftover."""
    (found,) = organization.run(Account.read(organization.scope, Wanted()))
    assert (found.id, found.builtin) == (SCOPE.account, True)


def test_account_is_waited_for_and_its_failure_told():
    """The state of a creation is asked for until it is decided."""
    account = Account(name="prod", email="prod@acme.example")

    def replies(*states):
        steps = account.create(SCOPE, Address(account.TYPE, "it"))
        call, operations = next(steps), []
        try:
            for state in (*states, None):
                operations.append(call.operation)
                status = {"Id": "car-1", "AccountId": "2" * 12, "State": state, "FailureReason": "EMAIL_ALREADY_EXISTS"}
                described = {"Account": {"Arn": "arn"}}
                call = steps.send({"CreateAccountStatus": status} if state else described)
        except StopIteration as stop:
            return operations, stop.value

    waiting = ["CreateAccount", "DescribeCreateAccountStatus", "DescribeCreateAccountStatus", "DescribeAccount"]
    assert replies("IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED") == (waiting, {"id": "2" * 12, "arn": "arn"})
    with pytest.raises(Refused) as refused:
        replies("IN_PROGRESS", "FAILED")
    assert refused.value.code == "EMAIL_ALREADY_EXISTS"


def test_scp_lives_and_dies(organization):
    """A policy changes name, document, targets and tags in place."""
    organization.create("work", Unit(name="work", parent=ROOT))
    organization.lifecycle(
        "bound",
        ServiceControlPolicy(name="bound", policy=POLICY, targets=[ROOT], tags={"a": "1"}),
        ServiceControlPolicy(
            name="limit",
            description="d",
            policy=WRITE,
            targets=["${aws.organizations.unit.work.id}", SCOPE.account],
            tags={"b": "2"},
        ),
    )


def test_rcp_lives_and_dies(bench):
    """A policy of resources changes its document and targets in place, once its type is in force."""
    bench.create("it", Organization(policy_types=["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]))
    bench.create("work", Unit(name="work", parent=ROOT))
    bench.lifecycle(
        "ours",
        ResourceControlPolicy(name="ours", policy=bound("s3:*"), targets=[ROOT]),
        ResourceControlPolicy(name="ours", policy=bound("sqs:*"), targets=["${aws.organizations.unit.work.id}"]),
    )


def bound(action, **elements):
    """A policy of resources that denies an action to everybody."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("policy", "wrong"),
    [
        (bound("s3:*"), 0),
        (bound("s3:*", Effect="Allow"), 1),
        (bound("*"), 1),
        (bound("s3:*", Principal={"AWS": "111122223333"}), 1),
    ],
)
def test_rcp_denies_everybody_actions_of_services(policy, wrong):
    """What Organizations refuses in a policy of resources is told before it is sent."""
    found = problems(ResourceControlPolicy(name="ours", policy=policy))
    assert found == [("TW0441", "policy")] * wrong


def test_foreign_scp_is_seen_and_that_of_aws_is_builtin(organization):
    """FullAWSAccess is the vendor's; a policy of others has no owner."""
    organization.aws.client("organizations").create_policy(
        Name="theirs", Content="{}", Description="", Type="SERVICE_CONTROL_POLICY"
    )
    found = organization.run(ServiceControlPolicy.read(organization.scope, Wanted()))
    assert {o.fields["name"]: (o.builtin, o.owner) for o in found} == {
        "FullAWSAccess": (True, None),
        "theirs": (False, None),
    }


@pytest.mark.parametrize(
    "resource",
    [
        Organization(),
        Unit(name="prod", parent=ROOT),
        Account(name="prod", email="prod@acme.example", parent=ROOT),
        ServiceControlPolicy(name="bound", policy=POLICY, targets=[ROOT]),
    ],
)
def test_calls_of_a_plan_fit_the_model(resource):
    """With stand-ins for replies, every call of a creation fits the vendor's model; the resource has no problem."""
    calls, _ = drain(resource.create(SCOPE, Address(resource.TYPE, "it")), STAND_IN)
    assert [check(call) for call in calls] == [[] for _ in calls]
    assert problems(resource) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (Unit(name="", parent=ROOT), ("TW0462", "name")),
        (Unit(name="a" * 129, parent=ROOT), ("TW0462", "name")),
        (Account(name="a" * 51, email="a@acme.example"), ("TW0462", "name")),
        (Account(name="a", email="acme.example"), ("TW0462", "email")),
        (ServiceControlPolicy(name="a", policy={"Statement": []}), ("TW0441", "policy")),
        (
            ServiceControlPolicy(
                name="a",
                policy={
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Action": "s3:*",
                            "Resource": [f"arn:aws:s3:::{'b' * 40}{n}" for n in range(200)],
                        }
                    ],
                },
            ),
            ("TW0443", "policy"),
        ),
    ],
)
def test_bad_member_of_an_organization_is_caught(resource, expected):
    """Each broken rule is said once, on the field that breaks it."""
    assert problems(resource) == [expected]


def test_units_nest_five_deep():
    """A sixth level is refused."""
    chain = {"u1": Unit(name="u1", parent=ROOT)}
    for level in range(2, 6):
        chain[f"u{level}"] = Unit(name=f"u{level}", parent=f"${{aws.organizations.unit.u{level - 1}.id}}")
    assert problems(Unit(name="x", parent="${aws.organizations.unit.u4.id}"), **chain) == []
    assert problems(Unit(name="x", parent="${aws.organizations.unit.u5.id}"), **chain) == [("TW0462", "parent")]


def test_a_target_has_ten_policies_with_that_of_aws():
    """FullAWSAccess counts: nine policies of ours on a target pass, a tenth does not."""

    def bound(name):
        return ServiceControlPolicy(name=name, policy=POLICY, targets=[ROOT])

    others = {f"a{n}": bound(f"a{n}") for n in range(8)}
    assert problems(bound("it"), **others) == []
    assert problems(bound("it"), **others, a8=bound("a8")) == [("TW0449", "targets")]
