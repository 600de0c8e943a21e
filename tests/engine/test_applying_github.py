"""A pipeline's part of GitHub goes through the applier: made once, mended when it drifts, gone when it is destroyed."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from rig import SCOPE, Rig

from twin.blueprints.compile import compile_spec
from twin.engine.check import problems
from twin.errors import SpecError
from twin.resources.call import Refused, github
from twin.resources.scope import Scope
from twin.spec.load import parse
from twin.world.saas.github import people

SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme-test, region: us-east-1}
github: {organization: acme}
delivery:
  roles:
    deploy: {repository: acme/infra, environments: [test], policies: [ReadOnlyAccess]}
    plan: {repository: acme/infra, pull_requests: true, policies: [ReadOnlyAccess]}
  pipeline:
    repository: acme/infra
    home: test
    gates: {test: {reviewers: [ada, ben], wait: 10m}, prod: {}}
resources:
  github.file:
    plan: {repository: acme/infra, path: .github/workflows/plan.yml, content: "on: push"}
environments: {test: {}, prod: {delivery: {roles: {deploy: {environments: [prod]}}}}}
"""
OWN = {
    "github.environment.test",
    "github.file.plan",
    "github.repository.infra",
    "github.ruleset.main",
    "github.variable.test-aws-region",
    "github.variable.test-aws-role-arn",
}
PLACE = "/repos/acme/infra/environments/test"
UNGUARDED = SPEC.replace("acme/infra, path", '"${github.repository.infra.full_name}", path')


def compiled(text=SPEC, environment="test"):
    """Return what a spec wants, and where."""
    return compile_spec(parse(text.encode(), Path("org.yaml"), environment, environ={}))


def wanted(text=UNGUARDED):
    """Return what a spec wants; its file is written before the ruleset stands."""
    return compiled(text)[0]


@pytest.fixture
def rig(tmp_path) -> Rig:
    """An empty world with the organisation of the spec and two people."""
    made = Rig(tmp_path, replace(SCOPE, github_organization="acme"))
    hub = made.world.vendors.github()
    for login in ("ada", "ben", "cem"):
        people.sign_up(hub, login)
        people.join(hub, "acme", login)
    return made


def ask(rig, method, path, body=None):
    """Call GitHub as the organisation's owner does."""
    return rig.target.systems["github"].execute(github(method, path, body))


@pytest.fixture
def built(rig) -> Rig:
    """The org applied: the file first, which the ruleset would keep out afterwards."""
    rig.build(wanted(UNGUARDED))
    return rig


def test_a_pipeline_is_made_with_one_plan_and_gone_with_another(built):
    """Everything is created, found again and destroyed; nothing of it is left."""
    assert {str(d.address) for d in wanted() if str(d.address).startswith("github.")} == OWN
    rules = {rule["type"]: rule for rule in ask(built, "GET", PLACE)["protection_rules"]}
    assert rules["wait_timer"]["wait_timer"] == 10
    assert [one["reviewer"]["login"] for one in rules["required_reviewers"]["reviewers"]] == ["ada", "ben"]
    role = ask(built, "GET", f"{PLACE}/variables/AWS_ROLE_ARN")["value"]
    assert role == "arn:aws:iam::123456789012:role/acme-test-deploy"
    assert built.destroy(wanted()).good
    assert built.owned() == []
    with pytest.raises(Refused, match="404"):
        ask(built, "GET", "/repos/acme/infra")


def test_what_drifts_is_mended(built):
    """A gate that is opened by hand, a rule that is off and another role's name are seen and undone."""
    (ruleset,) = ask(built, "GET", "/repos/acme/infra/rulesets")
    ask(built, "PUT", PLACE, {"reviewers": None})
    ask(built, "PUT", f"/repos/acme/infra/rulesets/{ruleset['id']}", {"enforcement": "disabled"})
    ask(built, "PATCH", f"{PLACE}/variables/AWS_ROLE_ARN", {"value": "arn:aws:iam::123456789012:role/other"})
    assert built.pending(wanted()) == {
        "github.environment.test": "update",
        "github.ruleset.main": "update",
        "github.variable.test-aws-role-arn": "update",
    }
    built.build(wanted())
    pattern = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
    ask(built, "PUT", PLACE, pattern)
    ask(built, "POST", f"{PLACE}/deployment-branch-policies", {"name": "*"})
    built.build(wanted())
    rows = ask(built, "GET", f"{PLACE}/deployment-branch-policies")["branch_policies"]
    assert [one["name"] for one in rows] == ["main"]


def test_a_change_of_a_kept_branch_wants_a_pull_request(built):
    """A workflow file is not written past the ruleset: the apply fails with GitHub's own words, and nothing changed."""
    changed = wanted(UNGUARDED.replace("on: push", "on: pull_request"))
    assert built.pending(changed) == {"github.file.plan": "update"}
    outcome = built.apply(changed)
    assert "Changes must be made through a pull request." in str(outcome.failed)
    held = ask(built, "GET", "/repos/acme/infra/contents/.github/workflows/plan.yml")
    assert base64.b64decode(held["content"]) == b"on: push"


def test_only_the_home_holds_the_repository():
    """Another environment makes its own gate, and its role trusts no other's jobs."""
    desired = compiled(environment="prod")[0]
    mine = {str(d.address) for d in desired if d.address.system == "github"} - {"github.file.plan"}
    assert mine == {"github.environment.prod", "github.variable.prod-aws-region", "github.variable.prod-aws-role-arn"}
    role = next(d.resource for d in desired if str(d.address) == "aws.iam.role.deploy")
    assert "environment:prod" in str(role.trust)
    assert "environment:test" not in str(role.trust)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("home: test", "home: dev", "TW0216"),
        ("wait: 10m", "wait: 31d", "TW0216"),
        ("[ada, ben]", "[a, b, c, d, e, f, g]", "TW0216"),
        ("[ada, ben]", "[-ada]", "TW0213"),
        ("github: {organization: acme}\n", "", "TW0301"),
        ("    deploy: {repository: acme/infra,", "    other: {repository: acme/infra,", "TW0301"),
    ],
    ids=["home", "wait", "reviewers", "login", "organisation", "role"],
)
def test_a_mistake_in_the_pipeline_is_told_at_its_line(old, new, code):
    """What cannot be is refused before anything is sent."""
    with pytest.raises(SpecError) as caught:
        compiled(SPEC.replace(old, new))
    assert code in {one.code for one in caught.value.diagnostics}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("path: .github", "path: x, name: .github", None),
        ("acme/infra, path", "other/infra, path", "TW0761"),
    ],
    ids=["unknown-field", "other-organisation"],
)
def test_raw_resources_are_checked(old, new, code):
    """A field that no type has, and a repository of somebody else."""
    if code is None:
        with pytest.raises(SpecError):
            compiled(SPEC.replace(old, new))
        return
    desired, scope = compiled(SPEC.replace(old, new))
    assert isinstance(scope, Scope)
    assert code in {problem.code for _, problem in problems(desired, scope)}
