"""A plan in Terraform's form holds what Terraform's own hold, as a table has it that was read from those."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from twin.address import Address
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import Snapshot
from twin.engine.state import Entry, State
from twin.engine.target import Target
from twin.report.terraform.document import document
from twin.report.terraform.equal import blocks
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.resource import Observed
from twin.resources.scope import Scope

HERE = Path(__file__).parent
FACTS = yaml.safe_load((HERE / "terraform_plan_facts.yaml").read_text())
SCOPE = Scope("acme", "prod", "123456789012")
AT = datetime(2026, 11, 29, 14, 57, 46, tzinfo=UTC)
OLD = {
    "sns.topic.news": {"name": "news"},
    "s3.bucket.lake": {"bucket": "acme-lake", "tags": {"team": "data"}},
    "dynamodb.table.jobs": {"name": "jobs", "attributes": {"id": "S"}, "hash_key": "id"},
    "ec2.vpc.main": {"cidr_block": "10.0.0.0/16"},
    "rds.instance.orders": {
        "name": "orders", "engine": "postgres", "engine_version": "16.9", "instance_class": "db.t4g.medium",
        "allocated_storage": 20, "username": "boss", "password": "env:BOSS",
    },
}  # fmt: skip
IDS = {
    "sns.topic.news": "arn:aws:sns:us-east-1:123456789012:news", "s3.bucket.lake": "acme-lake",
    "dynamodb.table.jobs": "jobs", "ec2.vpc.main": "vpc-1", "rds.instance.orders": "orders",
}  # fmt: skip
ARNS = {"sns.topic.news": IDS["sns.topic.news"], "s3.bucket.lake": "arn:aws:s3:::acme-lake"}
NEW = {
    "sns.topic.news": {"name": "news", "display_name": "News"},
    "s3.bucket.lake": {"bucket": "acme-lake-2", "tags": {"team": "data"}},
    "dynamodb.table.jobs": {"name": "jobs", "attributes": {"k": "S"}, "hash_key": "k"},
    "ec2.vpc.main": {"cidr_block": "10.0.0.0/16"},
}


def wishes(written):
    """Declare resources."""
    desired = Desired()
    for words, fields in written.items():
        type_, _, name = f"aws.{words}".rpartition(".")
        desired.add(name, catalogue()[type_](**fields), ())
    return desired


def there(written, wanted):
    """Say that resources stand as they were declared; those that are wanted are paired with what they are."""
    seen = {}
    for words, fields in written.items():
        type_, _, name = f"aws.{words}".rpartition(".")
        owner = Address(type_, name)
        values = {k: v for k, v in catalogue()[type_](**fields).values().items() if k != "password"}
        tags = {"tags": fields.get("tags", {})}
        outputs = {"arn": ARNS[words]} if words in ARNS else {}
        seen[owner] = Observed(IDS[words], {**values, **tags}, outputs, owner)
    by_type = {}
    for owner, one in seen.items():
        by_type.setdefault(owner.type, []).append(one)
    return Snapshot(by_type, {owner: one for owner, one in seen.items() if owner in wanted})


@pytest.fixture(scope="module")
def told():
    """The three plans: nothing there, something else there, and all of it to go."""
    first = Request(wishes(OLD), Snapshot(), State(), Target("twin", {}, SCOPE))
    second = Request(new := wishes(NEW), there(OLD, new), State(), Target("twin", {}, SCOPE))
    third = Request(old := wishes(OLD), there(OLD, old), State(), Target("twin", {}, SCOPE))
    plans = plan(first).plan, plan(second).plan, plan_destroy(third).plan
    return [document(p, r.desired, at=AT).document for p, r in zip(plans, (first, second, third), strict=True)]


def by_address(items):
    """Return resources by their addresses."""
    return {one["address"]: one for one in items}


def test_a_plan_has_the_members_that_terraforms_has(told):
    """All of them, the state before where something is there, and the instant that it is given."""
    always, there_ = set(FACTS["plan"]["always"]), set(FACTS["plan"]["with something there"])
    refer = set(FACTS["plan"]["with references"])
    assert [one.keys() for one in told] == [always | refer, always | there_ | refer, always | there_ | refer]
    assert {one["timestamp"] for one in told} == {"2026-11-29T14:57:46Z"}
    assert told[0]["planned_values"]["root_module"]["resources"][0].keys() == set(FACTS["planned"])
    assert told[1]["prior_state"].keys() == set(FACTS["prior_state"])
    assert told[1]["configuration"]["root_module"]["resources"][0].keys() == set(FACTS["configured"])
    assert {one["configuration"]["provider_config"]["aws"].keys() == set(FACTS["provider"]) for one in told} == {True}
    assert all(fact in told[1]["relevant_attributes"] for fact in FACTS["relevant_attributes"])


def test_a_change_has_the_members_that_terraforms_has(told):
    """A replacement says for what, a removal why; where all is destroyed there is no reason to tell."""
    always, change = set(FACTS["resource"]["always"]), set(FACTS["change"]["always"])
    for one in (one for document_ in told for one in document_["resource_changes"]):
        replaced = len(one["change"]["actions"]) == 2
        assert one["change"].keys() == change | ({"replace_paths"} if replaced else set()), one["address"]
        assert one.keys() - {"action_reason"} == always
    first, second, third = (by_address(one["resource_changes"]) for one in told)
    assert {one.get("action_reason") for one in (*first.values(), *third.values())} == {None}
    reasons = {tuple(sorted(one["change"]["actions"])): one.get("action_reason") for one in second.values()}
    assert reasons == {
        ("create", "delete"): FACTS["reasons"]["replacement"], ("delete",): FACTS["reasons"]["removal"],
        ("no-op",): None, ("update",): None,
    }  # fmt: skip
    paths = {name: one["change"]["replace_paths"] for name, one in second.items() if "replace_paths" in one["change"]}
    assert {name: paths.get(name) for name in FACTS["replace_paths"]} == FACTS["replace_paths"]


def test_what_is_known_of_what_stands_is_told(told):
    """Its id and ARN, its tags as all tags, and for its parts what they are parts of; a new one has them to come."""
    changes = by_address(told[1]["resource_changes"])
    for moment in ("before", "after"):
        for name, known in FACTS[f"known {moment}"].items():
            assert {k: changes[name]["change"][moment].get(k) for k in known} == known, (name, moment)
    for name, names in FACTS["unknown after"].items():
        assert [k for k in names if changes[name]["change"]["after_unknown"].get(k) is not True] == [], name
    lake = changes["aws_s3_bucket.lake"]["change"]
    assert lake["after"]["tags_all"] == lake["after"]["tags"]
    state = by_address(told[1]["prior_state"]["values"]["root_module"]["resources"])
    assert state["aws_s3_bucket.lake"]["values"]["id"] == "acme-lake"
    assert by_address(told[2]["configuration"]["root_module"]["resources"]).keys() >= {"aws_db_instance.orders"}


def test_a_secret_is_masked_and_not_told(told):
    """The database's password: no value and no source of it, and a mask in each place that has one."""
    assert "BOSS" not in json.dumps(told)
    change = by_address(told[0]["resource_changes"])["aws_db_instance.orders"]["change"]
    planned = by_address(told[0]["planned_values"]["root_module"]["resources"])["aws_db_instance.orders"]
    assert (change["after_sensitive"], change["before_sensitive"]) == ({"password": True}, False)
    assert planned["sensitive_values"] == {"password": True}


def test_policies_say_of_it_what_they_say_of_terraforms(told):
    """Policies as people run them with conftest, on each plan, by a real interpreter of Rego, where there is one."""
    regopy = pytest.importorskip("regopy", reason="needs an interpreter of Rego: pip install regopy")

    def asked(document_, rule):
        rego = regopy.Interpreter()
        rego.add_module("policies", (HERE / "terraform_policies.rego").read_text())
        rego.set_input(document_)
        return set(json.loads(str(rego.query(f"data.main.{rule}")))["expressions"][0])

    gone = {f"{name} would be destroyed" for name in ("aws_db_instance.orders", "aws_dynamodb_table.jobs",
                                                      "aws_s3_bucket.lake")}  # fmt: skip
    assert asked(told[0], "deny") == {"aws_dynamodb_table.jobs lacks tag team"}
    assert asked(told[1], "deny") == gone | {"aws_dynamodb_table.jobs lacks tag team"}
    assert asked(told[2], "deny") == gone
    assert "aws_s3_bucket.lake is replaced for bucket: replace_because_cannot_update" in asked(told[1], "warn")


def test_lock_of_a_bucket_is_a_resource_of_its_own():
    """And the bucket is made for it; without a default retention there is no rule, without a lock nothing."""

    def told(lock):
        given = {"bucket": "b", "object_lock": lock} if lock else {"bucket": "b"}
        own, *parts = blocks(Address("aws.s3.bucket", "b"), given, {})
        (found,) = [p.arguments for p in parts if p.type.endswith("_object_lock_configuration")] or [None]
        return own.arguments.get("object_lock_enabled"), found

    reference = {"bucket": "${aws.s3.bucket.b.id}"}
    rule = [{"default_retention": [{"mode": "COMPLIANCE", "days": 30}]}]
    assert told({"mode": "COMPLIANCE", "days": 30, "years": None}) == (True, reference | {"rule": rule})
    assert told({"mode": None, "days": None, "years": None}) == (True, reference)
    assert told(None) == (None, None)


def test_scaling_policy_is_written_as_its_provider_has_it():
    """What is tracked, or the steps."""

    def told(**fields):
        (own,) = blocks(Address("aws.autoscaling.policy", "p"), {"name": "p", "group": "g", **fields}, {})
        return own.arguments

    tracked = told(target=60, predefined="ASGAverageCPUUtilization", scale_in=False)["target_tracking_configuration"]
    kind = [{"predefined_metric_type": "ASGAverageCPUUtilization"}]
    assert tracked == [{"target_value": 60, "disable_scale_in": True, "predefined_metric_specification": kind}]
    metric = {"namespace": "Shop", "name": "Busy", "statistic": "Average", "unit": None, "dimensions": {"a": "b"}}
    (own,) = told(target=60, metric=metric)["target_tracking_configuration"][0]["customized_metric_specification"]
    assert (own["metric_name"], own["metric_dimension"]) == ("Busy", [{"name": "a", "value": "b"}])
    steps = told(adjustment="ChangeInCapacity", steps=[{"low": 0, "high": None, "change": 2}])
    assert steps["step_adjustment"] == [{"metric_interval_lower_bound": 0, "scaling_adjustment": 2}]
    assert (steps["policy_type"], steps["adjustment_type"]) == ("StepScaling", "ChangeInCapacity")


@pytest.fixture(scope="module")
def org():
    """A topic, one that will be gone, a log group and a role, as the spec that moved on wants them, and as applied."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
             "Action": "sts:AssumeRole"}]}  # fmt: skip
    applied = {
        "sns.topic.news": {"name": "news", "display_name": "News", "tags": {"team": "a"}},
        "sns.topic.gone": {"name": "gone"}, "logs.group.g": {"name": "g", "retention_days": 7},
        "iam.role.r": {"name": "r", "trust": trust},
    }  # fmt: skip
    return applied, {**applied, "logs.group.g": {"name": "g", "retention_days": 14}}


def planned(org, hand):
    """Plan the org after a hand changed things, with a state of what was applied."""
    applied, new = org
    ids = {words: f"id-of-{words}" for words in applied}
    state, seen = State(known=True), {}
    for words, fields in applied.items():
        type_, _, name = f"aws.{words}".rpartition(".")
        owner, values = Address(type_, name), catalogue()[type_](**fields).values()
        state.entries[owner] = Entry(ids[words], values)
        if hand.get(words, {}) is not None:
            seen[owner] = Observed(ids[words], {**values, **hand.get(words, {})}, {}, owner)
    by_type = {}
    for owner, one in seen.items():
        by_type.setdefault(owner.type, []).append(one)
    wanted = wishes(new)
    made = plan(Request(wanted, Snapshot(by_type, seen), state, Target("twin", {}, SCOPE))).plan
    return document(made, wanted, at=AT, state=state).document


HAND = {
    "sns.topic.news": {"display_name": "Changed", "tags": {"team": "a", "by": "hand"}},
    "sns.topic.gone": None, "logs.group.g": {"retention_days": 30},
}  # fmt: skip


def test_what_somebody_else_changed_is_told_as_terraform_tells_it(org):
    """From how it was applied to how it is, also where the spec has moved; beside it stands what the plan does."""
    told, facts = planned(org, HAND), FACTS["drift"]
    drift, changes = by_address(told["resource_drift"]), by_address(told["resource_changes"])
    assert [one["address"] for one in told["resource_drift"]] == sorted(facts["actions"])
    assert {name: one["change"]["actions"] for name, one in drift.items()} == facts["actions"]
    assert {name: one["change"]["actions"] for name, one in changes.items()} == facts["changes"]
    for one in drift.values():
        assert (set(one), set(one["change"])) == (set(facts["always"]), set(facts["change"])), one["address"]
    for moment in ("before", "after"):
        for name, known in facts[moment].items():
            found = drift[name]["change"][moment]
            tags = {k: v for k, v in found.get("tags", {}).items() if not k.startswith("twin:")}
            assert {**{k: found.get(k) for k in known}, **({"tags": tags} if "tags" in known else {})} == known, name
    gone = drift["aws_sns_topic.gone"]["change"]
    assert (gone["after"], gone["after_sensitive"], gone["before"]["name"]) == (None, False, "gone")
    state = by_address(told["prior_state"]["values"]["root_module"]["resources"])
    assert state["aws_cloudwatch_log_group.g"]["values"]["retention_in_days"] == 30


def test_where_nobody_else_changed_anything_no_drift_is_told(org):
    """Not even an empty list, as in Terraform's own; and without a state nothing is known of it."""
    told = planned(org, {})
    assert ("resource_drift" in told, told["applyable"], told["complete"], told["errored"]) == (
        False,
        True,
        True,
        False,
    )
    moved = planned((org[0], org[0]), {"logs.group.g": {"retention_days": 30}})
    assert [one["address"] for one in moved["resource_drift"]] == ["aws_cloudwatch_log_group.g"]
