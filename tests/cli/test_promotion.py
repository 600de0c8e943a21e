"""Nothing goes live that was not rehearsed: evidence, approvals, windows, and what breaks the glass."""

import json
import os
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from live_accounts import ALIAS, clear, client, groups, spec, topics

from twin.attestation import attestations
from twin.attestation.envelope import public_text, seal, unseal
from twin.attestation.signing import signing_key
from twin.engine import plan as plans
from twin.errors import GuardError

SCENARIO = """\
id: T1
title: The topic is there
spec: spec.yaml
seed: 1
duration: 1m
let: {topic: "${aws.sns.topic.news.arn}"}
runbook: {tell: {call: "sns:Publish", with: {TopicArn: "${topic}", Message: news}}}
expect:
  it-answers: {call: "sns:GetTopicAttributes", with: {TopicArn: "${topic}"}, value: "Attributes.Owner", equals: "OWNER"}
"""
NO_POLICY = """\
  aws.iam.role:
    clerk:
      name: clerk
      trust:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
  aws.iam.attachment:
    lost: {role: "${aws.iam.role.clerk.id}", policy: "arn:aws:iam::aws:policy/NoSuchPolicy"}
"""
DEMANDS = "delivery:\n  promotion:\n    rehearsal: waived\n"


@pytest.fixture
def demanding(live):
    """Write the spec with what it demands, and the scenario, which holds for one owner."""

    def write(demands, *, owner="210987654321", **more):
        delivery = DEMANDS + "".join(f"    {line}\n" for line in demands)
        (live / "spec.yaml").write_text(spec(delivery=delivery, **more))
        (live / "scenarios").mkdir(exist_ok=True)
        (live / "scenarios" / "t1.yaml").write_text(SCENARIO.replace("OWNER", owner))
        return live

    return write


def own_key(folder):
    """Return where the key of a user is whose own things are in a folder."""
    return folder / "twin" / "signing.pem"


def key_of(twin, monkeypatch, home, name):
    """Return the public key of somebody else's machine, and a function that becomes them."""
    there = home / f"{name}.pem"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / f"own-of-{name}"))
    code, out, _ = twin("key")
    own_key(home / f"own-of-{name}").rename(there)
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "own"))
    assert code == 0
    return out.strip(), there


def planned(twin):
    """Save a live plan."""
    status, _, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json")
    assert status == 0, err


def resigned(home, change):
    """Sign what a rehearsal told again, with other words."""
    key = signing_key(home / "home", os.environ)
    file = home / "plan.intoto.jsonl"
    _, told = unseal(json.loads(file.read_text()), {"me": public_text(key.public_key())})
    told = type(told)(told.digest, told.predicate_type, {**told.predicate, **change})
    file.unlink()
    attestations.add(file, seal(told, key))


def refused(twin, real, *, says, **flags):
    """A live apply that is refused with exit 4, for this reason, and changes nothing."""
    more = [part for name, value in flags.items() for part in (f"--{name.replace('_', '-')}", value)]
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, *more)
    assert (status, says in err, topics(real)) == (4, True, []), err


def test_a_plan_that_was_rehearsed_goes_live(demanding, real, twin):
    """Refused before, verified and carried out after."""
    demanding(["scenarios: [T1]"])
    planned(twin)
    assert twin("verify", "plan.json")[0] == 1
    refused(twin, real, says="scenario T1: it was not rehearsed")
    status, out, err = twin("rehearse", "plan.json")
    assert (status, "PASS" in out) == (0, True), err
    status, out, err = twin("verify", "plan.json", "--json")
    assert (status, json.loads(out)["good"]) == (0, True), err
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    assert topics(real) == ["news"]


def test_a_plan_of_which_nothing_is_demanded_must_have_been_carried_out_on_a_twin(live, real, twin):
    """A spec that says nothing of promotion lets no plan pass that was not rehearsed, and says who may loosen that."""
    (live / "spec.yaml").write_text(spec(delivery=""))
    planned(twin)
    status, out, _ = twin("verify", "plan.json")
    assert (status, out) == (1, "✗ rehearsal: it was not rehearsed: twin rehearse PLAN.json\n")
    refused(twin, real, says="rehearsal: it was not rehearsed")
    refused(twin, real, says="does not let anybody break the glass", break_glass="the site is down")
    status, out, err = twin("rehearse", "plan.json", "--json")
    told = json.loads(out)
    assert (status, told["applied"], told["results"]) == (0, {"wave": "the plan", "changes": 2, "left": []}, []), err
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    planned(twin)
    assert twin("verify", "plan.json")[0] == 0, "of a plan that sends nothing, nothing is demanded"


@pytest.mark.parametrize("more", [(), ("waves: {rollback: unrehearsed}",)], ids=["as a whole", "in waves"])
def test_a_plan_whose_rehearsal_is_waived_is_not_carried_out(demanding, twin, more):
    """Of what is demanded besides, as what it costs, that alone is looked at."""
    demanding(["max_monthly_increase: 10", *more])
    planned(twin)
    status, out, err = twin("rehearse", "plan.json", "--json")
    told = json.loads(out)
    assert (status, told["applied"], told["ways_back"], bool(told["cost"])) == (0, None, [], True), err
    assert twin("verify", "plan.json")[0] == 0


def test_what_is_taken_over_goes_live_by_default(live, real, twin):
    """A twin of what there is has the topic, too, and its owner's tag is written there."""
    client(real)("sns").create_topic(Name="news")
    (live / "spec.yaml").write_text(spec(delivery=""))
    status, out, err = twin("plan", "spec.yaml", "--live", "--adopt", "-o", "plan.json")
    assert (status, "(ownership)" in out) == (0, True), err
    status, out, err = twin("rehearse", "plan.json")
    assert (status, "PASS the plan: 2 changes" in out) == (0, True), err
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0


def test_a_plan_that_fails_on_a_twin_is_not_signed(live, real, twin, monkeypatch):
    """What the accounts would refuse is refused there: AWS has no such policy."""
    (live / "spec.yaml").write_text(spec(delivery="") + NO_POLICY)
    planned(twin)
    status, out, _ = twin("rehearse", "plan.json")
    assert (status, "FAIL the plan: 4 changes" in out, "aws.iam.attachment.lost" in out) == (1, True, True), out
    refused(twin, real, says="rehearsal: it was not rehearsed")


def test_evidence_that_says_nothing_of_an_apply_does_not_count_as_one(live, real, twin):
    """As what was signed by an earlier twin, or for another demand."""
    (live / "spec.yaml").write_text(spec(delivery=""))
    planned(twin)
    assert twin("rehearse", "plan.json")[0] == 0
    resigned(live, {"applied": False})
    refused(twin, real, says="rehearsal: what was signed does not say that the plan was carried out")


def test_what_did_not_pass_is_not_signed(demanding, real, twin):
    """A change that breaks a scenario ends here."""
    home = demanding(["scenarios: [T1]"], owner="somebody else")
    planned(twin)
    status, out, _ = twin("rehearse", "plan.json", "--json")
    told = json.loads(out)
    assert (status, told["good"], told["signed"]) == (1, False, None)
    assert [(one["scenario"], one["verdict"]) for one in told["results"]] == [("T1", "FAIL")]
    assert not (home / "plan.intoto.jsonl").exists()
    refused(twin, real, says="scenario T1")


def test_evidence_of_another_plan_does_not_count(demanding, real, twin):
    """The digest is what was rehearsed."""
    demanding(["scenarios: [T1]"])
    planned(twin)
    assert twin("rehearse", "plan.json")[0] == 0
    demanding(["scenarios: [T1]"], topic="other")
    planned(twin)
    refused(twin, real, says="is another plan")


def test_a_spec_that_changed_since_is_not_rehearsed(demanding, twin):
    """What would be rehearsed is not what was planned."""
    demanding(["scenarios: [T1]"])
    planned(twin)
    demanding(["scenarios: [T1]"], topic="other")
    status, _, err = twin("rehearse", "plan.json")
    assert (status, "changed since the plan" in err) == (2, True)


@pytest.mark.parametrize("part", ["payload", "sig", "payloadType"])
def test_evidence_that_was_changed_does_not_count(demanding, real, twin, part):
    """One byte of it is enough."""
    home = demanding(["scenarios: [T1]"])
    planned(twin)
    assert twin("rehearse", "plan.json")[0] == 0
    file = home / "plan.intoto.jsonl"
    envelope = json.loads(file.read_text())
    where = envelope["signatures"][0] if part == "sig" else envelope
    where[part] = ("B" if where[part][0] == "A" else "A") + where[part][1:]
    file.write_text(json.dumps(envelope) + "\n")
    refused(twin, real, says="scenario T1")


def test_evidence_by_a_stranger_does_not_count(demanding, real, twin, monkeypatch, tmp_path):
    """Where signers are named, this machine is a stranger."""
    public, _ = key_of(twin, monkeypatch, tmp_path, "ci")
    demanding(["scenarios: [T1]", f"signers: {{ci: {public}}}"])
    planned(twin)
    assert twin("rehearse", "plan.json")[0] == 0
    refused(twin, real, says="no key that counts here has signed it")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"at": (datetime.now(UTC) - timedelta(days=8)).isoformat()}, "days old"),
        ({"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "in the future"),
        ({"at": "yesterday"}, "does not say when"),
        ({"twin": "0.0.1"}, "rehearsed with twin 0.0.1"),
        ({"scenarios": []}, "not among the scenarios"),
        ({"scenarios": [{"id": "T1", "verdict": "VACUOUS"}]}, "T1 was VACUOUS"),
    ],
    ids=["stale", "future", "timeless", "other version", "not run", "vacuous"],
)
def test_evidence_that_says_too_little_does_not_count(demanding, real, twin, change, says):
    """Rightly signed, and yet no answer to what is demanded."""
    home = demanding(["scenarios: [T1]"])
    planned(twin)
    assert twin("rehearse", "plan.json")[0] == 0
    resigned(home, change)
    refused(twin, real, says=says)


def test_nobody_approves_their_own_rehearsal(demanding, real, twin, monkeypatch, tmp_path):
    """Ana rehearsed it, so Ben must approve."""
    ana, ana_file = key_of(twin, monkeypatch, tmp_path, "ana")
    ben, ben_file = key_of(twin, monkeypatch, tmp_path, "ben")
    people = f"{{ana: {ana}, ben: {ben}}}"
    demanding(["scenarios: [T1]", f"signers: {people}", f"approvers: {people}", "approvals: 1"])
    planned(twin)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ana_file))
    assert twin("rehearse", "plan.json")[0] == 0
    refused(twin, real, says="approvals: 0 of 1")
    assert twin("approve", "plan.json")[0] == 0
    refused(twin, real, says="nobody approves their own")
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ben_file))
    status, out, err = twin("approve", "plan.json", "--reason", "looked at every line", "--json")
    approval = json.loads(out)
    assert (status, approval["schema"], approval["approver"], approval["reason"]) == (
        0, 1, "ben", "looked at every line",
    ), err  # fmt: skip
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    assert topics(real) == ["news"]


def test_two_approvals_by_one_person_are_one(demanding, real, twin, monkeypatch, tmp_path):
    """People are counted, not signatures."""
    ana, ana_file = key_of(twin, monkeypatch, tmp_path, "ana")
    ben, _ = key_of(twin, monkeypatch, tmp_path, "ben")
    demanding([f"approvers: {{ana: {ana}, ben: {ben}}}", "approvals: 2"])
    planned(twin)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ana_file))
    assert (twin("approve", "plan.json")[0], twin("approve", "plan.json")[0]) == (0, 0)
    monkeypatch.delenv("TWIN_SIGNING_KEY")
    refused(twin, real, says="approvals: 1 of 2: ana")


def test_a_stranger_cannot_approve(demanding, twin, monkeypatch, tmp_path):
    """The key of this machine is not among the approvers."""
    ana, _ = key_of(twin, monkeypatch, tmp_path, "ana")
    demanding([f"approvers: {{ana: {ana}}}", "approvals: 1"])
    planned(twin)
    status, _, err = twin("approve", "plan.json")
    assert (status, "among its approvers" in err) == (2, True)


def test_a_closed_window_is_refused(demanding, real, twin):
    """It opens another day."""
    closed = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
    demanding([f'windows: [{{days: [{closed}], start: "09:00", end: "10:00"}}]'])
    planned(twin)
    refused(twin, real, says="deployment window: closed; the next one opens")


def test_an_open_window_lets_pass(demanding, real, twin):
    """All day, every day."""
    demanding(['windows: [{days: [mon, tue, wed, thu, fri, sat, sun], start: "00:00", end: "24:00"}]'])
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0


def test_the_glass_breaks_only_where_the_spec_lets_it_and_is_recorded(demanding, real, twin):
    """Without the spec's word, without a reason, and then with both."""
    home = demanding(["scenarios: [T1]"])
    planned(twin)
    refused(twin, real, says="does not let anybody break the glass", break_glass="the site is down")
    demanding(["scenarios: [T1]", "break_glass: true"])
    planned(twin)
    refused(twin, real, says="--break-glass needs a reason", break_glass=" ")
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--break-glass", "the site is down")
    assert (status, topics(real)) == (0, ["news"]), err
    (line,) = map(json.loads, (home / "home" / "break-glass.jsonl").read_text().splitlines())
    assert (line["reason"], line["plan"]) == ("the site is down", plans.load(home / "plan.json").digest)
    assert "scenario T1" in line["passed_over"][0]


WAVES = "waves: {canary: [aws.sns.topic.news], rollback: unrehearsed}"
WINDOW = 'windows: [{days: [mon, tue, wed, thu, fri, sat, sun], start: "00:00", end: "23:59"}]'


@pytest.fixture
def closing(real, monkeypatch):
    """Have the window close once the first wave has made its topic."""
    clock = Mock(wraps=datetime)
    clock.now = lambda zone: datetime.now(zone).replace(hour=23, minute=59) if topics(real) else datetime.now(zone)
    monkeypatch.setattr("twin.cli.commands.apply.datetime", clock)


@pytest.mark.usefixtures("closing")
def test_a_window_that_closes_between_waves_is_passed_over_through_broken_glass_alone(demanding, real, twin):
    """Without a reason the run stops there; with one it goes on, and when the window closed is recorded, too."""
    home = demanding([WINDOW, WAVES, "break_glass: true"])
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "not begun: okta.group.team" in err, topics(real), groups(real)) == (4, True, ["news"], []), err
    clear(real)
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--break-glass", "the site is down")
    assert (status, groups(real)) == (0, ["team"]), err
    begun, shut = map(json.loads, (home / "home" / "break-glass.jsonl").read_text().splitlines())
    assert (begun["passed_over"], shut["reason"]) == ([], "the site is down")
    assert shut["passed_over"][0].startswith("deployment window: closed; the next one opens")


def test_a_window_that_was_closed_from_the_start_is_recorded_once(demanding, real, twin):
    """Not again before each wave."""
    closed = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
    home = demanding([f'windows: [{{days: [{closed}], start: "09:00", end: "10:00"}}]', WAVES, "break_glass: true"])
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--break-glass", "the site is down")
    assert (status, topics(real), groups(real)) == (0, ["news"], ["team"]), err
    (line,) = map(json.loads, (home / "home" / "break-glass.jsonl").read_text().splitlines())
    assert line["passed_over"][0].startswith("deployment window: closed")


@pytest.mark.usefixtures("closing")
def test_a_closed_window_that_cannot_be_recorded_stops_the_run(demanding, real, twin, monkeypatch):
    """Between waves as before them: nobody would know of it."""
    demanding([WINDOW, WAVES, "break_glass: true"])
    planned(twin)
    monkeypatch.setattr("twin.cli.commands.apply._record", refuse_second(GuardError("refused, nothing more is sent")))
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--break-glass", "the site is down")
    assert (status, "refused, nothing more is sent" in err, groups(real)) == (4, True, []), err


def refuse_second(error):
    """Return a function that raises when it is called again."""
    asked = []

    def ask(*_, **__):
        asked.append(None)
        if len(asked) > 1:
            raise error

    return ask


def test_a_broken_glass_does_not_pass_over_who_we_are(demanding, real, twin):
    """The alias must be confirmed all the same."""
    demanding(["scenarios: [T1]", "break_glass: true"])
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", "--break-glass", "the site is down")
    assert (status, "none was given" in err, topics(real)) == (4, True, []), err


@pytest.mark.parametrize("no", ["0", "false", " Off ", "nope"])
def test_a_machine_that_may_not_go_live_does_not(live, real, twin, monkeypatch, no):
    """TWIN_LIVE=0 keeps even the reads away, and that of a lock; so does every other word that is no yes."""
    monkeypatch.setenv("TWIN_LIVE", no)
    for command in (("plan", "spec.yaml", "--live"), ("unlock", "spec.yaml")):
        status, _, err = twin(*command)
        assert (status, f"TWIN_LIVE={no} keeps" in err) == (4, True)


def test_a_key_that_others_can_read_signs_nothing(twin, home):
    """Whoever has read it may have signed too."""
    assert twin("key")[0] == 0
    own_key(home / "own").chmod(0o644)
    status, _, err = twin("key")
    assert (status, "is not yours alone" in err) == (2, True)


@pytest.mark.parametrize("more", [[], ["approvers: {ana: ANA}", "approvals: 1"]], ids=["signers", "approvals"])
def test_a_key_that_others_can_read_stops_nobody_where_it_has_no_say(demanding, twin, monkeypatch, tmp_path, more):
    """The signers are named, and one of them rehearsed; who may approve is another matter, which it is asked in."""
    ana, ana_file = key_of(twin, monkeypatch, tmp_path, "ana")
    home = demanding(["scenarios: [T1]", f"signers: {{ana: {ana}}}", *(line.replace("ANA", ana) for line in more)])
    planned(twin)
    assert twin("key")[0] == 0
    own_key(home / "own").chmod(0o644)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ana_file))
    assert twin("rehearse", "plan.json")[0] == 0
    monkeypatch.delenv("TWIN_SIGNING_KEY")
    status, out, err = twin("verify", "plan.json")
    assert (status, "is not yours alone" in err) == ((2, True) if more else (0, False)), (out, err)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == (2 if more else 0)


def test_to_verify_leaves_nothing_behind(demanding, twin):
    """Whoever only looks needs no key, and no folder that can be written."""
    home = demanding(["scenarios: [T1]"])
    planned(twin)
    assert twin("verify", "plan.json")[0] == 1
    assert not own_key(home / "own").exists()


@pytest.mark.parametrize("spelt", [str, lambda key: key[:-2] + chr(ord(key[-2]) + 1) + "="], ids=["same", "other"])
def test_one_key_under_two_names_is_one_person(demanding, real, twin, monkeypatch, tmp_path, spelt):
    """Also where another has one of the names, and where the key is spelt otherwise."""
    ana, ana_file = key_of(twin, monkeypatch, tmp_path, "ana")
    ben, _ = key_of(twin, monkeypatch, tmp_path, "ben")
    demanding(
        ["scenarios: [T1]", f"signers: {{ci: {ana}}}", f"approvers: {{ci: {ben}, me: {spelt(ana)}}}", "approvals: 1"]
    )
    planned(twin)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ana_file))
    assert twin("rehearse", "plan.json")[0] == 0
    assert twin("approve", "plan.json")[0] == 0
    refused(twin, real, says="nobody approves their own")


@pytest.mark.parametrize(
    ("before", "code", "left"), [(b'{"payl', 2, 1), (b"\xff\n", 2, 1), (b"{}", 0, 2)], ids=["torn", "no text", "no end"]
)
def test_an_approval_is_not_swallowed_by_the_line_before_it(
    demanding, twin, monkeypatch, tmp_path, *, before, code, left
):
    """Appended to a torn line it would be no more to be read, and its approver would think that it counts."""
    ana, ana_file = key_of(twin, monkeypatch, tmp_path, "ana")
    home = demanding([f"approvers: {{ana: {ana}}}", "approvals: 1"])
    planned(twin)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(ana_file))
    file = home / "plan.intoto.jsonl"
    file.write_bytes(before)
    status, _, err = twin("approve", "plan.json")
    assert (status, len(file.read_bytes().splitlines())) == (code, left), err


@pytest.mark.parametrize("there", ["folder", "link"])
def test_a_record_that_cannot_be_kept_breaks_no_glass(demanding, real, twin, there):
    """Nobody would know of it, also where it would go to a place at which nobody looks."""
    home = demanding(["scenarios: [T1]", "break_glass: true"])
    planned(twin)
    file = home / "home" / "break-glass.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.mkdir() if there == "folder" else file.symlink_to(home / "elsewhere.jsonl")
    refused(twin, real, says="break-glass.jsonl cannot be written", break_glass="the site is down")


def test_the_signing_key_is_for_its_owner_alone(twin, home):
    """Mode 0600; and the same key the next time."""
    first, second = twin("key")[1], twin("key")[1]
    assert (first, own_key(home / "own").stat().st_mode & 0o777) == (second, 0o600)


def test_a_key_that_is_none_is_a_usage_error(twin, home, monkeypatch):
    """The message names the file."""
    (home / "bad.pem").write_text("no key")
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(home / "bad.pem"))
    status, _, err = twin("key")
    assert (status, "bad.pem" in err) == (2, True)


def test_a_key_that_came_with_a_folder_signs_nothing(demanding, real, twin, monkeypatch, tmp_path):
    """Whoever is given the folder would sign as its owner; what to do is told, and no other key is taken meanwhile."""
    home = demanding(["scenarios: [T1]"])
    planned(twin)
    mine = twin("key")[1]
    brought = tmp_path / "home" / "signing.pem"
    brought.parent.mkdir(exist_ok=True)
    own_key(tmp_path / "own").rename(brought)
    own = own_key(tmp_path / "own")
    told = f"{brought} came with this folder, and who else has the folder signs as you"
    for command in (("key",), ("rehearse", "plan.json"), ("verify", "plan.json")):
        status, _, err = twin(*command)
        assert (status, told in err, f"mv {brought} {own}" in err) == (2, True, True), err
    assert (own.exists(), (home / "plan.intoto.jsonl").exists()) == (False, False)
    monkeypatch.setenv("TWIN_SIGNING_KEY", str(brought))
    assert twin("key")[1] == mine
    monkeypatch.delenv("TWIN_SIGNING_KEY")
    brought.rename(own)
    assert twin("key")[1] == mine
    brought.touch()
    status, _, err = twin("key")
    assert (status, f"{own} is yours" in err, "mv " in err) == (2, True, False), err


def test_two_folders_of_one_user_have_one_key_and_none_of_it(twin, home, monkeypatch):
    """A folder that is copied, cloned or shared brings no key along."""
    first = twin("key")[1]
    monkeypatch.setenv("TWIN_HOME", str(home / "another"))
    assert twin("key")[1] == first
    assert not [file for file in home.rglob("*.pem") if file != own_key(home / "own")]
