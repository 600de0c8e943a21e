"""What orgs unlike the bundled one say: Aurora, log-ins by IAM, Regions in full, budgets of a part of the costs."""

import pytest

from tests.blueprints.built import NETWORK, build, refused, spec_of
from twin.errors import SpecError
from twin.resources.catalogue import catalogue
from twin.spec.suggest import nearest_type

LEDGER = "{engine: aurora-postgresql, version: '16.9', instance_class: db.r6g.large, subnets: data%s}"
ORDERS = "{engine: postgres, version: '16.9', instance_class: db.t4g.medium, subnets: data, storage: 20GiB%s}"


def databases(ledger: str = "", orders: str = "") -> str:
    """An org with an Aurora cluster and a database instance."""
    return f"{NETWORK}compute: {{databases: {{ledger: {LEDGER % ledger}, orders: {ORDERS % orders}}}}}\n"


def test_aurora_is_a_cluster_with_its_instances_and_is_named_as_one() -> None:
    """Storage, log-ins and keys are the cluster's; alarms, records, backups and statements are about it."""
    built = build(
        databases(", readers: 2")
        + """\
iam: {roles: {app: {service: ec2.amazonaws.com, statements: [{actions: ["rds:DescribeDBClusters"],
      resources: [compute.databases.ledger]}]}}}
audit: {topics: {t: {}}, alarms: {a: {namespace: AWS/RDS, metric: CPUUtilization, on: compute.databases.ledger,
        threshold: 80, notify: [t]}}}
dns: {zones: {in: {domain: acme.internal, private: true,
      records: [{name: ledger, type: CNAME, target: compute.databases.ledger}]}}}
backup: {vault: main, plans: {daily: {schedule: cron(0 3 * * ? *), retention: 7d, items: [compute.databases.ledger]}}}
"""
    )
    assert built.problems() == []
    assert built.names("aws.rds.instance") == ["orders"]
    assert built.names("aws.rds.cluster_instance") == ["ledger-1", "ledger-2", "ledger-3"]
    cluster = built.get("aws.rds.cluster", "ledger")
    assert (cluster.port, cluster.iam_authentication, cluster.password) == (5432, True, None)
    assert built.get("aws.ec2.security_group", "db-ledger").name == "acme-test-db-ledger"
    arn = "arn:aws:rds:us-east-1:111122223333:cluster:acme-test-ledger"
    assert built.get("aws.iam.policy", "app").policy["Statement"][0]["Resource"] == arn
    assert built.get("aws.backup.selection", "daily").resources == [arn]
    assert built.get("aws.cloudwatch.alarm", "a").dimensions == {"DBClusterIdentifier": "acme-test-ledger"}
    assert built.get("aws.route53.record", "in-ledger-cname").records == ["${aws.rds.cluster.ledger.endpoint}"]


def test_aurora_follows_the_orgs_own_region_in_a_global_database() -> None:
    """The cluster elsewhere joins it without a master user; in the own Region nothing can be followed."""
    regions = "regions: {us-west-2: {network: {cidr: 10.9.0.0/16}, compute: {databases: {ledger: {%s}}}}}\n"
    built = build(databases() + regions % "replica_of: us-east-1, readers: 0")
    assert built.problems() == []
    assert built.get("aws.rds.global_cluster", "ledger").source == "${aws.rds.cluster.ledger.arn}"
    follower = built.get("aws.rds.cluster", "ledger@us-west-2")
    assert follower.global_cluster == "${aws.rds.global_cluster.ledger.id}"
    assert (follower.username, follower.database) == (None, None)
    assert built.names("aws.rds.cluster_instance") == ["ledger-1", "ledger-1@us-west-2", "ledger-2"]
    alone = build(databases() + regions % "readers: 0")
    assert alone.names("aws.rds.global_cluster") == []
    assert {code for code, _ in refused(databases(", replica_of: us-west-2") + regions % "readers: 0")} == {"TW0737"}


@pytest.mark.parametrize(
    ("ledger", "orders", "code"),
    [
        (", storage: 20GiB", "", "TW0214"),
        (", multi_az: false", "", "TW0214"),
        (", replicas: 1", "", "TW0214"),
        ("", ", readers: 1", "TW0214"),
    ],
)
def test_what_the_other_kind_of_database_has_is_refused(ledger: str, orders: str, code: str) -> None:
    """A cluster has readers and storage that grows, an instance a size, a standby and replicas."""
    with pytest.raises(SpecError) as error:
        spec_of(databases(ledger, orders))
    assert [d.code for d in error.value.diagnostics] == [code]


def test_a_database_instance_has_a_size() -> None:
    """Without it the engine's own requirement is named."""
    with pytest.raises(SpecError) as error:
        spec_of(databases().replace(", storage: 20GiB", ""))
    assert [(d.code, "storage" in d.message) for d in error.value.diagnostics] == [("TW0105", True)]


def login(resource: str, *more: str) -> str:
    """An org with a role that logs in to something."""
    actions = ", ".join(f'"{action}"' for action in ("rds-db:connect", *more))
    statement = f"{{actions: [{actions}], resources: [{resource}]}}"
    return databases() + f"iam: {{roles: {{app: {{service: pods.eks.amazonaws.com, statements: [{statement}]}}}}}}\n"


def test_a_log_in_by_iam_is_about_a_user_of_the_database() -> None:
    """Its ARN has the database's resource id; the database's own ARN would let nobody in."""
    built = build(login("compute.databases.ledger/app"))
    (statement,) = built.get("aws.iam.policy", "app").policy["Statement"]
    assert statement["Resource"] == (
        "arn:aws:rds-db:us-east-1:111122223333:dbuser:${aws.rds.cluster.ledger.resource_id}/app"
    )
    assert "${aws.rds.instance.orders.resource_id}/app" in str(
        build(login("compute.databases.orders/app")).get("aws.iam.policy", "app").policy
    )
    assert [code for code, _ in refused(login("compute.databases.ledger"))] == ["TW0724"]
    assert [code for code, _ in refused(login("compute.databases.ledger/app", "rds:StartDBCluster"))] == ["TW0724"]


def test_a_role_of_pods_takes_the_tags_of_their_sessions_and_one_of_people_a_second_factor() -> None:
    """EKS passes session tags; `mfa` stands in the trust of those who are no service."""
    (trust,) = build(login("'*'")).get("aws.iam.role", "app").trust["Statement"]
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    glass = build("iam: {users: {ann: {access_keys: 0}}, roles: {glass: {users: [ann], mfa: true, session: 2h}}}\n")
    role = glass.get("aws.iam.role", "glass")
    assert role.trust["Statement"][0]["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert role.max_session == 7200


def test_a_budget_counts_a_tag_or_a_service_by_the_name_that_bills_have() -> None:
    """A service that no bill names would count nothing."""
    one = "billing: {budgets: {b: {monthly: 1, %s, notify: [a@acme.example]}}}\n"
    assert build(one % "tag: {team: web}").get("aws.budgets.budget", "b").filters == {"TagKeyValue": ["user:team$web"]}
    assert build(one % "service: AWS Lambda").problems() == []
    assert [d.code for d in build(one % "service: Amazon EC2").problems()] == ["TW0481"]


def test_a_key_is_renewed_as_often_as_it_says() -> None:
    """A year is KMS's own; what KMS would refuse is refused."""
    key = "encryption: {keys: {k: {purpose: P, rotate_every: %s}}}\n"
    assert build(key % "90d").get("aws.kms.key", "k").rotation_days == 90
    with pytest.raises(SpecError) as error:
        spec_of(key % "30d")
    assert [(d.code, "90d to 2560d" in d.message) for d in error.value.diagnostics] == [("TW0201", True)]


def test_a_table_has_indexes_whose_keys_have_one_type() -> None:
    """What an index copies is all, some or the keys alone; an attribute of two types is refused."""
    table = "data: {tables: {titles: {hash_key: {name: id}, indexes: {%s}}}}\n"
    built = build(table % "studios: {hash_key: {name: studio}, range_key: {name: at, type: number}, copies: [title]}")
    made = built.get("aws.dynamodb.table", "titles")
    assert made.attributes == {"id": "S", "studio": "S", "at": "N"}
    assert (made.indexes["studios"].projection, made.indexes["studios"].include) == ("INCLUDE", ["title"])
    assert built.problems() == []
    with pytest.raises(SpecError) as error:
        spec_of(table % "again: {hash_key: {name: id, type: number}}")
    assert [d.code for d in error.value.diagnostics] == ["TW0214"]


TWO = (
    NETWORK.replace("azs: 2", "azs: 3")
    + """\
iam: {roles: {app: {service: ec2.amazonaws.com, statements: [{actions: ["rds:DescribeDBInstances"],
      resources: [compute.databases.orders]}]}}}
delivery: {roles: {deploy: {repository: acme/infra, branches: [main]}}}
encryption: {keys: {data: {purpose: Data, admins: [deploy]}}}
compute: {databases: {orders: %s}}
audit: {guardduty: {}}
resources: {aws.guardduty.detector: {main@us-west-2: {publishing: SIX_HOURS}}}
regions: {us-west-2: {network: {cidr: 10.9.0.0/16}, compute: {databases: null}}}
"""
    % (ORDERS % "")
)


def test_each_region_has_quotas_and_singletons_of_its_own() -> None:
    """Three NAT gateways and a detector in each of two Regions are within what AWS lets one have."""
    built = build(TWO)
    assert len(built.names("aws.ec2.elastic_ip")) == 6
    assert built.names("aws.guardduty.detector") == ["main", "main@us-west-2"]
    assert built.problems() == []
    more = "".join(f", x{n}: {{}}" for n in range(3))
    crowded = build(TWO.replace("\nresources: {", f"\nresources: {{aws.ec2.elastic_ip: {{{more[2:]}}}, "))
    assert {d.code for d in crowded.problems()} == {"TW0406"}


def test_identities_are_the_accounts_wherever_a_region_lacks_what_they_may_do() -> None:
    """A Region without the database has no fault in a role's statement about it, nor one in a key's administrator."""
    built = build(TWO)
    assert "aws.rds.instance" not in {d.address.type for d in built.desired if d.address.region}
    assert built.names("aws.kms.key") == ["data", "data@us-west-2"]


def test_what_only_a_region_lacks_says_which_region() -> None:
    """The place is in what all Regions share, where nothing looks wrong."""
    with pytest.raises(SpecError) as error:
        build(TWO.replace("compute: {databases: null}", "encryption: null, data: {buckets: {b: {key: data}}}"))
    assert [d.notes[-1] for d in error.value.diagnostics] == ["so it is in us-west-2, as `regions.us-west-2` has it"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("aws.lambda.function", None),
        ("aws.cloudfront.distribution", None),
        ("aws.dynamo.table", "aws.dynamodb.table"),
        ("aws.rds.proxy", "aws.rds.replica"),
        ("bucket", "aws.s3.bucket"),
    ],
)
def test_a_type_of_a_service_that_is_not_covered_is_likened_to_none_of_another(written: str, meant: str | None) -> None:
    """A function of Lambda is no selection of AWS Backup; a misspelt service is found all the same."""
    assert nearest_type(written, catalogue()) == meant
