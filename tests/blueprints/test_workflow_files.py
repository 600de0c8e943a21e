"""Workflow files of a pipeline: valid, with least permissions, and nothing in them that has to be trusted."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from twin.blueprints.workflow_files import workflow_files
from twin.cli import run
from twin.cli.bundled import find_spec
from twin.errors import SpecError
from twin.semantics.workflows import parse
from twin.spec.load import load
from twin.spec.load import parse as read_spec

SPEC = Path("pipeline-org.yaml")
HOLDERS = """\
github: {organization: reed}
okta: {org_url: https://reed.okta.com}
resources: {aws.secretsmanager.secret: {hook: {name: hook, value: "env:HOOK"}}}"""


@pytest.fixture(scope="module")
def files():
    """The files of the bundled pipeline."""
    path = find_spec(SPEC)
    return workflow_files({name: load(path, name, environ={}) for name in ("dev", "staging", "prod")})


def test_jobs_follow_the_gates(files):
    """One job for each gate after the other; before those that are approved, the plan that is approved."""
    jobs = {job.key: job for job in parse(files["apply.yml"], "apply.yml").jobs}
    assert list(jobs) == ["dev", "staging-plan", "staging", "prod-plan", "prod"]
    assert [job.environment for job in jobs.values()] == ["dev", "", "staging", "", "prod"]
    assert jobs["prod"].needs == ("prod-plan",)
    assert [job.key for job in parse(files["plan.yml"], "plan.yml").jobs] == ["plan", "scenarios"]


def test_permissions_are_the_least(files):
    """Nothing by default but reading; only jobs that sign on may have tokens, and only the plan may comment."""
    for name, text in files.items():
        workflow = parse(text, name)
        assert workflow.permissions == {"contents": "read"}
        for job in workflow.jobs:
            signs = any("ACTIONS_ID_TOKEN_REQUEST_URL" in step.get("run", "") for step in job.steps)
            assert (job.permissions.get("id-token") == "write") is signs
            assert ("pull-requests" in job.permissions) is (job.key == "plan")


def test_no_code_of_others_but_the_checkout(files):
    """The only action is GitHub's own checkout, and no secret is used."""
    told = [step for text in files.values() for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    assert {step["uses"].partition("@")[0] for step in told if "uses" in step} == {"actions/checkout"}
    assert "secrets." not in "".join(files.values())


def test_what_the_jobs_install_and_check_out_is_the_specs_to_say(files, tmp_path):
    """A name on a public index is anybody's, and a tag moves: the files say so until the spec names something else."""
    assert all("twin comes from the index" in text and "is named by its tag" in text for text in files.values())
    wheel, commit = "twin @ https://acme.example/twin-1.0-py3-none-any.whl#sha256=ab12", f"actions/checkout@{'0f' * 20}"
    text = find_spec(SPEC).read_text()
    told = f'\n    install: "{wheel}"\n    checkout: {commit}\n    home: prod\n'
    (tmp_path / "org.yaml").write_text(text.replace("\n    home: prod\n", told))
    for made in workflow_files({"prod": load(tmp_path / "org.yaml", "prod", environ={})}).values():
        assert (f'pip install "{wheel}"' in made, f"uses: {commit}" in made, "is named by" in made) == (
            True,
            True,
            False,
        )
        assert "twin comes from" not in made
    (tmp_path / "org.yaml").write_text(
        text.replace("\n    home: prod\n", "\n    install: 'a\" b`id`'\n    home: prod\n")
    )
    with pytest.raises(SpecError):
        load(tmp_path / "org.yaml", "prod", environ={})


def test_every_job_signs_on_as_itself(files):
    """The gate's job takes its own environment's role, a plan the role that reads."""
    jobs = yaml.safe_load(files["apply.yml"])["jobs"]
    roles = {
        key: next(step["run"] for step in job["steps"] if "Sign on" in step.get("name", ""))
        for key, job in jobs.items()
    }
    assert "arn:aws:iam::999900001111:role/reed-prod-deploy" in roles["prod"]
    assert "arn:aws:iam::999900001111:role/reed-prod-plan" in roles["prod-plan"]


def test_actionlint_finds_nothing(files, tmp_path):
    """GitHub's workflow linter, where it is at hand."""
    linter = shutil.which("actionlint")
    if linter is None:
        pytest.skip("actionlint is not on this machine: the files were not linted")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run([linter, *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command_writes_them(tmp_path, capsys):
    """`twin workflows` writes both files; a spec without a pipeline has none."""
    assert run(["workflows", str(SPEC), "--out", str(tmp_path)]) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["apply.yml", "plan.yml"]
    assert run(["workflows", "lab-org.yaml"]) == 2
    assert "no delivery.pipeline" in capsys.readouterr().err


def test_a_demanded_scenario_is_rehearsed(tmp_path):
    """What an environment demands is played in the pull request, and before the apply."""
    text = find_spec(SPEC).read_text().replace("  promotion:\n", "  promotion:\n    scenarios: [F2]\n", 1)
    file = tmp_path / "org.yaml"
    file.write_text(text)
    written = workflow_files({name: load(file, name, environ={}) for name in ("dev", "staging", "prod")})
    assert "twin rehearse prod.json" in written["plan.yml"]
    prod = yaml.safe_load(written["apply.yml"])["jobs"]["prod"]["steps"]
    names = [step.get("name") for step in prod]
    assert names.index("Rehearse prod") < names.index("Apply prod")


def test_a_step_is_told_the_secrets_of_its_environment_and_no_others():
    """Tokens of the vendors for plans and applies; the spec's own sources besides, for rehearsals too."""
    text = find_spec(SPEC).read_text().replace("github: {organization: reed}", HOLDERS)
    specs = {name: read_spec(text.encode(), SPEC, name, environ={"HOOK": "x"}) for name in ("dev", "prod")}
    jobs = yaml.safe_load(workflow_files(specs)["plan.yml"])["jobs"]
    told = {step["name"]: step["env"] for job in jobs.values() for step in job["steps"] if "env" in step}
    del told["Write the plans under the pull request"]
    hook = {"HOOK": "${{ secrets.PROD_HOOK }}"}
    assert told["Plan prod"] == {"OKTA_CLIENT_TOKEN": "${{ secrets.PROD_OKTA_CLIENT_TOKEN }}", **hook}
    assert told["Rehearse prod"] == hook
    assert told["Plan dev"]["HOOK"] == "${{ secrets.DEV_HOOK }}"
