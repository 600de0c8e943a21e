"""Scenarios that break things: effects are proven, a control run passes, all converges, or the verdict says why not."""

import pytest
from examples import examples
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from small_org import Theatre, figures, journal, small_org

from twin.errors import SpecError
from twin.resources.call import Refused, aws
from twin.scenario.duration import following
from twin.scenario.fork import in_forks

DOWN = {"kind": "control-plane-impaired", "with": {"services": ["iam"]}, "at": "5m", "for": "10m"}
SLOW = {"kind": "latency", "with": {"services": ["iam"], "seconds": 7}, "at": "5m", "for": "10m"}
TWO_KEYS = {
    "call": "iam:ListAccessKeys", "with": {"UserName": "${user}"}, "value": "length(AccessKeyMetadata)", "equals": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def org():
    """The org, built once; every run is a fork of this process."""
    return small_org()


@pytest.fixture
def play(org, tmp_path):
    """Play the scenario with a change."""
    return Theatre(org, tmp_path)


def test_scenario_without_faults_has_no_control_run(play):
    """It passes, and nothing is said of faults."""
    result = play()
    assert (result.verdict, result.reason) == ("PASS", "everything held")
    assert [check for check in result.checks if check.kind == "control"] == []
    assert figures(result, "fault.") == {}


def test_runbook_that_needs_a_dead_control_plane_fails(play):
    """IAM takes no writes when the key is to be made, however often the client tries; the control run passes."""
    result = play(faults={"iam-down": DOWN})
    assert result.verdict == "FAIL"
    assert "iam:CreateAccessKey was refused: ServiceUnavailable" in result.reason
    assert figures(result, "fault.iam-down.") == {
        "effects": 3, "refused": 3, "delayed": 0, "shown": 0, "noticed": 0, "seconds": 600.0,
    }  # fmt: skip
    assert {check.kind: check.held for check in result.checks}["control"]
    assert result.figures["workers.failed"] == 0  # signing in is no matter of IAM's control plane


def test_throttled_runbook_tries_again(play):
    """The second call finds the bucket empty, and full enough after a pause: the runbook comes to its end, later."""
    fault = {"kind": "throttling", "with": {"services": ["iam"], "rate": 5, "burst": 1}}
    probe = {"look": {"call": "iam:ListUsers"}}
    result = play(faults={"slow-down": fault}, runbook=probe, expect={"two-keys": None})
    assert result.verdict == "PASS", result.reason
    assert 0.2 <= result.figures["runbook.seconds"] < 3
    assert result.figures["fault.slow-down.refused"] >= 1


def test_throttled_runbook_gives_up_after_three_tries(play):
    """A bucket that never fills again: the third refusal is the last."""
    fault = {"kind": "throttling", "with": {"services": ["iam"], "rate": 0, "burst": 1}}
    result = play(faults={"slow-down": fault}, runbook={"look": {"call": "iam:ListUsers"}}, expect={"two-keys": None})
    assert result.verdict == "FAIL"
    assert "iam:ListUsers was refused: Throttling" in result.reason
    assert result.figures["fault.slow-down.refused"] == 3


def test_late_answer_makes_its_caller_wait(play):
    """Seven seconds per call: the runbook takes seven seconds longer than without; nobody else waits."""
    result = play(faults={"slow": SLOW})
    assert result.verdict == "PASS", result.reason
    assert result.figures["runbook.seconds"] == 7
    assert result.figures["collateral.runbook.seconds"] == 7
    assert result.figures["collateral.workers.calls"] == 0
    assert result.figures["fault.slow.delayed"] == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "zone-loss", "with": {"zone": "us-east-1c"}},
        {"kind": "error-rate", "with": {"services": ["rds"], "share": 1}},
        {**DOWN, "at": "20m"},
    ],
)
def test_fault_without_effect_is_vacuous(play, fault):
    """Nothing lives in the zone, nobody calls the service, it comes too late: the reason names the fault."""
    result = play(faults={"idle": fault, "slow": SLOW})
    assert result.verdict == "VACUOUS"
    assert result.reason == "the fault idle has an effect: 0, wanted at least 1"


def test_a_later_fault_that_finds_nothing_more_has_no_effect(play):
    """The first did break something, so that the run is judged: what it broke FAILs it, else it is VACUOUS."""
    faults = {"slow": SLOW, "lost": {"kind": "instance-loss", "with": {"instance": "i-none"}, "at": "20m"}}
    result = play(faults=faults)
    assert result.verdict == "VACUOUS"
    assert "the fault lost has an effect: 'it could not begin: no instance i-none" in result.reason
    assert play(faults=faults, expect={"two-keys": {**TWO_KEYS, "equals": 9}}, control="none").verdict == "FAIL"


def test_a_later_fault_that_is_a_mistake_is_an_error(play):
    """No Region has such a zone, whatever broke before: that is no verdict on the org."""
    zone = {"call": "ec2:DescribeRegions", "save": {"zone": "'us-east-1z'"}}
    wrong = {"kind": "zone-loss", "with": {"zone": "${zone}"}, "at": "20m"}
    result = play(setup={"no-zone": zone}, faults={"slow": SLOW, "wrong": wrong})
    assert result.verdict == "ERROR"
    assert "the fault wrong could not begin: AWS has no Availability Zone 'us-east-1z'" in result.reason


def test_a_figure_that_nobody_counts_is_an_error(play):
    """A misspelled figure is no verdict on the org; what would have been right is told."""
    result = play(expect={"typo": {"figure": "workers.fialed", "equals": 0}})
    assert (result.verdict, result.reason) == (
        "ERROR",
        "there is no figure workers.fialed; did you mean `workers.failed`?",
    )


def test_what_came_before_is_no_time_to():
    """A time from a cause to what came before it would hold every bound, so that there is none."""
    assert (following(5.0, 7.5), following(5.0, 5.0), following(7.5, 5.0), following(None, 5.0)) == (
        2.5,
        0.0,
        None,
        None,
    )


def test_fault_with_nothing_to_break_is_an_error(play):
    """A name that the world does not have is no verdict on the org."""
    result = play(faults={"lost": {"kind": "instance-loss", "with": {"instance": "i-none"}}})
    assert result.verdict == "ERROR"
    assert "the fault lost could not begin: no instance i-none" in result.reason


def test_control_run_that_fails_is_an_error(play):
    """What only holds while something is broken shows that the scenario is wrong."""
    result = play(faults={"slow": SLOW}, expect={"slow-enough": {"figure": "runbook.seconds", "at_least": 5}})
    assert result.verdict == "ERROR"
    assert "the control run failed" in result.reason
    assert "slow-enough: 0.0" in result.reason


def test_control_run_can_be_told_off(play):
    """Without one, the same scenario passes, and nothing is known of collateral damage."""
    wanted = {"slow-enough": {"figure": "runbook.seconds", "at_least": 5}}
    result = play(faults={"slow": SLOW}, expect=wanted, control="none")
    assert result.verdict == "PASS"
    assert figures(result, "collateral.") == {}


def test_control_run_without_the_runbook(play):
    """`without-runbook` leaves the responder at home: then one key is left, and the control run says so."""
    result = play(faults={"slow": SLOW}, control="without-runbook")
    assert result.verdict == "ERROR"
    assert "two-keys: 1" in result.reason
    assert play(faults={"slow": SLOW}, control="without-runbook", expect={"two-keys": None}).verdict == "PASS"


def test_collateral_damage_can_be_bounded(play):
    """Of the workers' calls, those that the fault refused are the damage; an expectation may bound it."""
    faults = {"sts-broken": {"kind": "error-rate", "with": {"services": ["sts"], "share": 1}, "at": "20m", "for": "5m"}}
    damage = {"nobody-fails": None, "little-damage": {"figure": "collateral.workers.failed", "at_most": 0}}
    result = play(faults=faults, expect=damage)
    assert result.verdict == "FAIL"
    assert result.figures["collateral.workers.failed"] == result.figures["workers.failed"] == 4
    damage["little-damage"]["at_most"] = 10
    assert play(faults=faults, expect=damage).verdict == "PASS"


LATE = {
    "faults": {"slow": {"kind": "latency", "with": {"services": ["sts"], "seconds": 1}, "for": "10m"}},
    "begin": "12m",
    "control": "none",
}


def test_liveness_is_timed_from_the_last_healing(play):
    """Healed at 10 minutes, mended by the responder at 12: seen at the next look, two minutes later."""
    converge = {"within": "5m", "every": "30s", "expect": {"two-keys": TWO_KEYS}}
    early = {"kind": "latency", "with": {"services": ["sts"], "seconds": 1}, "for": "3m"}
    late = {"kind": "latency", "with": {"services": ["sts"], "seconds": 1}, "for": "10m"}
    result = play({**LATE, "faults": {"early": early, "late": late}}, converge=converge)
    assert result.verdict == "PASS", result.reason
    assert result.figures["converge.seconds"] == 120


def test_what_does_not_converge_in_time_fails(play):
    """A minute is too short; the checks say what was lost."""
    result = play({**LATE, "begin": "30m"}, converge={"within": "1m", "expect": {"two-keys-again": TWO_KEYS}})
    assert result.verdict == "FAIL"
    assert "two-keys-again: 1, wanted 2" in result.reason
    assert result.figures["converge.seconds"] is None
    assert journal(result, "not converged")[0]["lost"] == ["two-keys-again"]


def test_liveness_goes_on_after_the_duration(play):
    """A fault to the end is healed then, and convergence has its time after it."""
    change = {
        "duration": "10m",
        "begin": "14m",
        "faults": {"slow": {"kind": "latency", "with": {"services": ["sts"], "seconds": 0.5}}},
        "expect": {"two-keys": None},
        "effects": None,
        "control": "none",
    }
    result = play(change, converge={"within": "10m", "expect": {"two-keys": TWO_KEYS}})
    assert result.verdict == "PASS", result.reason
    assert result.figures["converge.seconds"] == 240
    assert result.figures["fault.slow.seconds"] == 600


def test_drift_fails_until_it_is_undone(play):
    """A queue that the responder left changed is drift; changed back, there is none."""
    attribute = {"DelaySeconds": "17"}
    change = {"find": {"call": "sqs:GetQueueUrl", "with": {"QueueName": "${queue}"}, "save": {"url": "QueueUrl"}}}
    put = {"call": "sqs:SetQueueAttributes", "with": {"QueueUrl": "${url}", "Attributes": attribute}}
    back = {"call": "sqs:SetQueueAttributes", "with": {"QueueUrl": "${url}", "Attributes": {"DelaySeconds": "0"}}}
    converge = {"within": "2m", "drift": "none"}
    result = play(runbook={**change, "put": put}, converge=converge, expect={"two-keys": None})
    assert result.verdict == "FAIL"
    assert "no drift: 'update aws.sqs.queue.jobs', wanted none" in result.reason
    result = play(runbook={**change, "put": put, "back": back}, converge=converge, expect={"two-keys": None})
    assert result.verdict == "PASS", result.reason


def test_a_certificate_that_was_never_issued_has_no_days_left(play):
    """Its validation record is nowhere, so that it has no end either; that is told, and no mishap of the watch."""
    ask = {"DomainName": "www.acme.example", "ValidationMethod": "DNS"}
    request = {"call": "acm:RequestCertificate", "with": ask, "save": {"certificate": "CertificateArn"}}
    watch = {"kind": "certificate-watch", "with": {"certificate": "${certificate}", "every": "30m"}}
    result = play(setup={"request": request}, actors={"watch": watch})
    assert figures(result, "watch.") == {"looks": 2, "failed": 0, "renewals": 0, "least_days": 0}
    assert {line["status"] for line in journal(result, "is not issued")} == {"PENDING_VALIDATION"}


def test_journal_tells_of_the_world_and_its_faults(play):
    """Begin and end of each fault stand at their times, with what it was told and what came of it."""
    result = play(faults={"slow": SLOW, "dark": {"kind": "zone-loss", "with": {"zone": "us-east-1a"}, "at": "6m"}})
    (began, other), healed = journal(result, "fault.began"), journal(result, "fault.healed")
    start = journal(result)[0]["t"]
    assert (began["actor"], began["t"] - start) == ("world", 300)
    assert began["facts"] == {"id": "slow", "fault": "latency", "options": {"services": ["iam"], "seconds": 7.0}}
    assert other["facts"]["options"] == {"zone": "us-east-1a"}
    assert [(line["facts"]["id"], line["facts"]["effects"]) for line in healed] == [("slow", 1), ("dark", 0)]
    assert [line["t"] - start for line in journal(result, "zone.lost")] == [360]


def test_journal_lists_the_delays_with_their_sources(play, org, monkeypatch, tmp_path):
    """Each delay that was drawn in the run stands at the end, with its span, its source and how often."""
    data = tmp_path / "delays"
    data.mkdir()
    (data / "test.yaml").write_text("nap: {seconds: [1, 2], source: https://example.com, read: assumed}\n")
    monkeypatch.setattr("twin.world.delays.DATA", data)
    org.world.scene.delay("test.nap")  # before the run: not of it
    assert journal(play(), "delay") == []

    def draw(scene, happening):
        scene.delay("test.nap")

    monkeypatch.setitem(__import__("twin.world.behaviors", fromlist=["WATCHERS"]).WATCHERS, "zone.lost", [draw])
    result = play(faults={"dark": {"kind": "zone-loss", "with": {"zone": "us-east-1a"}}})
    line = journal(result)[-1]
    assert {**line, "t": None} == {
        "t": None, "actor": "world", "event": "delay", "name": "test.nap", "times": 1, "seconds": [1.0, 2.0],
        "source": "https://example.com", "read": "assumed",
    }  # fmt: skip


def test_same_seed_gives_the_same_bytes_with_faults(play):
    """Errors by chance, retries by chance, zones: the journal is the same again; another seed's is not."""
    faults = {
        "some": {"kind": "error-rate", "with": {"services": ["sts"], "share": 0.5}},
        "dark": {"kind": "zone-loss", "with": {"zone": "us-east-1a"}, "at": "6m", "for": "20m"},
    }
    first, again, other = (play(faults=faults, seed=seed, control="none") for seed in (3, 3, 4))
    assert first.journal == again.journal
    assert first.figures == again.figures
    assert first.journal != other.journal
    assert first.figures["fault.some.refused"] > 20


@pytest.mark.parametrize(
    ("faults", "place", "told"),
    [
        ({"kind": "zone-los"}, "faults.a.kind", "did you mean `zone-loss`?"),
        ({"kind": "zone-loss"}, "faults.a.with.zone", "it is missing"),
        ({"kind": "zone-loss", "with": {"zone": "us-east-1a", "hue": 1}}, "faults.a.with.hue", "unknown key"),
        ({"kind": "throttling", "with": {"rate": -1, "burst": 1}}, "faults.a.with.rate", "greater than or equal to 0"),
        ({"kind": "latency", "with": {"seconds": 1}, "at": "2h"}, "faults.a.at", "when the scenario"),
        ({"kind": "latency", "with": {"seconds": 1}, "for": "soon"}, "faults.a.for", "no duration"),
        ({"kind": "latency", "with": {"seconds": 1}, "colour": 1}, "faults.a.colour", "unknown key"),
        ({"kind": "zone-loss", "with": {"zone": "${nowhere}"}}, "faults.a.with.zone", "nothing is named nowhere"),
        ({"kind": "control-plane-impaired", "with": {"services": ["s4"]}}, "faults.a.with.services", "no service 's4'"),
    ],
)  # fmt: skip
def test_broken_fault_is_told_at_its_place(play, faults, place, told):
    """What is wrong with a fault is known when the file is read, and where it stands."""
    with pytest.raises(SpecError) as caught:
        play(faults={"a": faults})
    (problem,) = caught.value.diagnostics
    assert problem.message.startswith(place)
    assert told in problem.message
    lines = (play.folder / "mine.yaml").read_text().splitlines()
    start = lines.index("faults:")
    assert start < problem.span.line <= len(lines)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"expect": {"x": {"figure": "fault.none.effects", "at_least": 1}}}, "there is no fault none"),
        ({"expect": {"x": {"figure": "collateral.workers.failed", "at_most": 1}}}, "without a control run"),
        ({"expect": {"x": {"figure": "converge.seconds", "at_most": 1}}}, "there is no actor converge"),
        ({"converge": {"within": "5m"}}, "convergence has conditions"),
        ({"converge": {"within": "5m", "expect": {"x": {"call": "iam:Nope", "refused": "A"}}}}, "AWS has no call"),
        ({"control": "maybe"}, "the text `maybe` is not allowed here"),
    ],
)
def test_figure_or_condition_that_leads_nowhere_is_told(play, change, told):
    """Figures of faults that are not there, damage without a control run, conditions that are none."""
    with pytest.raises(SpecError) as caught:
        play(change)
    assert told in caught.value.diagnostics[0].message


def test_options_may_come_from_names(play):
    """A value that setup saved fills an option when the fault begins."""
    zone = {"call": "ec2:DescribeAvailabilityZones", "save": {"zone": "AvailabilityZones[0].ZoneName"}}
    result = play(setup={"a-zone": zone}, faults={"dark": {"kind": "zone-loss", "with": {"zone": "${zone}"}}})
    assert journal(result, "fault.began")[0]["facts"]["options"] == {"zone": "us-east-1a"}


OPERATIONS = st.lists(
    st.sampled_from(["key", "user", "iam-down", "zone", "heal", "hour"]), min_size=1, max_size=6
)  # fmt: skip


@settings(max_examples=examples(6), derandomize=True, database=None, phases=[Phase.generate])
@given(st.tuples(OPERATIONS, OPERATIONS))
def test_forks_do_not_see_each_other(org, pair):
    """Whatever two copies of a world do at the same time, each tells what it does alone; the original has no trace."""
    alone = [next(iter(in_forks([lambda steps=steps: _live(org, steps)]))) for steps in pair]
    together = list(in_forks([lambda steps=steps: _live(org, steps) for steps in pair], at_once=2))
    assert together == alone
    assert org.world.faults.active() == []
    assert org.world.scene.conditions.all("zone") == []


def _live(org, steps):
    """Change a world, and tell everything that can be seen of it."""
    aws_, world, seen = org.target.systems["aws"], org.world, []
    for number, step in enumerate(steps):
        try:
            if step == "key":
                seen.append(aws_.execute(aws("iam", "CreateAccessKey", {"UserName": "worker"}))["AccessKey"])
            elif step == "user":
                seen.append(aws_.execute(aws("iam", "CreateUser", {"UserName": f"u{number}"}))["User"])
            elif step == "iam-down":
                seen.append(world.faults.inject("control-plane-impaired", {"services": ["iam"]}))
            elif step == "zone":
                seen.append(world.faults.inject("zone-loss", {"zone": "us-east-1a"}))
            elif step == "heal" and world.faults.active():
                world.faults.heal(world.faults.active()[0])
            elif step == "hour":
                org.timeline.run(until=org.timeline.elapsed + 3600)
        except Refused as refused:
            seen.append(refused.code)
    seen.append(aws_.execute(aws("iam", "ListUsers")))
    seen += [
        world.faults.active(),
        world.scene.conditions.all("zone"),
        len(list(world.evidence.events())),
        world.clock.now(),
    ]
    return repr(seen)
