"""Workflow files of a pipeline: a plan and scenarios for pull requests, and an apply for each gate after a merge.

Nothing in them is anybody else's code but `actions/checkout`: everything else is a `run` step, so that no other action
has to be trusted. Its version is a tag where the spec names no commit, as that cannot be known offline.
"""

import re
from collections.abc import Iterator, Mapping
from textwrap import indent
from typing import Any

import twin
from twin.blueprints.pipeline import DEPLOY
from twin.spec.load import Spec
from twin.spec.model import Org
from twin.spec.model.pipeline import Gate, Pipeline
from twin.spec.secrets import ENV

FOLDER = ".github/workflows"
TOP = """\
# Written by `twin workflows`; write it anew when delivery.pipeline of the spec changes.
{doubts}name: {name}

"""
BY_TAG = "# {checkout} is named by its tag; pin it by the commit that you have read: delivery.pipeline.checkout.\n"
BY_NAME = "# twin comes from the index that pip asks; say from where it is yours: delivery.pipeline.install.\n"
COMMIT = re.compile(r"@[0-9a-f]{40}$")
ASK = (
    'curl -sSf -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" '
    '"$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | jq -rj .value'
)
SIGN_ON = """\
- name: Sign on to {env}
  run: |
    {ask} > "$RUNNER_TEMP/{env}.token"
    echo "AWS_WEB_IDENTITY_TOKEN_FILE=$RUNNER_TEMP/{env}.token" >> "$GITHUB_ENV"
    echo "AWS_ROLE_ARN={role}" >> "$GITHUB_ENV"
    echo "AWS_REGION={region}" >> "$GITHUB_ENV"
"""
BEGIN = """\
- uses: {checkout}
- name: Install twin
  run: pip install "{twin}"
"""
PLAN = """\
- name: Plan {env}
{secrets}  run: twin plan {spec} --env {env} --live --without github -o {env}.json >> "$RUNNER_TEMP/comment.md"
"""
COMMENT = """\
- name: Write the plans under the pull request
  env:
    GH_TOKEN: ${{ github.token }}
  run: gh pr comment ${{ github.event.pull_request.number }} --body-file "$RUNNER_TEMP/comment.md"
"""
REHEARSE = """\
- name: Rehearse {env}
{sources}  run: |
    twin check {spec} --env {env}
"""
ON_TWIN = """\
    twin plan {spec} --env {env} --without github -o {env}.json
    twin rehearse {env}.json
"""
TELL = """\
- name: Tell which plan it is
  id: plan
  run: echo "effect=$(jq -r .effect {env}.json)" >> "$GITHUB_OUTPUT"
"""
SAME = """\
- name: Refuse another plan than the one that was approved
  env:
    APPROVED: ${{{{ needs.{env}-plan.outputs.effect }}}}
  run: test "$(jq -r .effect {env}.json)" = "$APPROVED"
"""
REHEARSED = """\
- name: Rehearse {env}
{sources}  run: twin rehearse {env}.json
"""
APPLY = """\
- name: Apply {env}
{secrets}  run: twin apply {env}.json --live --confirm {alias}
"""
TOKENS = {
    "okta": ("OKTA_CLIENT_TOKEN",),
    "cloudflare": ("CLOUDFLARE_API_TOKEN",),
    "auth0": ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"),
    "pagerduty": ("PAGERDUTY_TOKEN",),
    "datadog": ("DD_API_KEY", "DD_APP_KEY"),
}
"""With which variables each vendor besides AWS is asked, by the section of a spec that names its account."""


def workflow_files(specs: Mapping[str, Spec]) -> dict[str, str]:
    """Return the files by name, from the spec in each environment; ValueError where it has no pipeline."""
    orgs = {name: spec.org for name, spec in specs.items()}
    pipelines = [org.delivery.pipeline for org in orgs.values() if org.delivery.pipeline is not None]
    if not pipelines:
        raise ValueError("the spec has no delivery.pipeline")
    gates = [name for name in pipelines[0].gates if name in orgs]
    sources = {name: sorted(_sources(specs[name].root.plain())) for name in gates}
    writer = _Writer(pipelines[0], {name: orgs[name] for name in gates}, sources)
    return {"plan.yml": writer.plan(), "apply.yml": writer.apply()}


class _Writer:
    def __init__(self, pipeline: Pipeline, orgs: Mapping[str, Org], sources: Mapping[str, list[str]]) -> None:
        self.pipeline, self.orgs, self.sources = pipeline, orgs, sources

    def plan(self) -> str:
        """Return the workflow of pull requests."""
        head = self._top("plan")
        head += (
            f"on:\n  pull_request:\n    branches: [{self.pipeline.branch}]\n\npermissions:\n  contents: read\n\njobs:\n"
        )
        steps = [self._begin(), *(self._signed(name) + self._plan(name) for name in self.orgs), COMMENT]
        may = {"contents": "read", "id-token": "write", "pull-requests": "write"}
        rehearsals = [self._begin(), *(self._rehearsal(name) for name in self.orgs)]
        jobs = [_job("plan", steps, permissions=may), _job("scenarios", rehearsals, permissions={"contents": "read"})]
        return head + "\n".join(jobs)

    def apply(self) -> str:
        """Return the workflow of merges: one job for each gate, and before one that is approved the plan of it."""
        head = self._top("apply")
        head += f"on:\n  push:\n    branches: [{self.pipeline.branch}]\n\npermissions:\n  contents: read\n\n"
        head += "concurrency:\n  group: apply\n\njobs:\n"
        may, jobs, before = {"contents": "read", "id-token": "write"}, list[str](), ""
        for name in self.orgs:
            gate = self.pipeline.gates[name]
            steps = [self._begin(), self._signed(name, gate), self._plan(name)]
            if gate.reviewers:
                told = [self._begin(), self._signed(name), self._plan(name), TELL.format(env=name)]
                outputs = {"effect": "${{ steps.plan.outputs.effect }}"}
                jobs.append(_job(f"{name}-plan", told, needs=before, permissions=may, outputs=outputs))
                steps.append(SAME.format(env=name))
                before = f"{name}-plan"
            if _rehearses(self.orgs[name]):
                steps.append(REHEARSED.format(env=name, sources=self._secrets(name)))
            secrets = self._secrets(name, *TOKENS)
            steps.append(APPLY.format(env=name, alias=self.orgs[name].aws.alias, secrets=secrets))
            jobs.append(_job(name, steps, needs=before, permissions=may, environment=name))
            before = name
        return head + "\n".join(jobs)

    def _top(self, name: str) -> str:
        checkout = self.pipeline.checkout
        doubts = "" if COMMIT.search(checkout) else BY_TAG.format(checkout=checkout)
        return TOP.format(name=name, doubts=doubts + ("" if self.pipeline.install else BY_NAME))

    def _begin(self) -> str:
        wanted = self.pipeline.install or f"twin=={twin.__version__}"
        return BEGIN.format(checkout=self.pipeline.checkout, twin=wanted)

    def _signed(self, name: str, gate: Gate | None = None) -> str:
        org = self.orgs[name]
        role = (gate.role or DEPLOY) if gate is not None else self.pipeline.planner
        arn = f"arn:aws:iam::{org.aws.account}:role/{org.org.name}-{name}-{role}"
        return SIGN_ON.format(ask=ASK, env=name, role=arn, region=org.aws.region)

    def _plan(self, name: str) -> str:
        return PLAN.format(env=name, spec=self.pipeline.spec, secrets=self._secrets(name, *TOKENS))

    def _rehearsal(self, name: str) -> str:
        demanded = self.orgs[name].delivery.promotion.scenarios
        text = REHEARSE + (ON_TWIN if demanded else "")
        return text.format(env=name, spec=self.pipeline.spec, sources=self._secrets(name))

    def _secrets(self, name: str, *vendors: str) -> str:
        """Return what a step of an environment is told: the tokens of vendors that it has, and the spec's own sources.

        Each is a secret of the repository, with the environment's name before that of the variable.
        """
        asked = [token for vendor in vendors if getattr(self.orgs[name], vendor) for token in TOKENS[vendor]]
        known = dict.fromkeys((*asked, *self.sources[name]))
        prefix = name.upper().replace("-", "_")
        lines = [f"    {one}: ${{{{ secrets.{prefix}_{one} }}}}\n" for one in known]
        return "  env:\n" + "".join(lines) if lines else ""


def _rehearses(org: Org) -> bool:
    """Tell whether an environment demands something that a rehearsal shows."""
    asked = org.delivery.promotion
    shown = (asked.scenarios, asked.waves, asked.max_monthly_increase is not None, asked.rehearsal == "demanded")
    return any(shown)


def _sources(value: Any) -> Iterator[str]:
    """Yield the variables of the environment in which a spec keeps its secrets."""
    if isinstance(value, str) and value.startswith(ENV):
        yield value.removeprefix(ENV)
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _sources(one)


def _job(key: str, steps: list[str], *, permissions: Mapping[str, str], needs: str = "", environment: str = "",
         outputs: Mapping[str, str] | None = None) -> str:  # fmt: skip
    lines = [f"  {key}:"]
    lines += [f"    needs: [{needs}]"] if needs else []
    lines += ["    runs-on: ubuntu-latest"]
    lines += [f"    environment: {environment}"] if environment else []
    lines += ["    permissions:", *(f"      {name}: {level}" for name, level in permissions.items())]
    if outputs:
        lines += ["    outputs:", *(f"      {name}: {value}" for name, value in outputs.items())]
    return "\n".join([*lines, "    steps:\n"]) + indent("".join(steps), "      ")
