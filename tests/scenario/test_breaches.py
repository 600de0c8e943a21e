"""The breaches B1, B2, B6: the good org passes, every mistake fails for its own reason, an idle attack is vacuous."""

import json

import pytest

REASONS = {
    "B1": {
        "user-holds-iam": "nothing-is-left",
        "no-alert": "no alert came",
        "no-scp": "nothing-is-left",
        "no-organization": "put-up-the-guard",
        "only-the-keys": "nothing-is-left",
        "sessions-live-on": "nothing-is-left",
        "nothing-read-is-rotated": "the-secret-it-read-is-rotated",
        "the-trail-can-be-deleted": "no-trace-is-lost",
        "responder-without-rights": "step break-the-glass: sts:AssumeRole was refused",
        "nothing-done": "nothing-is-left",
    },
    "B2": {
        "outside-the-spec": "nothing-is-left",
        "no-alert": "no alert came",
        "slow-alert": "alerted-in-15-minutes",
        "sessions-live-on": "nothing-is-left",
        "door-stays-open": "nothing-is-left",
        "key-stays": "nothing-is-left",
        "nothing-done": "nothing-is-left",
    },
    "B6": {
        "static-list": "every-secret-that-was-read-is-rotated",
        "rotated-too-early": "every-secret-that-was-read-is-rotated",
        "not-watched": "no alert came",
        "wrong-field": "no alert came",
        "threshold-too-high": "no alert came",
        "sessions-live-on": "nothing-is-left",
        "nothing-done": "every-secret-that-was-read-is-rotated",
    },
}
IDLE = {"B1": {"powerless", "asleep"}, "B2": {"powerless"}, "B6": {"powerless"}}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=() if name == "B2" else pytest.mark.catalogue) for name in sorted(REASONS)],
)
def runs(request, tmp_path_factory):
    """A breach with every variant, and once more alone; returns its id, the codes, the results, both journals."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWIN_HOME", str(folder / "home"))
        reports = [f"--report={form}={folder / f'all.{form}'}" for form in ("json", "journal")]
        codes = [
            run(["run", request.param, "--variants", *reports]),
            run(["run", request.param, f"--report=journal={folder / 'same.journal'}"]),
        ]
    results = {r["variant"]: r for r in json.loads((folder / "all.json").read_text())["results"]}
    journals = [(folder / f"{name}.journal").read_bytes() for name in ("all", "same")]
    return request.param, codes, results, journals


def test_the_good_org_passes_and_every_mistake_is_killed(runs):
    """The mutation score is one; what tests nothing says so."""
    name, codes, results, _ = runs
    verdicts = {variant: result["verdict"] for variant, result in results.items()}
    assert verdicts == {None: "PASS"} | dict.fromkeys(REASONS[name], "FAIL") | dict.fromkeys(IDLE[name], "VACUOUS")
    assert codes == [0, 0]


def test_each_mistake_fails_for_the_reason_that_it_names(runs):
    """A variant that fails for another reason would prove nothing."""
    name, _, results, _ = runs
    told = {
        variant: [result["reason"], *(check["name"] for check in result["checks"] if not check["held"])]
        for variant, result in results.items()
    }
    assert {v: told[v] for v, why in REASONS[name].items() if not any(why in one for one in told[v])} == {}


def test_the_control_run_passes_and_nobody_is_alerted_in_it(runs):
    """Without the attacker nothing rings, and what the others lose in the breach is its collateral damage."""
    _, _, results, _ = runs
    good = results[None]
    assert next(check for check in good["checks"] if check["kind"] == "control")["held"]
    assert good["figures"]["collateral.reporters.failed"] > 0


def test_the_responder_is_started_by_a_message_and_reach_is_told_after_each_step(runs):
    """Detection is measured from the first call to the message; reach falls from its peak to nothing."""
    _, _, results, _ = runs
    good = results[None]
    figures, journal = good["figures"], good["journal"]
    (alerted,) = [line for line in journal if line["event"] == "alerted"]
    first = next(line["t"] for line in journal if line["actor"] == "attacker")
    assert figures["breach.ttd"] == pytest.approx(alerted["t"] - first)
    assert figures["breach.ttd"] >= 30  # EventBridge and the trail's log group take their time
    assert figures["breach.ttn"] == 300
    reach = [line for line in journal if line["event"] == "reach"]
    assert [line["after"] for line in reach[1:-1]] == list(dict.fromkeys(line["after"] for line in reach[1:-1]))
    assert figures["breach.peak"] >= reach[0]["left"] > 0 == reach[-1]["left"]


def test_the_same_seed_gives_the_same_bytes_in_a_breach(runs):
    """Attacker, responder and delays are drawn from the seed; neither secrets nor tokens stand in the journal."""
    _, _, _, (together, alone) = runs
    assert len(alone) > 5000
    assert together.startswith(alone)
    assert b"SecretAccessKey" not in together
    assert b"FwoGZXIvYXdzE" not in together
