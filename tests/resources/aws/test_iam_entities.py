"""Roles, policies, users, groups, profiles and attachments keep the resource contract on a real store."""

import json

import pytest
from identity_documents import POLICY, WRITE, problems, trust

from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_group import Group
from twin.resources.aws.iam_instance_profile import InstanceProfile
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.iam_user import User
from twin.resources.resource import Wanted

EC2 = trust("ec2.amazonaws.com")


def test_role_lives_and_dies(bench):
    """A role changes trust, texts, inline policies, boundary and tags in place."""
    bench.create("bound", Policy(name="bound", policy=POLICY))
    first = Role(name="app", path="/svc/", trust=EC2, inline={"a": POLICY, "b": POLICY}, tags={"team": "a", "x": "1"})
    second = Role(
        name="app",
        path="/svc/",
        trust=trust("ecs.amazonaws.com"),
        description="the app",
        max_session=7200,
        inline={"b": WRITE, "c": POLICY},
        boundary="${aws.iam.policy.bound.arn}",
        tags={"team": "b"},
    )
    third = second.model_copy(update={"boundary": ""})
    bench.lifecycle("app", first, second, third)


def test_role_is_made_with_one_call(bench):
    """A role without inline policies costs one call, its tags with it."""
    bench.create("app", Role(name="app", trust=EC2, tags={"team": "a"}))
    assert bench.sent == ["iam:CreateRole"]


def test_all_iam_entities_share_one_read(bench):
    """Roles, users, groups, policies and attachments are read by GetAccountAuthorizationDetails."""
    bench.create("app", Role(name="app", trust=EC2))
    bench.create("p", Policy(name="p", policy=POLICY))
    bench.sent.clear()
    for class_ in (Role, User, Group, Policy, Attachment):
        bench.run(class_.read(bench.scope, Wanted()))
    assert set(bench.sent) == {"iam:GetAccountAuthorizationDetails", "iam:ListRoles"}


def test_inline_policy_of_others_is_drift(bench):
    """The inline policies of a role are owned whole: one put by hand differs, and update removes it."""
    role = Role(name="app", trust=EC2, inline={"a": POLICY})
    address = bench.create("app", role)
    client = bench.aws.client("iam")
    client.put_role_policy(RoleName="app", PolicyName="rogue", PolicyDocument=json.dumps(WRITE))
    assert set(bench.differences(address, role)) == {"inline"}
    bench.run(role.update(bench.scope, address, bench.observe(address, role), frozenset({"inline"})))
    assert bench.differences(address, role) == {}
    assert client.list_role_policies(RoleName="app")["PolicyNames"] == ["a"]


def test_role_in_use_is_deleted_all_the_same(bench):
    """Attachments and profiles that others made do not keep a role from being deleted."""
    bench.create("p", Policy(name="p", policy=POLICY))
    role = Role(name="app", trust=EC2)
    address = bench.create("app", role)
    client = bench.aws.client("iam")
    client.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::123456789012:policy/p")
    client.create_instance_profile(InstanceProfileName="rogue")
    client.add_role_to_instance_profile(InstanceProfileName="rogue", RoleName="app")
    seen = bench.observe(address, role)
    bench.run(Role.delete(bench.scope, seen))
    assert bench.observe(address, role) is None
    bench.run(Role.delete(bench.scope, seen))


def test_service_linked_role_is_builtin(bench):
    """A role that AWS made is nobody's leftover."""
    bench.aws.client("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    bench.create("app", Role(name="app", trust=EC2))
    found = {o.id: o.builtin for o in bench.run(Role.read(bench.scope, Wanted()))}
    assert found == {"AWSServiceRoleForAutoScaling": True, "app": False}


def test_policy_lives_and_dies(bench):
    """A policy's document changes by a new default version."""
    first = Policy(name="p", path="/x/", policy=POLICY, description="reads")
    bench.lifecycle("p", first, first.model_copy(update={"policy": WRITE}))


def test_policy_keeps_five_versions_at_most(bench):
    """Seven changes leave five versions, the last one the default."""
    address = bench.create("p", Policy(name="p", policy=POLICY))
    for number in range(7):
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b{number}/*"}
        wanted = Policy(name="p", policy={"Version": "2012-10-17", "Statement": [statement]})
        bench.run(wanted.update(bench.scope, address, bench.observe(address, wanted), frozenset({"policy"})))
        assert bench.differences(address, wanted) == {}
    versions = bench.aws.client("iam").list_policy_versions(PolicyArn=bench.outputs[address]["arn"])["Versions"]
    assert len(versions) == 5
    bench.delete(address, wanted)


def test_adopted_policy_is_known_by_its_tags(bench):
    """A policy made by others gets our tags, and is ours when the spec names it."""
    client = bench.aws.client("iam")
    client.create_policy(PolicyName="p", PolicyDocument=json.dumps(POLICY), Description="theirs")
    policy = Policy(name="p", policy=POLICY, description="theirs")
    read = Policy.read(bench.scope, Wanted(keys=frozenset({("p",)})))
    (before,) = bench.run(read)
    assert before.owner is None
    address = bench.create("other", Policy(name="other", policy=POLICY))
    bench.run(policy.update(bench.scope, address, before, frozenset({"owner"})))
    after = {o.id: o.owner for o in bench.run(Policy.read(bench.scope, Wanted(keys=frozenset({("p",)}))))}
    assert after[before.id] == address


def test_user_lives_and_dies(bench):
    """A user changes groups, inline policies and tags in place."""
    for name in ("admins", "readers"):
        bench.create(name, Group(name=name))
    first = User(name="ann", groups=["${aws.iam.group.admins.id}"], tags={"team": "a"})
    second = User(name="ann", groups=["${aws.iam.group.readers.id}"], inline={"a": POLICY}, tags={})
    bench.lifecycle("ann", first, second)


def test_user_with_credentials_is_deleted_all_the_same(bench):
    """Policies, keys and passwords that others gave a user go with it."""
    bench.create("p", Policy(name="p", policy=POLICY))
    user = User(name="ann")
    address = bench.create("ann", user)
    client = bench.aws.client("iam")
    client.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::123456789012:policy/p")
    client.create_access_key(UserName="ann")
    client.create_login_profile(UserName="ann", Password="a-Password-1")
    bench.delete(address, user)
    assert "iam:DeleteAccessKey" in bench.sent


def test_group_lives_and_dies(bench):
    """A group changes its inline policies in place."""
    bench.lifecycle("g", Group(name="g", path="/x/"), Group(name="g", path="/x/", inline={"a": POLICY}))


def test_instance_profile_lives_and_dies(bench):
    """A profile exchanges its role in place."""
    bench.create("one", Role(name="one", trust=EC2))
    bench.create("two", Role(name="two", trust=EC2))
    bench.lifecycle(
        "p",
        InstanceProfile(name="p", role="${aws.iam.role.one.id}", tags={"a": "1"}),
        InstanceProfile(name="p", role="${aws.iam.role.two.id}", tags={"b": "2"}),
    )


def test_half_made_instance_profile_is_mended(bench):
    """A profile without its role is seen, and update puts the role in."""
    bench.create("one", Role(name="one", trust=EC2))
    bench.aws.client("iam").create_instance_profile(
        InstanceProfileName="p",
        Tags=[
            {"Key": k, "Value": v}
            for k, v in {"twin:owner": "acme/test", "twin:address": "aws.iam.instance_profile.p"}.items()
        ],
    )
    profile = InstanceProfile(name="p", role="one")
    seen = bench.run(InstanceProfile.read(bench.scope, Wanted(keys=frozenset({("p",)}))))[0]
    assert seen.fields["role"] == ""
    bench.run(profile.update(bench.scope, seen.owner, seen, frozenset({"role"})))
    assert bench.differences(seen.owner, profile) == {}


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_attachment_lives_and_dies(bench, kind):
    """A policy is attached to a role, a user or a group and detached again."""
    bench.create("p", Policy(name="p", policy=POLICY))
    holder = {"role": Role(name="h", trust=EC2), "user": User(name="h"), "group": Group(name="h")}[kind]
    bench.create("h", holder)
    attachment = Attachment(**{kind: f"${{aws.iam.{kind}.h.id}}", "policy": "${aws.iam.policy.p.arn}"})
    bench.lifecycle("a", attachment)


def test_rogue_attachment_is_a_member_of_its_role(bench):
    """A policy that others attach to a role shows up as a member of the role's set, under an id of its own."""
    bench.create("p", Policy(name="p", policy=POLICY))
    bench.create("q", Policy(name="q", policy=POLICY))
    bench.create("app", Role(name="app", trust=EC2))
    client = bench.aws.client("iam")
    for name in ("p", "q"):
        client.attach_role_policy(RoleName="app", PolicyArn=f"arn:aws:iam::123456789012:policy/{name}")
    found = bench.run(Attachment.read(bench.scope, Wanted()))
    assert {o.member_of for o in found} == {("aws.iam.role", "app")}
    assert sorted(o.id for o in found) == ["role/app/123456789012/policy/p", "role/app/123456789012/policy/q"]


def test_a_good_org_has_no_problem():
    """Nothing is said about resources that AWS takes."""
    role = Role(name="app", trust=EC2, inline={"a": POLICY}, max_session=43200)
    assert problems(role) == []
    assert problems(InstanceProfile(name="p", role="${aws.iam.role.r.id}"), r=role) == []
    assert (
        problems(Attachment(role="${aws.iam.role.r.id}", policy="arn:aws:iam::aws:policy/ReadOnlyAccess"), r=role) == []
    )
    assert problems(User(name="ann@acme.example", groups=["a"])) == []
    assert problems(Policy(name="p", policy=POLICY)) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (Role(name="a b", trust=EC2), ("TW0440", "name")),
        (Role(name="a" * 65, trust=EC2), ("TW0440", "name")),
        (Role(name="a", path="x", trust=EC2), ("TW0440", "path")),
        (Role(name="a", trust=EC2, max_session=60), ("TW0448", "max_session")),
        (Role(name="a", trust=EC2, max_session=43201), ("TW0448", "max_session")),
        (Role(name="a", trust=EC2, tags={"aws:x": "1"}), ("TW0464", "tags")),
        (Role(name="a", trust=EC2, tags={"twin:x": "1"}), ("TW0464", "tags")),
        (Role(name="a", trust=EC2, tags={f"k{n}": "1" for n in range(49)}), ("TW0464", "tags")),
        (Group(name="a" * 129), ("TW0440", "name")),
        (User(name="a", groups=[f"g{n}" for n in range(11)]), ("TW0449", "groups")),
        (Attachment(policy="arn:aws:iam::aws:policy/X"), ("TW0463", "policy")),
        (Attachment(role="a", user="b", policy="arn:aws:iam::aws:policy/X"), ("TW0463", "policy")),
        (Attachment(role="a", policy="ReadOnlyAccess"), ("TW0463", "policy")),
    ],
)
def test_bad_entity_is_caught(resource, expected):
    """Each broken rule is said once, on the field that breaks it."""
    assert problems(resource) == [expected]


def test_profile_of_a_role_for_another_service_is_caught():
    """An instance profile's role must trust EC2."""
    role = Role(name="app", trust=trust("ecs.amazonaws.com"))
    profile = InstanceProfile(name="p", role="${aws.iam.role.r.id}")
    assert problems(profile, r=role) == [("TW0446", "role")]
    assert problems(InstanceProfile(name="p", role="app"), r=role) == [("TW0446", "role")]
    assert problems(InstanceProfile(name="p", role="elsewhere"), r=role) == []


def test_eleventh_policy_of_a_role_is_caught():
    """A role has ten managed policies; only what exceeds the quota is said."""

    def attachment(number):
        return Attachment(role="app", policy=f"arn:aws:iam::aws:policy/P{number}")

    ten = {f"a{n}": attachment(n) for n in range(9)}
    assert problems(attachment(9), **ten) == []
    assert problems(attachment(10), **ten, a9=attachment(9)) == [("TW0449", "role")]
