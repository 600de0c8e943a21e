"""Tables, vaults, plans, user pools keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.backup import Copy, Plan, Rule, Vault
from twin.resources.aws.backup_selection import Selection
from twin.resources.aws.cognito import PasswordPolicy, UserPool
from twin.resources.aws.cognito_client import Client
from twin.resources.aws.cognito_resource_server import ResourceServer
from twin.resources.aws.dynamodb import Table
from twin.resources.aws.dynamodb_indexes import Index
from twin.resources.resource import Peers
from twin.resources.scope import Scope
from twin.world.stores.additions import install


@pytest.fixture(autouse=True)
def _complete_store():
    """The store has the operations that moto lacks."""
    install()


ROLE = "arn:aws:iam::123456789012:role/backup"


def problems(resource, desired=None):
    """The codes and fields of what a check finds."""
    scope = Scope(org="acme", environment="test", account="123456789012")
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, scope))]


def table(**fields):
    """A sound table with some fields other."""
    return Table(
        **{"name": "orders", "attributes": {"id": "S", "at": "N"}, "hash_key": "id", "range_key": "at", **fields}
    )


def test_table_lives_and_dies(bench):
    """A table is made with recovery, expiry and protection, changed and deleted in spite of the protection."""
    first = table(ttl_attribute="expires", deletion_protection=True, tags={"team": "a"})
    bench.lifecycle(
        "orders",
        first,
        first.model_copy(update={"ttl_attribute": "gone_at", "point_in_time_recovery": False}),
        first.model_copy(
            update={"billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 5, "tags": {"tier": "b"}}
        ),
    )


def test_vault_lives_and_dies(bench):
    """A vault is made, retagged and deleted."""
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    bench.lifecycle(
        "main", Vault(name="main", kms_key=key, tags={"team": "a"}), Vault(name="main", kms_key=key, tags={"tier": "b"})
    )


def rule(**fields):
    """A sound rule with some fields other."""
    return Rule(**{"name": "daily", "vault": "main", "delete_after_days": 35, **fields})


def test_plan_owns_its_rules(bench):
    """A plan is made, gets another rule and a copy, and is deleted."""
    bench.create("main", Vault(name="main"))
    copy = Copy(vault_arn="arn:aws:backup:eu-west-1:123456789012:backup-vault:main", delete_after_days=90)
    daily = rule(vault="${aws.backup.vault.main.id}")
    bench.lifecycle(
        "org",
        Plan(name="org", rules=[daily], tags={"team": "a"}),
        Plan(
            name="org", rules=[rule(copies=[copy]), rule(name="weekly", schedule="cron(0 5 ? * 1 *)")], tags={"b": "c"}
        ),
    )


def test_selection_lives_and_dies(bench):
    """A selection is made in a plan and ended, and the plan's set tells of it."""
    bench.create("main", Vault(name="main"))
    plan = bench.create("org", Plan(name="org", rules=[rule()]))
    chosen = Selection(
        plan="${aws.backup.plan.org.id}", name="all", role=ROLE, resources=["*"], with_tags={"backup": "yes"}
    )
    address = bench.create("all", chosen)
    assert bench.differences(address, chosen) == {}
    assert bench.observe(address, chosen).member_of == ("aws.backup.plan", bench.outputs[plan]["id"])
    bench.delete(address, chosen)


def test_pool_lives_and_dies(bench):
    """A pool is made with a second factor, changed and deleted in spite of its protection."""
    first = UserPool(name="customers", mfa="OPTIONAL", deletion_protection=True, tags={"team": "a"})
    bench.lifecycle(
        "customers",
        first,
        first.model_copy(update={"password_policy": PasswordPolicy(minimum_length=14), "sign_up": False}),
        first.model_copy(update={"mfa": "ON", "tags": {"tier": "b"}}),
    )


def test_client_lives_and_dies(bench):
    """A client signs users of a pool in; its lifetimes and URLs change."""
    bench.create("customers", UserPool(name="customers"))
    first = Client(
        pool="${aws.cognito.user_pool.customers.id}",
        name="shop",
        oauth_flows=["code"],
        oauth_scopes=["openid", "email"],
        callback_urls=["https://shop.example.com/back"],
    )
    bench.lifecycle("shop", first, first.model_copy(update={"access_token_minutes": 15, "hide_unknown_users": False}))


def test_resource_server_lives_and_dies(bench):
    """A resource server gets another scope and goes."""
    bench.create("customers", UserPool(name="customers"))
    pool = "${aws.cognito.user_pool.customers.id}"
    bench.lifecycle(
        "api",
        ResourceServer(pool=pool, identifier="https://api", name="api", scopes={"read": "Read"}),
        ResourceServer(pool=pool, identifier="https://api", name="API", scopes={"read": "Read", "write": "Write"}),
    )


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"name": "t"}, [("TW0485", "name")]),
        ({"range_key": "when"}, [("TW0490", "range_key"), ("TW0490", "attributes")]),
        ({"attributes": {"id": "S", "at": "N", "total": "N"}}, [("TW0490", "attributes")]),
        ({"billing_mode": "PROVISIONED"}, [("TW0494", "billing_mode")]),
        ({"read_capacity": 5}, [("TW0494", "billing_mode")]),
    ],
)
def test_table_constraints(fields, found):
    """What DynamoDB refuses of a table is found; what it takes is not."""
    assert problems(table(**fields)) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"cold_after_days": 30, "delete_after_days": 120}, []),
        ({"cold_after_days": 30, "delete_after_days": 119}, [("TW0491", "rules")]),
        ({"copies": [Copy(vault_arn="a", cold_after_days=1, delete_after_days=2)]}, [("TW0491", "rules")]),
        ({"schedule": "cron(0 5 * * * *)"}, [("TW0493", "rules")]),
        ({"start_window": 30}, [("TW0475", "rules")]),
        ({"continuous": True, "delete_after_days": 36}, [("TW0475", "rules")]),
        ({"name": "every day"}, [("TW0485", "rules")]),
    ],
)
def test_plan_constraints(fields, found):
    """What AWS Backup refuses of a rule is found; what it takes is not."""
    assert problems(Plan(name="org", rules=[rule(**fields)])) == found


def test_plan_rules_have_names_of_their_own():
    """Two rules of one name are refused."""
    assert problems(Plan(name="org", rules=[rule(), rule()])) == [("TW0494", "rules")]


def test_selection_selects_something():
    """A selection without resources and tags is refused."""
    assert problems(Selection(plan="p", name="s", role=ROLE, resources=["*"])) == []
    assert problems(Selection(plan="p", name="s", role=ROLE)) == [("TW0494", "resources")]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"password_policy": PasswordPolicy(minimum_length=5)}, [("TW0475", "password_policy")]),
        ({"password_policy": PasswordPolicy(temporary_days=366)}, [("TW0475", "password_policy")]),
        ({"username_attributes": ["nickname"]}, [("TW0481", "username_attributes")]),
        ({"name": "a/b"}, [("TW0485", "name")]),
    ],
)
def test_pool_constraints(fields, found):
    """What Cognito refuses of a pool is found; what it takes is not."""
    assert problems(UserPool(**{"name": "customers", **fields})) == found


CODE = {"oauth_flows": ["code"], "oauth_scopes": ["openid"], "callback_urls": ["https://a.example.com"]}
MACHINE = {"oauth_flows": ["client_credentials"], "oauth_scopes": ["api/read"], "generate_secret": True}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        (CODE, []),
        (MACHINE, []),
        ({**CODE, "callback_urls": ["http://localhost:3000"]}, []),
        ({**CODE, "callback_urls": ["http://a.example.com"]}, [("TW0492", "callback_urls")]),
        ({**CODE, "callback_urls": []}, [("TW0492", "callback_urls")]),
        ({**CODE, "oauth_scopes": []}, [("TW0492", "oauth_scopes")]),
        ({**MACHINE, "generate_secret": False}, [("TW0492", "generate_secret")]),
        ({**CODE, **MACHINE, "oauth_flows": ["code", "client_credentials"]}, [("TW0492", "oauth_flows")]),
        ({**CODE, "oauth_flows": ["password"]}, [("TW0481", "oauth_flows")]),
        ({"access_token_minutes": 4}, [("TW0475", "access_token_minutes")]),
        ({"id_token_minutes": 1441}, [("TW0475", "id_token_minutes")]),
        ({"refresh_token_days": 3651}, [("TW0475", "refresh_token_days")]),
    ],
)
def test_client_constraints(fields, found):
    """What Cognito refuses of a client is found; what it takes is not."""
    assert problems(Client(pool="us-east-1_1", name="shop", **fields)) == found


def test_resource_server_constraints():
    """Scopes have no slash, identifiers no space, and there are a hundred scopes at most."""
    many = {f"s{i}": "x" for i in range(101)}
    for fields, found in [
        ({}, []),
        ({"scopes": {"a/b": "x"}}, [("TW0485", "scopes")]),
        ({"identifier": "my api"}, [("TW0485", "identifier")]),
        ({"scopes": many}, [("TW0489", "scopes")]),
    ]:
        assert problems(ResourceServer(**{"pool": "p", "identifier": "api", "name": "api", **fields})) == found


def test_a_tables_indexes_come_and_go_without_the_table(bench):
    """One is added with the type of its key, one is made anew with what it copies, one goes; the table stays."""
    plain = Table(name="titles", attributes={"id": "S"}, hash_key="id")
    types = {"id": "S", "studio": "S", "released": "N"}
    index = Index(hash_key="studio", range_key="released")
    first = plain.model_copy(update={"attributes": types, "indexes": {"by-studio": index}})
    copies = {
        "by-studio": Index(hash_key="studio", projection="INCLUDE", include=["title", "length"]),
        "by-year": Index(hash_key="released", projection="KEYS_ONLY"),
    }
    bench.lifecycle("titles", plain, first, first.model_copy(update={"indexes": copies}), plain)
    assert {code for code, _ in problems(first.model_copy(update={"attributes": {"id": "S"}}))} == {"TW0490"}
    assert not Table.same("attributes", {"id": "N"}, {"id": "S"})
