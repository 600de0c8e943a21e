"""KMS keys, aliases and secrets keep the resource contract on a real store."""

import pytest
from identity_documents import SCOPE, problems

from twin.address import Address
from twin.engine.check import STAND_IN
from twin.resources.aws.api import check
from twin.resources.aws.kms import Alias, Key, default_policy
from twin.resources.aws.secretsmanager import Generated, Secret
from twin.resources.call import Refused
from twin.resources.resource import Wanted, drain


def narrow(principal):
    """Return a key policy that lets one principal do everything."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}],
    }


def test_key_lives_and_dies(bench):
    """A key changes description, policy, rotation, window and tags in place."""
    policy = default_policy(SCOPE)
    policy["Statement"].append(
        {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Encrypt*", "Resource": "*"}
    )
    bench.lifecycle(
        "main",
        Key(description="a", tags={"a": "1"}),
        Key(description="b", policy=policy, rotation=False, deletion_window=7, tags={"b": "2"}),
    )


def test_key_waits_its_window(bench):
    """The window survives in a tag of ours and is what deletion uses."""
    key = Key(deletion_window=9)
    address = bench.create("main", key)
    bench.delete(address, key)
    state = bench.aws.client("kms").describe_key(KeyId=bench.outputs[address]["id"])["KeyMetadata"]
    assert (state["DeletionDate"] - state["CreationDate"]).days == 9


def test_only_our_keys_cost_calls(bench):
    """A foreign key is listed and not looked into; ours takes three calls."""
    client = bench.aws.client("kms")
    foreign = client.create_key()["KeyMetadata"]["KeyId"]
    address = bench.create("main", Key())
    bench.sent.clear()
    found = {o.id: o.owner for o in bench.run(Key.read(bench.scope, Wanted()))}
    assert found == {foreign: None, bench.outputs[address]["id"]: address}
    assert bench.sent[3:] == ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus"]


def test_key_for_one_region_or_many(bench):
    """A multi-Region key is made as one."""
    bench.lifecycle("main", Key(multi_region=True, rotation=False))


def test_alias_lives_and_dies(bench):
    """An alias is pointed to another key in place."""
    bench.create("one", Key(rotation=False))
    bench.create("two", Key(rotation=False))
    bench.lifecycle(
        "main",
        Alias(name="alias/main", key="${aws.kms.key.one.id}"),
        Alias(name="alias/main", key="${aws.kms.key.two.id}"),
    )


def test_secret_lives_and_dies(bench):
    """A secret changes description, key, window and tags in place."""
    bench.create("main", Key(rotation=False))
    bench.lifecycle(
        "db",
        Secret(name="prod/db", tags={"a": "1"}, generate=Generated(length=20)),
        Secret(name="prod/db", description="d", kms_key="${aws.kms.key.main.arn}", recovery_window=7, tags={"b": "2"}),
    )


def test_secret_value_is_given_or_drawn(bench):
    """A given value is stored as it is; a drawn one has the wanted length and characters."""
    client = bench.aws.client("secretsmanager")
    bench.create("given", Secret(name="given", value="s3cret"))
    assert client.get_secret_value(SecretId="given")["SecretString"] == "s3cret"
    bench.create("drawn", Secret(name="drawn", generate=Generated(length=50, punctuation=False, exclude="abc")))
    drawn = client.get_secret_value(SecretId="drawn")["SecretString"]
    assert len(drawn) == 50
    assert drawn.isalnum()
    assert not set(drawn) & set("abc")


def test_deleted_secret_comes_back(bench):
    """A name whose secret awaits deletion is restored with the new value, description and tags."""
    first = Secret(name="db", value="old", description="old", tags={"a": "1"})
    address = bench.create("db", first)
    bench.delete(address, first)
    second = Secret(name="db", value="new", description="new", tags={"b": "2"})
    bench.create("db", second)
    assert bench.differences(address, second) == {}
    assert bench.aws.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"] == "new"


def test_living_secret_of_others_is_not_taken(bench):
    """A name in use is refused with the vendor's own code, and nothing is written."""
    client = bench.aws.client("secretsmanager")
    client.create_secret(Name="db", SecretString="theirs")
    with pytest.raises(Refused) as refused:
        bench.create("db", Secret(name="db", value="ours"))
    assert refused.value.code == "ResourceExistsException"
    assert client.get_secret_value(SecretId="db")["SecretString"] == "theirs"


def test_secret_without_a_window_is_gone_at_once(bench):
    """A window of 0 deletes for good."""
    secret = Secret(name="db", recovery_window=0)
    bench.delete(bench.create("db", secret), secret)
    assert bench.aws.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"] == []


@pytest.mark.parametrize("resource", [Secret(name="db", generate=Generated()), Key(policy=default_policy(SCOPE))])
def test_calls_of_a_plan_fit_the_model(resource):
    """With stand-ins for replies, every call of a creation fits the vendor's model."""
    calls, _ = drain(resource.create(SCOPE, Address(resource.TYPE, "it")), STAND_IN)
    assert calls
    assert [check(call) for call in calls] == [[] for _ in calls]


def test_good_keys_and_secrets_have_no_problem():
    """Nothing is said about what AWS takes."""
    assert problems(Key(policy=default_policy(SCOPE), deletion_window=7)) == []
    assert problems(Key(policy=narrow("arn:aws:iam::123456789012:role/admin"))) == []
    assert problems(Key(policy=narrow("${aws.iam.role.admin.arn}"))) == []
    assert problems(Alias(name="alias/a/b_c-d", key="k")) == []
    assert problems(Secret(name="prod/db", value="env:DB")) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (Key(policy=narrow("arn:aws:iam::210987654321:root")), ("TW0455", "policy")),
        (Key(deletion_window=6), ("TW0456", "deletion_window")),
        (Key(deletion_window=31), ("TW0456", "deletion_window")),
        (Key(policy=narrow("root")), ("TW0444", "policy")),
        (Key(tags={"twin:deletion-window": "1"}), ("TW0464", "tags")),
        (Alias(name="main", key="k"), ("TW0457", "name")),
        (Alias(name="alias/aws/s3", key="k"), ("TW0457", "name")),
        (Alias(name="alias/a b", key="k"), ("TW0457", "name")),
        (Secret(name="a b"), ("TW0458", "name")),
        (Secret(name="a", value="env:A", generate=Generated()), ("TW0458", "generate")),
        (Secret(name="a", generate=Generated(length=5000)), ("TW0458", "generate")),
        (Secret(name="a", recovery_window=3), ("TW0456", "recovery_window")),
    ],
)
def test_bad_key_or_secret_is_caught(resource, expected):
    """Each broken rule is said once, on the field that breaks it."""
    assert problems(resource) == [expected]


def test_lockout_counts_only_statements_that_allow_the_policy():
    """A policy under which the account may use the key, but not change its policy, locks out."""
    policy = narrow("arn:aws:iam::123456789012:root")
    policy["Statement"][0]["Action"] = ["kms:Encrypt", "kms:Decrypt"]
    assert problems(Key(policy=policy)) == [("TW0455", "policy")]
