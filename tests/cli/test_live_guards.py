"""Live: another server plays the real accounts; a guard that refuses has sent nothing that writes."""

import json

import pytest
from live_accounts import ALIAS, groups, topics

from twin.engine import plan as plans


def planned(twin, *more):
    """Save a live plan."""
    status, _, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json", *more)
    assert status == 0, err


def test_a_confirmed_plan_is_carried_out(live, real, twin):
    """The happy path, with an empty plan and a stale one behind it."""
    planned(twin)
    assert (topics(real), groups(real)) == ([], [])
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert status == 0, err
    assert (topics(real), groups(real)) == (["news"], ["team"])
    assert twin("plan", "spec.yaml", "--live", "--exit-code")[0] == 0
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "the plan is stale" in err) == (4, True)


def test_a_plan_that_deletes_needs_its_own_consent(live, real, twin):
    """Without --allow-delete exit 4 and everything still there; with it, gone."""
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    planned(twin, "--destroy")
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "--allow-delete" in err, "aws.sns.topic.news" in err) == (4, True, True)
    assert (topics(real), groups(real)) == (["news"], ["team"])
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--allow-delete")[0] == 0
    assert (topics(real), groups(real)) == ([], [])


@pytest.fixture
def sent(real, monkeypatch):
    """Every call that this process sends, by any client; the reads are told apart from what writes."""
    from twin.resources.aws.api import AwsSystem
    from twin.resources.http_api import HttpSystem

    calls = []
    for class_ in (AwsSystem, HttpSystem):
        execute = class_.execute

        def record(self, call, execute=execute):
            calls.append(call)
            return execute(self, call)

        monkeypatch.setattr(class_, "execute", record)
    return calls


def writes(calls):
    """Return the calls that could change something."""
    reading = ("Get", "List", "Describe", "GET")
    return [str(c) for c in calls if not c.operation.startswith(reading)]


def rewrite(file, **scope):
    """Make the saved plan one for other accounts, with a digest that fits."""
    from dataclasses import replace

    plan = plans.load(file)
    plans.save(replace(plan, scope=replace(plan.scope, **scope)), file)


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ({"account": "999999999999"}, "AWS account"),
        ({"alias": "other"}, "AWS account alias"),
        ({"cloudflare_account": "0123456789abcdef0123456789abcdef"}, "Cloudflare account"),
        ({"okta_url": "https://other.okta.com"}, "Okta org"),
        ({"auth0_domain": "other.us.auth0.com"}, "Auth0 tenant"),
    ],
)
def test_other_accounts_are_refused(live, real, twin, sent, scope, says):
    """Who the vendors say we are is not whom the plan was made for."""
    planned(twin)
    rewrite(live / "plan.json", **scope)
    sent.clear()
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", scope.get("alias", ALIAS))
    assert (status, says in err) == (4, True), err
    assert "the vendor says" in err
    assert (writes(sent), topics(real), groups(real)) == ([], [], [])


@pytest.mark.parametrize(("given", "says"), [((), "none was given"), (("--confirm", "acme-prod"), "'acme-prod'")])
def test_an_alias_that_was_not_confirmed_is_refused(live, real, twin, sent, given, says):
    """It must be given, and be the right one."""
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", *given)
    assert (status, says in err, "nothing was sent" in err) == (4, True, True), err
    assert (writes(sent), topics(real), groups(real)) == ([], [], [])


def test_a_plan_for_the_twin_does_not_go_live(live, real, twin, sent):
    """It was decided on what the twin holds."""
    assert twin("plan", "spec.yaml", "-o", "plan.json")[0] == 0
    sent.clear()
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "made for the target twin" in err) == (4, True)
    assert (writes(sent), topics(real)) == ([], [])


def test_a_live_plan_does_not_go_to_the_twin(live, real, twin, sent):
    """Nor the other way round."""
    planned(twin)
    sent.clear()
    status, _, err = twin("apply", "plan.json")
    assert (status, "--live" in err, sent) == (4, True, [])


def test_a_spec_is_not_applied_live(live, real, twin, sent):
    """Live works from a saved plan only."""
    status, _, err = twin("apply", "spec.yaml", "--live", "--confirm", ALIAS)
    assert (status, "saved plan" in err, sent) == (4, True, [])


def test_a_plan_that_was_changed_by_hand_is_refused(live, real, twin, sent):
    """The digest does not fit: exit 4 before anybody is asked; on a twin, where nothing is guarded, 2."""
    planned(twin)
    data = json.loads((live / "plan.json").read_text())
    data["changes"][0]["fields"]["name"] = "other"
    (live / "plan.json").write_text(json.dumps(data))
    sent.clear()
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 4
    assert twin("apply", "plan.json")[0] == 2
    assert sent == []


def test_a_vendor_out_of_reach_is_exit_3(live, real, twin, monkeypatch):
    """Nobody answers: neither a bug nor a refusal."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    planned(twin)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 3
    assert twin("plan", "spec.yaml", "--live")[0] == 3


@pytest.mark.parametrize(
    "name", ["CLOUDFLARE_API_TOKEN", "OKTA_CLIENT_TOKEN", "AUTH0_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"]
)
def test_missing_credentials_are_exit_3(live, real, twin, monkeypatch, name):
    """The message says which variable or chain lacks them."""
    monkeypatch.delenv(name)
    status, out, err = twin("plan", "spec.yaml", "--live")
    assert (status, out) == (3, ""), err
    assert "Traceback" not in err


def test_wrong_credentials_are_exit_3(live, real, twin, monkeypatch):
    """The vendor refuses to be read."""
    monkeypatch.setenv("OKTA_CLIENT_TOKEN", "wrong")
    status, _, err = twin("plan", "spec.yaml", "--live")
    assert (status, "E0000011" in err) == (3, True), err


def test_a_profile_that_does_not_exist_is_exit_3(live, real, twin, monkeypatch):
    """AWS's own chain says so."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    status, _, err = twin("plan", "spec.yaml", "--live")
    assert (status, "nobody" in err) == (3, True), err
    assert twin("plan", "spec.yaml")[0] == 0, "the twin has keys of its own"
    monkeypatch.delenv("AWS_PROFILE")
