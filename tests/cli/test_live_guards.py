"""Live: another server plays the real accounts; a guard that refuses has sent nothing that writes."""

import json
import shutil

import pytest
from live_accounts import ACCOUNT, ALIAS, client, groups, spec, topics

from twin.engine import plan as plans
from twin.engine.lock import Claim

OURS = [{"Key": "twin:owner", "Value": "acme/base"}, {"Key": "twin:address", "Value": "aws.sns.topic.news"}]


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


def test_who_waited_for_another_run_looks_again(live, real, twin, monkeypatch):
    """What the other made in the meantime is not made twice."""
    planned(twin)
    waited = []

    def meanwhile(self, attempt, *_):
        waited.append(attempt() is None)
        client(real)("sns").create_topic(Name="news", Tags=OURS)

    monkeypatch.setattr(Claim, "take", meanwhile)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--wait", "1m")
    assert (status, "aws.sns.topic.news exists meanwhile" in err, waited, groups(real)) == (4, True, [True], [])


def test_what_another_org_owns_is_not_taken_over(live, real, twin):
    """Not even with --adopt: its owner would not know of it. What is nobody's is, while it is nobody's at apply too."""
    tags = [{"Key": "twin:owner", "Value": "rival/prod"}, *OURS[1:]]
    topic = client(real)("sns").create_topic(Name="news", Tags=tags)["TopicArn"]
    for more in ((), ("--adopt",)):
        status, _, err = twin("plan", "spec.yaml", "--live", *more)
        assert (status, f"aws.sns.topic.news: {topic} exists already and is owned by rival/prod" in err) == (2, True)
    client(real)("sns").untag_resource(ResourceArn=topic, TagKeys=["twin:owner"])
    status, out, err = twin("plan", "spec.yaml", "--live", "--adopt", "-o", "plan.json")
    assert (status, "aws.sns.topic.news  (ownership)" in out) == (0, True), err
    client(real)("sns").tag_resource(ResourceArn=topic, Tags=tags)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert (status, "others own what it is about: aws.sns.topic.news by rival/prod" in err) == (4, True), err
    client(real)("sns").tag_resource(ResourceArn=topic, Tags=[{"Key": "twin:owner", "Value": "acme/base-2"}])
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 4
    assert groups(real) == []


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


def test_a_team_shares_the_state_and_its_lock(live, real, twin, monkeypatch):
    """From S3: no folder of the first, nothing to do; a lock that was left is told, and broken by its id."""
    client(real)("iam").create_account_alias(AccountAlias=ALIAS)
    s3 = client(real)("s3")
    s3.create_bucket(Bucket="acme-states")
    s3.put_bucket_versioning(Bucket="acme-states", VersioningConfiguration={"Status": "Enabled"})
    (live / "spec.yaml").write_text(spec() + "state: {s3: {bucket: acme-states, key: states}}\n")
    planned(twin)
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS)
    assert status == 0, err
    held = {one["Key"] for one in s3.list_objects_v2(Bucket="acme-states")["Contents"]}
    assert held == {f"states/live-{ACCOUNT}-acme-base/{name}" for name in ("state.json", "runs.json", "runs/0001.json")}
    shutil.rmtree(live / "home")
    assert twin("plan", "spec.yaml", "--live", "--exit-code")[0] == 0
    left = {"id": "1f2e", "who": "ana", "host": "build-7", "pid": 8, "since": "then", "command": "twin apply"}
    s3.put_object(
        Bucket="acme-states", Key=f"states/live-{ACCOUNT}-acme-base/lock.json", Body=json.dumps(left).encode()
    )
    planned(twin, "--destroy")
    status, _, err = twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--allow-delete")
    assert (status, "ana on build-7, pid 8, since then, `twin apply`, lock 1f2e" in err) == (2, True)
    assert topics(real) == ["news"]
    assert twin("unlock", "spec.yaml")[:2] == (0, "held: ana on build-7, pid 8, since then, `twin apply`, lock 1f2e\n")
    assert twin("unlock", "spec.yaml", "0000")[0] == 2
    assert twin("unlock", "spec.yaml", "1f2e")[0] == 0
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS, "--allow-delete", "--wait", "5s")[0] == 0
    assert topics(real) == []
    monkeypatch.setenv("TWIN_STATE", "s3://acme-nowhere/k")
    status, _, err = twin("plan", "spec.yaml", "--live")
    assert (status, "NoSuchBucket" in err) == (3, True)


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


def test_a_token_of_the_keyring_goes_to_its_vendor_alone(live, real, twin, monkeypatch):
    """The plan is made with it; it is neither printed nor written, and no command for a twin asks for it."""
    asked = []

    def kept(service, name):
        asked.append((service, name))
        return real["okta_token"]

    monkeypatch.delenv("OKTA_CLIENT_TOKEN")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("keyring.get_password", kept)
    assert twin("plan", "spec.yaml")[0] == 0
    assert asked == []
    status, out, err = twin("plan", "spec.yaml", "--live", "-o", "plan.json")
    assert (status, asked) == (0, [("twin", f"OKTA_CLIENT_TOKEN@{real['url'].partition('://')[2]}")]), err
    written = [file.read_text(errors="replace") for file in live.rglob("*") if file.is_file()]
    assert [text for text in [out, err, *written] if real["okta_token"] in text] == []


@pytest.mark.parametrize("named", ["environment", "spec"])
def test_costs_are_counted_from_the_state_of_the_team(live, real, twin, monkeypatch, named):
    """Where it lies is asked, and nowhere else: a bucket that is not there is told."""
    if named == "environment":
        monkeypatch.setenv("TWIN_STATE", "s3://acme-nowhere/states")
    else:
        (live / "spec.yaml").write_text(spec() + "state: {s3: {bucket: acme-nowhere}}\n")
    status, _, err = twin("cost", "spec.yaml", "--live")
    assert (status, "the state in s3://acme-nowhere/" in err) == (3, True), err


def test_a_spec_does_not_send_a_token_where_it_likes(live, real, twin, monkeypatch):
    """Whoever is given a spec, and reads with it, would give its writer the token: exit 4 before anybody is asked."""
    monkeypatch.delenv("OKTA_CLIENT_ORGURL")
    (live / "spec.yaml").write_text(spec(okta="https://login.evil.example"))
    for command in (("plan", "spec.yaml", "--live"), ("observe", "spec.yaml", "--live")):
        status, _, err = twin(*command)
        assert (status, "OKTA_CLIENT_TOKEN would go to login.evil.example" in err, real["okta_token"] in err) == (
            4, True, False,
        ), err  # fmt: skip


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


def test_drift_is_shown_and_accepted(live, real, twin):
    """By attribute, with both ways out; once the spec says so too, there is none."""
    client(real)("iam").create_account_alias(AccountAlias=ALIAS)
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    one = ("--only", "aws.sns.topic.news")
    assert twin("diff", "spec.yaml", "--live", "--exit-code", *one)[:2] == (
        0, "no drift: the accounts are as they were applied\n",
    )  # fmt: skip
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
    client(real)("sns").set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="News!")
    code, out, _ = twin("diff", "spec.yaml", "--live", "--exit-code", *one)
    assert (code, '"" → "News!"' in out or '(none) → "News!"' in out, "twin plan SPEC --live --only" in out) == (
        1,
        True,
        True,
    ), out
    data = json.loads(twin("diff", "spec.yaml", "--live", "--json", *one)[1])
    assert [(d["address"], d["kind"], d["fields"][0]["now"]) for d in data["drift"]] == [
        ("aws.sns.topic.news", "changed", "News!")
    ]
    lines = twin("diff", "spec.yaml", "--live", "--into-spec", *one)[1]
    assert lines.startswith("overrides:\n  aws.sns.topic.news:\n    fields:")
    assert twin("diff", "spec.yaml", "--live", "--into-spec", "--write", *one)[0] == 0
    assert (live / "spec.yaml").read_text() == spec() + lines
    assert twin("diff", "spec.yaml", "--live", "--exit-code", *one)[0] == 0
    assert twin("diff", "spec.yaml", "--live", "--write")[0] == 2


def test_what_exists_is_taken_over_unchanged(live, real, twin):
    """Its lines go into the spec, the plan sends its owner and nothing else, and then there is nothing to do."""
    client(real)("iam").create_account_alias(AccountAlias=ALIAS)
    planned(twin)
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    sqs = client(real)("sqs")
    url = sqs.create_queue(QueueName="legacy", Attributes={"DelaySeconds": "5"}, tags={"team": "old"})["QueueUrl"]
    code, _, err = twin("adopt", "spec.yaml", "--live", "--only", "aws.sqs.queue.legacy", "--write")
    assert (code, "1 to take over, 0 not" in err) == (0, True), err
    assert "    legacy:\n      name: legacy\n      delay: 5\n" in (live / "spec.yaml").read_text()
    planned(twin)
    data = json.loads((live / "plan.json").read_text())
    assert [(c["address"], c["claims"], c["differences"]) for c in data["changes"] if c["action"] != "no-op"] == [
        ("aws.sqs.queue.legacy", True, [])
    ]
    assert twin("apply", "plan.json", "--live", "--confirm", ALIAS)[0] == 0
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {
        "team": "old", "twin:owner": "acme/base", "twin:address": "aws.sqs.queue.legacy",
    }  # fmt: skip
    assert twin("plan", "spec.yaml", "--live", "--exit-code")[0] == 0
    (live / "bad.tfstate").write_text('{"version": 4,\n  oops}')
    code, _, err = twin("adopt", "spec.yaml", "--live", "--terraform-state", "bad.tfstate")
    assert (code, "bad.tfstate:2:3: not a Terraform state" in err) == (2, True), err
