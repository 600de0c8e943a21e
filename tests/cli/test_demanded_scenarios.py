"""A demand means one scenario, not whatever has its id: who changes what is rehearsed changes what is demanded."""

import base64
import json
import os
from datetime import UTC, datetime

import pytest
from live_accounts import ALIAS, spec, topics

import twin as program
from twin.attestation import attestations
from twin.attestation.envelope import Statement, seal
from twin.attestation.scenario_files import digest_of
from twin.attestation.signing import signing_key
from twin.cli.bundled import find_demanded
from twin.engine import plan as plans
from twin.errors import UsageError
from twin.scenario import plan_rehearsal
from twin.scenario.delivery import own_commands
from twin.spec.model.promotion import Demanded
from twin.spec.shipped import folder, scenario_id, scenario_of

WEAK = """\
id: F1
title: Nothing is lost
spec: spec.yaml
seed: 1
duration: 1m
expect:
  it-answers: {call: "sts:GetCallerIdentity", value: "Account", equals: "210987654321"}
"""


@pytest.fixture
def demanding(live, twin):
    """Plan a spec with what it demands, in a repository that brings a scenario with the id of one that ships."""
    (live / "scenarios").mkdir()
    weak = live / "scenarios" / "weak.yaml"
    weak.write_text(WEAK)

    def plan(scenario):
        (live / "spec.yaml").write_text(spec(delivery=f"delivery:\n  promotion:\n    scenarios: [{scenario}]\n"))
        status, _, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json")
        assert status == 0, err
        return weak

    return plan


def rehearsed(home, *runs):
    """Sign, as this machine, that a rehearsal of the plan saw these scenarios pass: ids, and digests of files."""
    told = {"at": datetime.now(UTC).isoformat(), "twin": program.__version__}
    told["scenarios"] = [{"id": name, "digest": digest, "verdict": "PASS"} for name, digest in runs]
    statement = Statement(plans.load(home / "plan.json").digest, attestations.REHEARSAL, told)
    file = home / "plan.intoto.jsonl"
    file.unlink(missing_ok=True)
    attestations.add(file, seal(statement, signing_key(home / "home", os.environ)))


def test_a_scenario_of_the_repositorys_does_not_stand_for_the_one_that_ships(demanding, live, real, twin):
    """Rehearsed, signed, and refused: it has the id alone. What ships with twin counts, beside it or by itself."""
    weak = demanding("F1")
    rehearsed(live, ("F1", digest_of(weak)))
    status, out, _ = twin("verify", "plan.json", "--json")
    (told,) = json.loads(out)["demands"]
    assert (status, told["held"]) == (1, False)
    assert f"F1 is another scenario here (sha256:{digest_of(weak)}) than the one that ships with twin" in told["found"]
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "F1 is another scenario" in err, topics(real)) == (4, True, []), err
    rehearsed(live, ("F1", digest_of(weak)), ("F1", digest_of(scenario_of("F1"))))
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    assert topics(real) == ["news"]


def test_the_spec_may_mean_a_scenario_of_its_own_by_digest(demanding, live, real, twin):
    """Then it is rehearsed and goes; a change of the file afterwards is another scenario, and so is what ships."""
    weak = live / "scenarios" / "weak.yaml"
    demanding(f"{{id: F1, digest: 'sha256:{digest_of(weak)}'}}")
    rehearsed(live, ("F1", digest_of(scenario_of("F1"))))
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "than the one that the spec names" in err, topics(real)) == (4, True, []), err
    weak.write_text(WEAK + "# weaker\n")
    assert (twin("rehearse", "plan.json")[0], twin("verify", "plan.json")[0]) == (2, 1)
    weak.write_text(WEAK)
    for command in ("rehearse", "verify"):
        status, out, err = twin(command, "plan.json")
        assert (status, f"sha256:{digest_of(weak)}" in out) == (0, True), (out, err)


def test_what_ships_is_rehearsed_although_the_repository_has_the_id_too(live, capsys):
    """A sentence says whose file was passed over; an id that nothing ships under means the repository's own."""
    (live / "scenarios").mkdir()
    for name, text in (("weak", WEAK), ("own", WEAK.replace("F1", "OWN"))):
        (live / "scenarios" / f"{name}.yaml").write_text(text)
    assert find_demanded(Demanded(id="F1")) == scenario_of("F1")
    assert "scenarios/weak.yaml: F1 is another scenario here" in capsys.readouterr().err
    assert find_demanded(Demanded(id="OWN")).name == "own.yaml"
    with pytest.raises(UsageError, match="F1 is another scenario here"):
        find_demanded(Demanded(id="F1", digest=f"sha256:{'0' * 64}"))


def test_what_is_signed_is_what_was_run(demanding, live, twin, monkeypatch):
    """A file that is exchanged while its scenario runs is neither what was seen nor what is signed."""
    weak = live / "scenarios" / "weak.yaml"
    demanding(f"{{id: F1, digest: 'sha256:{digest_of(weak)}'}}")
    built = plan_rehearsal.stand

    def exchanged(*wanted, **options):
        weak.write_text(WEAK + "# another\n")
        return built(*wanted, **options)

    monkeypatch.setattr(plan_rehearsal, "stand", exchanged)
    before = digest_of(weak)
    assert twin("rehearse", "plan.json")[0] == 0
    (envelope,) = attestations.read(live / "plan.intoto.jsonl")
    told = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["scenarios"]
    assert ([one["digest"] for one in told], digest_of(weak) == before) == ([before], False)


@pytest.mark.parametrize(
    "line", ["id: F1", "id: 'F1'", 'id: "F1"', '"id": F1  # a database', "id :  F1", "\ufeffid: F1\r"]
)
def test_an_id_is_the_same_however_it_is_spelt(tmp_path, line):
    """As YAML reads it; one inside of something else is none."""
    (tmp_path / "one.yaml").write_text(f"{line}\ntitle: x\n", encoding="utf-8", newline="")
    (tmp_path / "two.yaml").write_text("title: x\nexpect:\n  id: F1\n")
    (tmp_path / "three.yaml").write_text("id: [F1\n")
    assert [scenario_id(tmp_path / f"{name}.yaml") for name in ("one", "two", "three")] == ["F1", None, None]


def test_a_scenarios_runbook_is_part_of_what_is_meant(tmp_path):
    """The same file beside another page is another scenario."""
    shipped = scenario_of("K1")
    (tmp_path / "runbooks").mkdir()
    for file in (shipped, *(folder("scenarios") / "runbooks").glob("*.md")):
        (tmp_path / file.relative_to(shipped.parent)).write_bytes(file.read_bytes())
    copy = tmp_path / shipped.name
    assert digest_of(copy) == digest_of(shipped)
    for page in (tmp_path / "runbooks").glob("*.md"):
        page.write_text(page.read_text() + "\n")
    assert digest_of(copy) != digest_of(shipped)


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ("{id: F1, digest: 'sha256:12'}", "is not a digest"),
        ("{name: F1}", "unknown key `name`"),
        ("5", "quotes"),
        (f"K1, F1, {{id: F1, digest: 'sha256:{'0' * 64}'}}", "`F1` means two scenarios"),
    ],
    ids=["short", "unknown", "number", "two"],
)
def test_a_demand_that_is_written_wrongly_is_a_diagnostic(live, twin, scenario, says):
    """With its place in the spec."""
    (live / "spec.yaml").write_text(spec(delivery=f"delivery:\n  promotion:\n    scenarios: [{scenario}]\n"))
    status, _, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json")
    assert (status, says in err, "spec.yaml:" in err) == (2, True, True), err


def test_a_demand_may_be_repeated(live, twin):
    """It means the same scenario."""
    (live / "spec.yaml").write_text(spec(delivery="delivery:\n  promotion:\n    scenarios: [F1, F1]\n"))
    assert twin("plan", "spec.yaml", "--live", "-o", "plan.json")[0] == 0


def test_a_job_on_the_twins_own_github_rehearses_what_is_meant_too(tmp_path):
    """As `twin rehearse` does: what ships, although the repository has the id."""
    wanted = [(Demanded(id="F1"), WEAK), (Demanded(id="K1"), None), (Demanded(id="OWN"), WEAK.replace("F1", "OWN"))]
    laid = dict(own_commands._laid(tmp_path, wanted))
    assert (laid["F1"], laid["K1"], laid["OWN"].parent) == (scenario_of("F1"), scenario_of("K1"), tmp_path)
