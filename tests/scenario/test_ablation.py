"""Each channel silenced in turn: what tells then, when, and what it had cost by then."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from rich.console import Console
from rig import SCOPE
from small_org import small_org

from twin.cli import run
from twin.cli.compiled import compile_file
from twin.report import ablation as report
from twin.report.spreads import table as spread_table
from twin.scenario.ablation import NOTHING, ablate, channels
from twin.scenario.document import load
from twin.scenario.sweep import Times, spreads
from twin.scenario.verdict import Result

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TOPIC = f"arn:aws:sns:us-east-1:{SCOPE.account}:pages"
SCENARIO = f"""
id: T1
title: Two alarms watch the same silence, and one of them is heard
spec: none.yaml
seed: 3
duration: 1h
on_call:
  people: {{bob: {{time_zone: Europe/Berlin}}}}
  services: {{shop: {{levels: [{{people: [bob]}}], loops: 3}}}}
setup:
  topic: {{call: "sns:CreateTopic", with: {{Name: pages}}}}
  diary: {{call: "sns:CreateTopic", with: {{Name: diary}}}}
  subscribe:
    call: sns:Subscribe
    with: {{TopicArn: "{TOPIC}", Protocol: https, Endpoint: "${{pagerduty.shop.url}}"}}
  confirmed: {{wait: 5s}}
faults:
  slow: {{kind: throttling, with: {{services: [sts], operations: [Get*], rate: 0, burst: 0}}, at: 1m, for: 5m}}
control: none
begin: {{paged: shop}}
runbook: {{look: {{call: "sqs:ListQueues", with: {{}}}}}}
expect: {{somebody-began: {{figure: paging.ttn, at_least: 60}}}}
"""


def alarm(name, topic):
    """Watch for silence, and tell a topic of it."""
    told = {"AlarmName": name, "Namespace": "Workers", "MetricName": "Calls", "Statistic": "Sum", "Period": 60}
    told |= {"EvaluationPeriods": 2, "Threshold": 0, "ComparisonOperator": "LessThanOrEqualToThreshold"}
    told |= {"TreatMissingData": "breaching", "AlarmActions": [topic]}
    return {"call": "cloudwatch:PutMetricAlarm", "with": told}


@pytest.fixture(scope="module")
def silences():
    """What came of the scenario as it is, and without each of its alarms."""
    values = yaml.safe_load(SCENARIO)
    values["setup"] |= {"heard": alarm("heard", TOPIC), "unheard": alarm("unheard", f"{TOPIC[:-5]}diary")}
    made = small_org()
    yield list(ablate(values, made, [3]))
    made.world.close()


def test_what_told_is_missed_and_what_did_not_is_not(silences):
    """Without the alarm that pages nobody ever hears; without the one that writes a diary all is as it was."""
    assert [one.channel for one in silences] == [NOTHING, "setup.heard", "setup.unheard"]
    whole, heard, unheard = (one.told("paging.ttd") for one in silences)
    assert (len(whole.values), heard, unheard) == (1, Times([], 1), whole)


def test_the_report_has_each_channel_with_its_times(silences):
    """The same figures as data, and the table says what never came."""
    told = report.document("T1", silences)
    assert (told["schema"], told["seeds"]) == (1, [3])
    assert [one["figures"]["paging.ttd"]["came"] for one in told["channels"]] == [1, 0, 1]
    shown = report.table(silences)
    assert list(shown.columns[2].cells)[1] == report.NEVER


def test_what_never_came_to_pass_counts_among_the_ranks():
    """Told in two runs of four, the median is known and the rest is never."""
    times = Times([10.0, 20.0], 4)
    assert (times.rank(0.5), times.rank(0.95)) == (20.0, None)


def test_channels_of_the_catalogue_are_those_of_spec_setup_and_actors():
    """C1's are its alarms and its budget, C3's budget, B7's reader of the log."""

    def names(file):
        scenario, _ = load(SCENARIOS / file)
        made = compile_file(SCENARIOS.parent / "specs" / scenario.spec, scenario.environment)
        stood = SimpleNamespace(desired=made.desired, target=SimpleNamespace(scope=made.scope))
        return [one.name for one in channels(scenario, stood)]

    alarms = ["aws.cloudwatch.alarm.charges-month", "aws.cloudwatch.alarm.trail-machines-elsewhere"]
    assert sorted(names("mining_after_leak.yaml")) == ["aws.budgets.budget.month", *alarms]
    assert [name for name in names("okta_hijack.yaml") if name.startswith("actors.")]


def spread(*values):
    """How a figure is spread over runs with these values."""
    runs = [
        Result("T", None, "FAIL", "", figures={"breach.ttd": value}, seed=seed) for seed, value in enumerate(values)
    ]
    (found,) = spreads([*runs, Result("T", None, "ERROR", "it broke", seed=99)])
    return found


def test_runs_in_which_nobody_noticed_are_told_of_and_ranked_last():
    """The least is of those that noticed; a rank that reaches into the others is never, and so is the most."""
    found = spread(30, None, 10, 20)
    assert (found.least, found.p50, found.p95, found.most) == (10, 20, None, None)
    assert (found.came, found.runs, found.worst) == (3, 4, 1)
    drawn = Console(width=120, record=True, file=StringIO())
    drawn.print(spread_table([found]))
    assert drawn.export_text().split("\n")[1].split() == [
        "breach.ttd",
        "10",
        "20",
        "never",
        "never",
        "1",
        "3",
        "of",
        "4",
    ]


def test_what_half_never_noticed_has_a_spread_though_the_others_are_alike():
    """One value is one value; that it came in half of the runs is worth a line."""
    assert (spread(10, None, 10, None).p50, spread(10, 10, None).p50, spread(5, 10).p50) == (10, 10, 5)


def section():
    """The rows of the section in docs, by scenario and channel."""
    page = (SCENARIOS.parent / "docs/scenarios.md").read_text()
    found = page[page.index(report.HEADING) :].split("\n## ")[0]
    lines = [line for line in found.split("\n") if line.startswith("| ")]
    return {tuple(cell.strip(" `") for cell in line.split("|")[1:3]): line for line in lines[2:]}


def test_the_page_has_a_row_for_each_channel_and_without_the_only_one_it_fails():
    """Two scenarios are looked at here; each of them has the channel without which nobody comes."""
    rows = section()
    assert " FAIL | never | never | never | never |" in rows["B4", "aws.events.rule.sharing"]
    late, early = (
        rows["C1", name].split("|")[4] for name in ("aws.cloudwatch.alarm.trail-machines-elsewhere", NOTHING)
    )
    assert float(late) > 6 * 3600 > 900 > float(early)


@pytest.mark.catalogue
def test_the_page_is_as_it_is_generated(tmp_path, orgs, monkeypatch):
    """`twin run --ablate --markdown docs/scenarios.md` changes nothing."""
    monkeypatch.setenv("TWIN_HOME", str(orgs))
    page = tmp_path / "page.md"
    page.write_text((SCENARIOS.parent / "docs/scenarios.md").read_text())
    assert run(["run", "--ablate", "--markdown", str(page)]) == 0
    assert page.read_text() == (SCENARIOS.parent / "docs/scenarios.md").read_text()
