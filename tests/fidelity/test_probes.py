"""The probes themselves: every one fits, cites its source, can fail, and asks with parameters that its vendor takes."""

import re
from pathlib import Path

import pytest
import yaml

from twin.fidelity.probe import FOLDER, Probe, probes
from twin.fidelity.run import run
from twin.resources.aws import api
from twin.resources.call import Refused, aws
from twin.world.capabilities import capabilities

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("probe", probes(), ids=lambda p: f"{p.area}/{p.name}")
def test_probe_asks_what_can_be_asked_and_judges_the_answer(probe):
    """Each AWS call exists, each probe names a page, and something in it can go wrong."""
    assert re.match(r"https://(docs\.aws\.amazon\.com|developer\.okta\.com|developers\.cloudflare\.com)/", probe.source)
    calls = [step.call.split(":") for step in probe.steps if step.service]
    assert [call for call in calls if not api.offers(*call)] == []
    assert any(step.refused or step.holds or step.save or step.as_ for step in probe.steps)


def test_names_are_used_once_in_a_file():
    """A second probe of the same name would silently replace the first."""
    for file in FOLDER.glob("*.yaml"):
        names = re.findall(r"^  ([a-z][\w-]*):$", file.read_text().partition("\nprobes:")[2], re.MULTILINE)
        assert len(names) == len(set(names)) == len(yaml.safe_load(file.read_text())["probes"]), file.name


def test_every_capability_is_proven_by_a_probe_or_by_name():
    """A capability has a probe; those that no probe can show are listed with the reason."""
    shown = {probe.capability for probe in probes()}
    unshown = {
        "faults": "tests/world/test_faults_*.py break every kind of part; a vendor's client cannot",
        "iam-propagation": "tests/world/test_authorisation_sessions.py slows the writes of IAM, which no client can",
        "web-identity": "tests/world/test_authorisation_sessions.py signs tokens, for which a probe has no key",
        "signatures": "tests/world/test_gateway_signatures.py sends wrong signatures, as no client does",
        "virtual-time": "every probe that waits rests on it",
        "flow-logs": "tests/world/test_flow_logs.py tells packets, which no client of a vendor sends",
        "zone-loss": "tests/world/test_instances.py loses a zone, which no client can",
        "capacity-shortage": "tests/world/test_instances.py takes a zone's capacity, which no client can",
        "eks-pods": "tests/world/test_eks_pods.py declares workloads, as the Kubernetes API is not there",
    }
    assert capabilities() - shown - unshown.keys() == set()
    assert shown - {None} - capabilities() == set()


class Canned:
    """A system that answers each call from a list."""

    calls = 0

    def __init__(self, *answers):
        self.answers = list(answers)

    def execute(self, call):
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            raise Refused(call, answer, "no", status=400)
        return answer


def probe(*steps):
    """Return a probe of steps."""
    return Probe.model_validate({"area": "a", "name": "n", "source": "s", "steps": steps})


GET = {"call": "sqs:ListQueues"}
CASES = [
    ([GET], [{}], "right"),
    ([GET], ["AccessDenied"], "wrong"),
    ([GET], ["TwinUnsupportedOperation"], "missing"),
    ([GET | {"refused": "AccessDenied"}], ["AccessDenied"], "right"),
    ([GET | {"refused": ["A", "B"]}], ["B"], "right"),
    ([GET | {"refused": "AccessDenied"}], ["Other"], "wrong"),
    ([GET | {"refused": "AccessDenied"}], ["TwinUnsupportedOperation"], "missing"),
    ([GET | {"refused": "AccessDenied"}], [{}], "wrong"),
    ([GET | {"holds": {"a": 1}}], [{"a": 1}], "right"),
    ([GET | {"holds": {"a": 1}}], [{"a": 2}], "wrong"),
    ([GET | {"holds": {"a": {"absent": True}}}], [{}], "right"),
    ([GET | {"holds": {"a": {"absent": True}}}], [{"a": 1}], "wrong"),
    ([GET | {"holds": {"a": {"contains": 1}}}], [{"a": [1, 2]}], "right"),
    ([GET | {"holds": {"a": {"contains": 3}}}], [{"a": [1, 2]}], "wrong"),
    ([GET | {"holds": {"a": {"matches": "^x"}}}], [{"a": "xy"}], "right"),
    ([GET | {"holds": {"a": {"matches": "^x"}}}], [{}], "wrong"),
    ([GET | {"holds": {"a": {"at_least": 2}}}], [{"a": 1}], "wrong"),
    ([GET | {"holds": {"a": {"at_most": 2}}}], [{"a": 3}], "wrong"),
    ([GET | {"holds": {"a": {"unlike": 1}}}], [{"a": 1}], "wrong"),
    ([GET | {"save": {"x": "a"}}], [{}], "wrong"),
    ([{"wait": "1m"}, GET], [{}], "untested"),
]


@pytest.mark.parametrize(("steps", "answers", "expected"), CASES)
def test_answer_is_judged_by_what_is_documented(steps, answers, expected):
    """The same steps on other answers are right, wrong, missing or untested."""
    found = run(probe(*steps), {"aws": Canned(*answers)}, unique="u", pass_=None)
    assert found.answer == expected


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({}, "one of"),
        ({"call": "a:B", "wait": "1m"}, "one of"),
        (GET | {"refused": "A", "holds": {"a": 1}}, "no result"),
        (GET | {"expekt": 1}, "extra"),
    ],
)
def test_probe_that_makes_no_sense_is_told(step, why):
    """A step is one thing, a refused call has no result, unknown keys are refused."""
    with pytest.raises(ValueError, match=why):
        probe(step)


def test_parameters_that_the_client_refuses_are_the_probes_own_fault():
    """A mistake in a probe is an error, and no finding about the target."""

    class Strict:
        def execute(self, call):
            raise Refused(aws("sqs", "ListQueues"), "ParamValidation", "bad", status=400)

    with pytest.raises(ValueError, match=r"a/n, step 1.*bad"):
        run(probe(GET), {"aws": Strict()}, unique="u", pass_=None)
