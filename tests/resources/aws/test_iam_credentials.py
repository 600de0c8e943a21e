"""Access keys, identity providers, the password policy and the alias keep the resource contract on a real store."""

import json

import pytest
from identity_documents import SCOPE, problems

from twin.address import Address
from twin.resources.aws.api import check
from twin.resources.aws.iam_access_key import AccessKey
from twin.resources.aws.iam_account_alias import AccountAlias
from twin.resources.aws.iam_federation import OidcProvider, SamlProvider
from twin.resources.aws.iam_password_policy import PasswordPolicy
from twin.resources.aws.iam_user import User
from twin.resources.aws.secretsmanager import Generated, Secret
from twin.resources.resource import Observed, Wanted, drain

METADATA = '<EntityDescriptor entityID="x">' + "a" * 1000 + "</EntityDescriptor>"
KEY = AccessKey(user="${aws.iam.user.ci.id}", store="${aws.secretsmanager.secret.ci.arn}")


@pytest.fixture
def user(bench):
    """A user and a secret without a value."""
    bench.create("ci", User(name="ci"))
    bench.create("ci", Secret(name="ci-key"))
    return bench


def test_access_key_lives_and_dies(user):
    """A key is made, stored, deactivated and deleted."""
    user.lifecycle("ci", KEY, KEY.model_copy(update={"status": "Inactive"}))


def test_access_key_is_stored_and_shown_nowhere_else(user):
    """Both halves of the key lie in the secret; outputs and observation hold the id alone."""
    address = user.create("ci", KEY)
    stored = json.loads(user.aws.client("secretsmanager").get_secret_value(SecretId="ci-key")["SecretString"])
    assert stored["access_key_id"] == user.outputs[address]["id"]
    seen = user.observe(address, KEY)
    assert stored["secret_access_key"] not in repr((user.outputs, seen))
    assert len(stored["secret_access_key"]) == 40


def test_rogue_access_key_is_a_member_of_its_user(user):
    """A key that nobody stored belongs to its user and to no declaration."""
    address = user.create("ci", KEY)
    user.aws.client("iam").create_access_key(UserName="ci")
    found = user.run(AccessKey.read(user.scope, Wanted()))
    assert {o.member_of for o in found} == {("aws.iam.user", "ci")}
    assert sorted(o.fields["store"] is None for o in found) == [False, True]
    assert user.observe(address, KEY).id == user.outputs[address]["id"]


def test_keys_of_users_that_are_not_ours_are_not_read(bench):
    """Neither a call nor an object is spent on a user of others."""
    bench.aws.client("iam").create_user(UserName="theirs")
    bench.aws.client("iam").create_access_key(UserName="theirs")
    assert bench.run(AccessKey.read(bench.scope, Wanted())) == []
    assert bench.sent == ["iam:GetAccountAuthorizationDetails"]


def test_third_access_key_is_caught():
    """A user has two access keys; the third one is said."""

    def key(number):
        return AccessKey(user="ci", store=f"s{number}")

    assert problems(key(2), a=key(1)) == []
    assert problems(key(3), a=key(1), b=key(2)) == [("TW0449", "user")]


def test_store_with_a_value_of_its_own_is_caught():
    """A secret that is drawn at random would be written over by the key."""
    key = AccessKey(user="ci", store="${aws.secretsmanager.secret.s.arn}")
    assert problems(key, s=Secret(name="s")) == []
    assert problems(key, s=Secret(name="s", generate=Generated())) == [("TW0458", "store")]


def test_password_policy_lives_and_dies(bench):
    """The policy is set, tightened and removed."""
    bench.lifecycle(
        "it", PasswordPolicy(maximum_age=90), PasswordPolicy(minimum_length=20, remembered=0, symbols=False)
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minimum_length": 5}, "minimum_length"),
        ({"maximum_age": 1096}, "maximum_age"),
        ({"remembered": 25}, "remembered"),
    ],
)
def test_password_policy_out_of_range_is_caught(values, field):
    """Lengths, ages and memories have documented ranges."""
    assert problems(PasswordPolicy()) == []
    assert problems(PasswordPolicy(**values)) == [("TW0459", field)]


def test_oidc_provider_lives_and_dies(bench):
    """A provider changes thumbprints and tags in place."""
    url = "https://token.actions.githubusercontent.com"
    bench.lifecycle(
        "github",
        OidcProvider(url=url, thumbprints=["6" * 40], tags={"a": "1"}),
        OidcProvider(url=url, thumbprints=["7" * 40], tags={"b": "2"}),
    )


def test_oidc_clients_are_added_and_removed():
    """The store has no such operations, so the calls themselves are looked at; each fits the vendor's model."""
    provider = OidcProvider(url="https://issuer.example", clients=["b", "c"])
    seen = Observed("arn:aws:iam::123456789012:oidc-provider/issuer.example", {"clients": ["a", "b"]})
    calls, _ = drain(provider.update(SCOPE, Address(provider.TYPE, "it"), seen, frozenset({"clients"})), {})
    assert [(c.operation, c.params["ClientID"]) for c in calls] == [
        ("AddClientIDToOpenIDConnectProvider", "c"),
        ("RemoveClientIDFromOpenIDConnectProvider", "a"),
    ]
    assert [check(c) for c in calls] == [[], []]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "http://issuer.example"}, "url"),
        ({"url": "https://issuer.example:8443"}, "url"),
        ({"url": "https://issuer.example?x=1"}, "url"),
        ({"thumbprints": ["xyz"]}, "thumbprints"),
        ({"thumbprints": [f"{n}" * 40 for n in range(6)]}, "thumbprints"),
        ({"clients": [str(n) for n in range(101)]}, "clients"),
    ],
)
def test_bad_oidc_provider_is_caught(values, field):
    """URL, thumbprints and clients have documented forms and counts."""
    assert problems(OidcProvider(url="https://issuer.example/path")) == []
    assert problems(OidcProvider(**{"url": "https://issuer.example", **values})) == [("TW0460", field)]


def test_saml_provider_lives_and_dies(bench):
    """A provider exchanges its metadata in place."""
    bench.lifecycle(
        "okta", SamlProvider(name="okta", metadata=METADATA), SamlProvider(name="okta", metadata=METADATA + " ")
    )


def test_bad_saml_metadata_is_caught():
    """Metadata that is too short or no metadata is refused; a reference is judged once it is known."""
    assert problems(SamlProvider(name="okta", metadata=METADATA)) == []
    assert problems(SamlProvider(name="okta", metadata="${okta.app_saml.aws.metadata}")) == []
    assert problems(SamlProvider(name="okta", metadata="<EntityDescriptor/>")) == [("TW0461", "metadata")]
    assert problems(SamlProvider(name="okta", metadata="x" * 2000)) == [("TW0461", "metadata")]


def test_account_alias_lives_and_dies(bench):
    """The alias is set and removed."""
    bench.lifecycle("it", AccountAlias(alias="acme-prod"))


@pytest.mark.parametrize("alias", ["ab", "Acme", "-acme", "acme-", "ac--me", "123456789012", "a" * 64])
def test_bad_account_alias_is_caught(alias):
    """Aliases are short, of lower-case letters, digits and single hyphens, and no account id."""
    assert problems(AccountAlias(alias="acme-prod")) == []
    assert problems(AccountAlias(alias=alias)) == [("TW0440", "alias")]
