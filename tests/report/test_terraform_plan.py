"""A plan in Terraform's form: its members, its arguments by the provider's own schema, and checkov, where it is."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from twin.address import Address
from twin.blueprints.compile import compile_spec
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import Snapshot
from twin.engine.state import State
from twin.engine.target import Target
from twin.report.terraform.document import document
from twin.report.terraform.equal import table
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.resource import Observed
from twin.spec.load import load

ROOT = Path(__file__).parents[2]
ARGUMENTS = json.loads((Path(__file__).parent / "terraform_arguments.json").read_text())["types"]
VENDORS = yaml.safe_load((Path(__file__).parent / "terraform_vendors.yaml").read_text())["types"]
# What a plan's JSON has, whoever wrote it: https://developer.hashicorp.com/terraform/internals/json-format
PLAN = {
    "format_version", "terraform_version", "planned_values", "resource_changes", "configuration", "prior_state",
    "variables", "output_changes", "resource_drift", "relevant_attributes", "checks", "timestamp", "errored",
    "applyable", "complete",
}  # fmt: skip
CHANGE = {"actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive", "replace_paths",
          "importing", "generated_config"}  # fmt: skip
RESOURCE = {"address", "previous_address", "module_address", "mode", "type", "name", "index", "deposed", "change",
            "provider_name", "action_reason"}  # fmt: skip
ACTIONS = (["no-op"], ["create"], ["read"], ["update"], ["delete"], ["delete", "create"], ["create", "delete"])
CHECKOV = shutil.which("checkov")
TRUE_FINDINGS = {"CKV_AWS_273", "CKV_AWS_274", "CKV2_AWS_71"}
"""Of the mini org: a user of IAM, an administrator, a certificate with a wildcard. All three are in its spec."""


@pytest.fixture(scope="module")
def org():
    """What the mini org wants in production."""
    return compile_spec(load(ROOT / "specs" / "mini-org.yaml", "prod", environ={}))


def made(org, *, snapshot=None, destroy=False):
    """Plan an org on what was observed, which is nothing unless told."""
    desired, scope = org
    request = Request(desired, snapshot or Snapshot(), State(), Target("twin", {}, scope))
    return (plan_destroy if destroy else plan)(request).plan


@pytest.fixture(scope="module")
def first(org):
    """The plan that makes the whole mini org, in both forms."""
    planned = made(org)
    return planned, document(planned, org[0])


def misfits(where, arguments, schema):
    """Yield what the provider's schema does not know, and what it asks for and is not there."""
    for name, value in arguments.items():
        if isinstance(value, list) and name in schema.get("blocks", {}):
            for item in value:
                yield from misfits(f"{where}.{name}", item, schema["blocks"][name])
        elif name not in schema["arguments"]:
            yield f"{where}: no argument {name}"
    yield from (f"{where}: lacks {name}" for name in schema["required"] if name not in arguments)


def test_every_argument_is_one_of_the_providers(first):
    """Each resource of AWS by the schema that the provider itself prints; an argument that is none is found."""
    written = first[1].document["configuration"]["root_module"]["resources"]
    aws = [one for one in written if one["type"].startswith("aws_")]
    assert len(aws) > 200
    assert [line for one in aws for line in misfits(one["address"], one["expressions"], ARGUMENTS[one["type"]])] == []
    wrong = {"bucket": {"constant_value": "a"}, "versioning_configuration": [{"state": {"constant_value": "on"}}]}
    schema = ARGUMENTS["aws_s3_bucket_versioning"]
    assert len(list(misfits("x", wrong, schema))) == 2


def test_every_argument_of_the_other_vendors_is_one_of_the_providers(first):
    """Cloudflare's and Okta's, by what their documentation has; a zone without its account is found."""
    written = first[1].document["configuration"]["root_module"]["resources"]
    others = [one for one in written if not one["type"].startswith("aws_")]
    assert {one["type"].partition("_")[0] for one in others} == {"cloudflare", "okta"}
    assert [line for one in others for line in misfits(one["address"], one["expressions"], VENDORS[one["type"]])] == []
    assert list(misfits("x", {"name": {}}, VENDORS["cloudflare_zone"])) == ["x: lacks account"]


def test_the_plan_has_the_form_that_terraform_documents(first):
    """What conftest and infracost read: no member that is none, and the actions in the seven ways that there are."""
    told = first[1].document
    assert told.keys() <= PLAN
    assert told["format_version"].split(".")[0] == "1"
    for one in told["resource_changes"]:
        assert one.keys() <= RESOURCE, one.keys() - RESOURCE
        assert one["change"].keys() <= CHANGE, one["change"].keys() - CHANGE
        assert {"actions", "before", "after", "after_unknown"} <= one["change"].keys()
        assert one["change"]["actions"] in ACTIONS
        assert (one["change"]["before"] is None) is (one["change"]["actions"] == ["create"])
        assert (one["mode"], one["address"]) == ("managed", f"{one['type']}.{one['name']}")


def test_every_type_in_the_table_is_ours_and_theirs():
    """Fields, outputs and references of the table exist on our side, the types on the provider's."""
    for type_, row in table().items():
        fields = catalogue()[type_].model_fields
        assert {*row.fields, *row.json, *row.inherits.values()} <= fields.keys(), type_
        assert row.outputs.keys() <= set(catalogue()[type_].OUTPUTS), type_
        assert row.type in (ARGUMENTS if type_.startswith("aws.") else VENDORS), type_


def test_every_change_is_written_or_counted(first):
    """No address stands twice; what has no equal makes the plan incomplete, and is told by type."""
    planned, written = first
    told = written.document
    addresses = [one["address"] for one in told["resource_changes"]]
    assert len(addresses) == len(set(addresses))
    names = {(one["type"], one["name"]) for one in told["resource_changes"]}
    assert sum(written.left_out.values()) + sum(c.address.type in table() for c in planned.changes) == len(
        planned.changes
    )
    assert all(any(name == c.address.name for _, name in names) for c in planned.changes if c.address.type in table())
    assert written.left_out["cloudflare.ruleset"] == 3
    assert (told["complete"], told["applyable"], told["errored"]) == (False, True, False)
    assert (told["format_version"], told["terraform_version"]) == ("1.2", "1.11.4")


def test_references_lead_to_resources_of_the_plan(first):
    """What an expression names is configured, by its attribute and by itself; what apply will tell is not known yet."""
    root = first[1].document["configuration"]["root_module"]["resources"]
    addresses = {one["address"] for one in root}
    found = [name for one in root for name in named(one["expressions"])]
    assert len(found) > 200
    assert {".".join(name.split(".")[:2]) for name in found} <= addresses
    subnet = next(one for one in root if one["address"] == "aws_subnet.public-a")
    assert subnet["expressions"]["vpc_id"] == {"references": ["aws_vpc.main.id", "aws_vpc.main"]}
    change = next(c for c in first[1].document["resource_changes"] if c["address"] == "aws_subnet.public-a")["change"]
    assert change["after_unknown"]["vpc_id"] is True
    assert "vpc_id" not in change["after"]


def named(expressions):
    """Yield every reference in expressions, nested blocks too."""
    for value in expressions.values():
        if isinstance(value, list):
            for item in value:
                yield from named(item)
        else:
            yield from value.get("references", ())


def test_actions_are_terraforms(org):
    """An update, a removal, a creation, and nothing to do; each with what stands before it."""
    desired, scope = Desired(), org[1]
    topic, queue = catalogue()["aws.sns.topic"], catalogue()["aws.sqs.queue"]
    desired.add("same", topic(name="same"), ())
    desired.add("other", topic(name="other", display_name="new"), ())
    desired.add("line", queue(name="line", fifo=False), ())
    fields = {"fifo": False, "display_name": "", "tags": {}}
    seen = [
        Observed(name, {"name": name, **fields}, {}, Address("aws.sns.topic", name))
        for name in ("same", "other", "gone")
    ]
    matched = {one.owner: one for one in seen[:2]}
    snapshot = Snapshot({"aws.sns.topic": seen}, matched)
    told = document(made((desired, scope), snapshot=snapshot), desired).document["resource_changes"]
    actions = {one["address"]: one["change"]["actions"] for one in told}
    assert actions == {
        "aws_sns_topic.same": ["no-op"],
        "aws_sns_topic.other": ["update"],
        "aws_sns_topic.gone": ["delete"],
        "aws_sqs_queue.line": ["create"],
    }
    change = next(one for one in told if one["address"] == "aws_sns_topic.other")["change"]
    assert (change["before"]["display_name"], change["after"]["display_name"]) == ("", "new")
    gone = next(one for one in told if one["address"] == "aws_sns_topic.gone")["change"]
    assert (gone["before"]["name"], gone["after"]) == ("gone", None)


def test_a_replica_is_as_encrypted_as_its_source(first):
    """RDS says so nowhere in the replica; a tool that asks for encryption must not take it for plain."""
    root = first[1].document["planned_values"]["root_module"]["resources"]
    replica = next(one for one in root if one["name"] == "orders-replica-1")
    assert replica["values"]["storage_encrypted"] is True


@pytest.mark.skipif(CHECKOV is None, reason="needs checkov on the PATH: uv tool install checkov")
def test_checkov_scans_it(first, tmp_path):
    """More than a hundred resources; what it finds is in the spec, and nothing by a reference that it cannot follow."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(first[1].document))
    words = ["-f", file, "--framework", "terraform_plan", "-o", "json", "--quiet", "--skip-download"]
    done = subprocess.run([CHECKOV, *map(str, words)], capture_output=True, text=True, check=False, timeout=300)
    told = json.loads(done.stdout)
    told = told[0] if isinstance(told, list) else told
    failed = {one["check_id"] for one in told["results"]["failed_checks"]}
    assert told["summary"]["resource_count"] > 100
    assert told["summary"]["passed"] > 300
    assert failed >= TRUE_FINDINGS
    assert "CKV_AWS_16" not in failed
