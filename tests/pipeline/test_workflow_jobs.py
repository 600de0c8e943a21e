"""The jobs of the generated workflows, really carried out: in a shell, with tokens, up to the accounts."""

import base64
import copy
import json
from pathlib import Path

import pytest
import yaml
from accounts import NUMBERS, end, start
from desk import Desk
from machine import Hub, Machine

from twin.blueprints.workflow_files import FOLDER, workflow_files
from twin.spec.load import parse
from twin.world.saas.github.issuer import ISSUER, keys
from twin.world.saas.github.pushes import write

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REPOSITORY = "acme/infra"
MEMBERS = ("ada", "ben")
GATE = {"reviewers": ["ben"]}
PIPED = f"""
github: {{organization: acme}}
delivery:
  pipeline: {{repository: {REPOSITORY}, home: prod, gates: {{prod: {{}}}}}}
  promotion: {{scenarios: [F1]}}
  roles:
    deploy: {{repository: {REPOSITORY}, environments: [prod], policies: [PowerUserAccess]}}
    plan: {{repository: {REPOSITORY}, pull_requests: true, policies: [ReadOnlyAccess]}}"""


def delivery(environment, **promotion):
    """Return how an environment is delivered to."""
    roles = {
        "deploy": {"repository": REPOSITORY, "environments": [environment], "policies": ["AdministratorAccess"]},
        "plan": {"repository": REPOSITORY, "pull_requests": True, "branches": ["main"], "policies": ["ReadOnlyAccess"]},
    }
    return {"roles": roles, "promotion": promotion}


def piped(gates, environments):
    """Return the shop's spec with a pipeline."""
    values = yaml.safe_load((HERE / "shop_org.yaml").read_text())
    values["waivers"] = [{"on" if key is True else key: told for key, told in one.items()} for one in values["waivers"]]
    values |= {"default_environment": "prod", "github": {"organization": "acme"}}
    values["delivery"] = {"pipeline": {"repository": REPOSITORY, "home": "prod", "gates": gates}}
    for name, told in values["environments"].items():
        told["delivery"] = delivery(name, **environments.get(name, {}))
    values["environments"] = {name: values["environments"][name] for name in gates}
    return values


def broken(values):
    """Take the queue's policy away, without which no order arrives."""
    values["resources"]["aws.sqs.queue"]["orders"].pop("policy")
    return values


def harmless(values):
    """Change a queue that no order goes through."""
    values["resources"]["aws.sqs.queue"]["canary"]["delay"] = 5
    return values


class Infra:
    """The repository of the org, and those who change it."""

    def __init__(self, hub, values, gates=("prod",)):
        self.hub, self.values, self.gates, self.number = hub, values, gates, 0

    def text(self, change=lambda values: values):
        """Return the spec, changed, which is data or a text."""
        if isinstance(self.values, str):
            return change(self.values)
        return yaml.safe_dump(change(copy.deepcopy(self.values)), sort_keys=False)

    def lay(self):
        """Lay the spec, its scenario and its workflows into the main branch."""
        text = self.text()
        specs = {name: parse(text.encode(), Path("org.yaml"), name, environ={}) for name in self.gates}
        files = {f"{FOLDER}/{name}": content for name, content in workflow_files(specs).items()}
        files |= {"scenarios/p1.yaml": (HERE / "p1.yaml").read_text(), "org.yaml": text}
        hub = self.hub.hub
        repository = hub.repository(REPOSITORY)
        head = repository.head("main")
        tree = {**(head.tree if head is not None else {}), **files}
        write(hub, repository, "main", tree, message="Lay the org", login="acme-owner", quiet=True)

    def invite(self):
        """Let its people push."""
        for name in MEMBERS:
            body = {"permission": "push"}
            self.hub.ask("owner", "PUT", f"/repos/{REPOSITORY}/collaborators/{name}", body)

    def guard(self):
        """Let nothing into the main branch without an approval and the job of its scenarios."""
        review = {"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": True}
        review |= {"require_code_owner_review": False, "require_last_push_approval": False}
        checks = {"strict_required_status_checks_policy": False}
        rules = [
            {"type": "pull_request", "parameters": review | {"required_review_thread_resolution": False}},
            {
                "type": "required_status_checks",
                "parameters": checks | {"required_status_checks": [{"context": "scenarios"}]},
            },
        ]
        body = {"name": "main", "target": "branch", "enforcement": "active", "rules": rules}
        body["conditions"] = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
        self.hub.ask("owner", "POST", f"/repos/{REPOSITORY}/rulesets", body)

    def propose(self, change):
        """Open a pull request, as Ada; returns its number and the commit."""
        self.number += 1
        branch, at = f"change-{self.number}", f"/repos/{REPOSITORY}"
        head = self.hub.ask("ada", "GET", f"{at}/git/ref/heads/main")["object"]["sha"]
        self.hub.ask("ada", "POST", f"{at}/git/refs", {"ref": f"refs/heads/{branch}", "sha": head})
        held = self.hub.ask("ada", "GET", f"{at}/contents/org.yaml")
        body = {"message": "Change the org", "branch": branch, "sha": held["sha"]}
        content = base64.b64encode(self.text(change).encode()).decode()
        self.hub.ask("ada", "PUT", f"{at}/contents/org.yaml", body | {"content": content})
        pull = self.hub.ask("ada", "POST", f"{at}/pulls", {"title": "Change", "head": branch, "base": "main"})
        return pull["number"], pull["head"]["sha"]

    def approve(self, number):
        """Approve a pull request, as Ben."""
        self.hub.ask("ben", "POST", f"/repos/{REPOSITORY}/pulls/{number}/reviews", {"event": "APPROVE"})

    def let_pass(self, name):
        """Approve what waits before a gate, as Ben."""
        at = f"/repos/{REPOSITORY}/actions/runs"
        for run in self.hub.ask("ben", "GET", f"{at}?status=waiting")["workflow_runs"]:
            for waiting in self.hub.ask("ben", "GET", f"{at}/{run['id']}/pending_deployments"):
                assert waiting["environment"]["name"] == name
                body = {"environment_ids": [waiting["environment"]["id"]], "state": "approved", "comment": "seen"}
                self.hub.ask("ben", "POST", f"{at}/{run['id']}/pending_deployments", body)

    def merge(self, number, *, status=200):
        """Merge a pull request, as Ada, or be refused."""
        return self.hub.ask("ada", "PUT", f"/repos/{REPOSITORY}/pulls/{number}/merge", {}, status=status)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A repository with one gate and a scenario before it, and a machine."""
    with Hub("acme", MEMBERS) as hub, Machine(tmp_path_factory.mktemp("machine"), hub, REPOSITORY) as machine:
        hub.ask("owner", "POST", "/orgs/acme/repos", {"name": "infra", "private": True})
        infra = Infra(hub, piped({"prod": {}}, {"prod": {"scenarios": ["P1"]}}))
        infra.lay()
        infra.invite()
        infra.guard()
        yield infra, machine


def test_a_change_that_breaks_the_scenario_is_stopped_by_its_check(shop):
    """The job plans and rehearses for real; its failure keeps an approved pull request from being merged."""
    infra, machine = shop
    number, _ = infra.propose(broken)
    assert machine.work("scenarios") == {"scenarios": "failure"}, machine.said
    assert "FAIL    P1" in machine.said["scenarios"], machine.said
    infra.approve(number)
    assert "scenarios" in infra.merge(number, status=405)["message"]


def test_a_change_that_does_not_is_let_through(shop):
    """The same job, the same commands."""
    infra, machine = shop
    number, _ = infra.propose(harmless)
    assert machine.work("scenarios") == {"scenarios": "success"}, machine.said
    assert "PASS    P1" in machine.said["scenarios"]
    infra.approve(number)
    infra.merge(number)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    """Three accounts that trust the tokens of a GitHub elsewhere; the org's own spec made its repository and gates."""
    folder = tmp_path_factory.mktemp("delivered")
    with Hub("acme", MEMBERS) as hub:
        (folder / "issuers.json").write_text(json.dumps({ISSUER: keys(hub.hub)}))
        accounts = start(folder, "--issuer-keys", str(folder / "issuers.json"))
        networks = {NUMBERS[name]: network(account) for name, account in accounts.items()}
        secrets = {f"{name.upper()}_OKTA_CLIENT_TOKEN": one.served["okta_token"] for name, one in accounts.items()}
        asked = {"dev": {"rehearsal": "waived"}, "prod": {"scenarios": ["P1"]}}
        infra = Infra(hub, piped({"dev": {}, "staging": GATE, "prod": GATE}, asked), NUMBERS)
        desk = Desk(folder, accounts)
        (folder / "org.yaml").write_text(infra.text())
        github = {"GITHUB_API_URL": hub.url, "GITHUB_TOKEN": hub.token}
        for name in ("prod", "dev", "staging"):
            desk.good("plan", "org.yaml", "-e", name, "--live", "-o", "first.json", at=name, **github)
            if name != "dev":
                desk.good("rehearse", "first.json")
            desk.good("apply", "first.json", "--live", "--confirm", f"acme-{name}", at=name, **github)
        (folder / "machine").mkdir()
        try:
            with Machine(folder / "machine", hub, REPOSITORY, networks=networks, secrets=secrets) as machine:
                yield infra, machine, accounts
        finally:
            end(accounts)


def network(account):
    """Return what leads a machine into an account; no key is among it."""
    return {name: value for name, value in account.environ.items() if not name.endswith(("_KEY", "_KEY_ID", "_TOKEN"))}


def delay(account):
    """Return the delay of the queue that the change is about."""
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName="canary")["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]["DelaySeconds"]


@pytest.mark.catalogue
def test_a_change_goes_through_every_gate_to_accounts_that_know_no_key_of_it(delivered):
    """Planned under its pull request, rehearsed, merged, applied in dev; then in the others as Ben lets it."""
    infra, machine, accounts = delivered
    infra.lay()
    infra.invite()
    number, _ = infra.propose(harmless)
    assert machine.work() == {"plan": "success", "scenarios": "success"}, machine.said
    (said,) = infra.hub.ask("ben", "GET", f"/repos/{REPOSITORY}/issues/{number}/comments")
    assert said["body"].count("aws.sqs.queue.canary") == 3
    infra.approve(number)
    infra.merge(number)
    assert machine.work() == {"dev": "success", "staging-plan": "success"}, machine.said
    assert [delay(accounts[name]) for name in ("dev", "staging", "prod")] == ["5", "0", "0"]
    infra.let_pass("staging")
    assert machine.work() == {"staging": "success", "prod-plan": "success"}, machine.said
    assert [delay(accounts[name]) for name in ("dev", "staging", "prod")] == ["5", "5", "0"]
    infra.let_pass("prod")
    assert machine.work() == {"prod": "success"}, machine.said
    assert "PASS    P1" in machine.said["prod"]
    assert delay(accounts["prod"]) == "5"


@pytest.mark.catalogue
def test_a_change_that_takes_the_databases_standby_is_stopped_by_f1(tmp_path):
    """The whole bundled org in its scenarios' job: a zone loses its power, and nobody takes orders any more."""
    text = (ROOT / "specs" / "mini-org.yaml").read_text()
    assert (text.count("\ndelivery:\n  roles:"), text.count("multi_az: true")) == (1, 1)
    text = text.replace("\ndelivery:\n  roles:", PIPED)
    with Hub("acme", MEMBERS) as hub, Machine(tmp_path, hub, REPOSITORY) as machine:
        hub.ask("owner", "POST", "/orgs/acme/repos", {"name": "infra", "private": True})
        infra = Infra(hub, text)
        infra.lay()
        infra.invite()
        infra.propose(lambda text: text.replace("multi_az: true", "multi_az: false"))
        assert machine.work("scenarios") == {"scenarios": "failure"}
        assert "FAIL    F1" in machine.said["scenarios"], machine.said["scenarios"]
