"""What a stolen key did: events traced through assumed roles back to whom they began with."""

import json
from datetime import UTC, datetime

import pytest

from tests.report.ocsf_schema import faults
from tests.world.mounted import Clients
from twin.clock import VirtualClock
from twin.engine.connect import twin
from twin.observe.happenings import Happening, Logs, Wanted, happenings
from twin.observe.principals import Deed, deeds, principals
from twin.report import ocsf
from twin.report.principals import document, lines, told
from twin.report.query import Index
from twin.resources.scope import Scope
from twin.scenario.embedded import endpoints, make_world
from twin.world.principals import Credentials

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT = "111122223333"
SCOPE = Scope("acme", "prod", account=ACCOUNT)
FIRST, SECOND = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("first", "second"))
ADDRESS = "203.0.113.9"
CHAIN = ("assumed-role/first/one", "assumed-role/second/two")


def _policy(*actions: str, principal: str | None = None) -> str:
    who = {"Principal": {"AWS": principal}} if principal else {"Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, **who}]})


class Away:
    """Clients that call from an address of their own."""

    def __init__(self, clients: Clients, held: Credentials) -> None:
        self.clients, self.held = clients, held

    def __call__(self, service: str):
        client = self.clients(service, credentials=self.held, own=True)
        sign = lambda request, **_: request.headers.add_header("X-Twin-Source-Ip", ADDRESS)  # noqa: E731
        client.meta.events.register("before-sign", sign)
        return client

    def assume(self, role: str, name: str) -> "Away":
        given = self("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        held = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return Away(self.clients, held)


@pytest.fixture(scope="module")
def recorded() -> tuple[list[Happening], list[str]]:
    """A key is stolen, two roles are assumed, one from the other, and the last opens a bucket; and the secrets."""
    clock = VirtualClock(START)
    world = make_world(SCOPE, seed=1, clock=clock)
    clients = Clients(world)
    iam = clients("iam")
    iam.create_user(UserName="eve")
    iam.put_user_policy(UserName="eve", PolicyName="own", PolicyDocument=_policy("sts:AssumeRole"))
    key = iam.create_access_key(UserName="eve")["AccessKey"]
    iam.create_role(RoleName="first", AssumeRolePolicyDocument=_policy("sts:AssumeRole", principal=ACCOUNT))
    iam.put_role_policy(RoleName="first", PolicyName="own", PolicyDocument=_policy("sts:AssumeRole"))
    iam.create_role(RoleName="second", AssumeRolePolicyDocument=_policy("sts:AssumeRole", principal=ACCOUNT))
    iam.put_role_policy(
        RoleName="second", PolicyName="own", PolicyDocument=_policy("cloudtrail:*", "s3:*", "guardduty:*")
    )
    clients("s3").create_bucket(Bucket="data")
    clients("guardduty").create_detector(Enable=True)
    clock.advance(60)
    thief = Away(clients, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    with pytest.raises(thief("iam").exceptions.ClientError):
        thief("iam").list_users()
    clock.advance(1)
    first = thief.assume(FIRST, "one")
    clock.advance(1)
    second = first.assume(SECOND, "two")
    clock.advance(1)
    second("s3").delete_public_access_block(Bucket="data")
    clock.advance(1200)
    read = happenings(Logs(twin(SCOPE, endpoints(world)).systems, ["us-east-1"]), Wanted(reads=True))
    assert read.gaps == ()
    held = [(one.held.secret_access_key, one.held.session_token) for one in (thief, first, second)]
    return list(read.events), [secret for pair in held for secret in pair if secret]


@pytest.fixture(scope="module")
def found(recorded) -> list[Happening]:
    """What the logs tell of it."""
    return recorded[0]


def _of(found: list[Happening], name: str) -> list[Deed]:
    return next(list(one.deeds) for one in principals(deeds(found)) if one.name == name)


def test_what_two_roles_did_goes_back_to_the_user_whose_key_it_was(found):
    """Each call in its order, with the sessions on the way, the address and the refusal."""
    done = [one for one in _of(found, "user/eve") if one.happening.source == "trail"]
    assert [(one.happening.action, one.through, one.refused) for one in done] == [
        ("iam:ListUsers", (), True),
        ("sts:AssumeRole", (), False),
        ("sts:AssumeRole", CHAIN[:1], False),
        ("s3:DeleteBucketPublicAccessBlock", CHAIN, False),
    ]
    assert {one.address for one in done} == {ADDRESS}
    (eve,) = (one for one in principals(deeds(found)) if one.name == "user/eve")
    assert (eve.refused, eve.sessions, eve.addresses[ADDRESS]) == (1, (CHAIN[:1], CHAIN), len(eve.deeds))
    assert not {deed.principal for deed in deeds(found)} & set(CHAIN)


def test_without_the_calls_that_assumed_nobody_is_accused(found):
    """Sessions stand for themselves, and it is said that the log does not tell whose they were."""
    known = [one for one in found if one.action != "sts:AssumeRole"]
    (done,) = (one for one in _of(known, CHAIN[1]) if one.happening.source == "trail")
    assert (done.principal, done.through, done.traced) == (CHAIN[1], (), False)
    assert "does not say who assumed it" in "\n".join(map(str, lines(principals(deeds(known)))))
    assert "does not say who assumed it" not in "\n".join(map(str, lines(principals(deeds(found)))))


def test_a_filter_finds_what_came_of_a_user(found):
    """By whom it goes back to, by a session on the way, and not by another."""
    done = deeds(found)
    index = Index.of(done, told)
    actions = {done[place].happening.action for place in index.matching("principal:user/eve source:trail")}
    assert actions == {"iam:ListUsers", "sts:AssumeRole", "s3:DeleteBucketPublicAccessBlock"}
    assert {done[place].principal for place in index.matching("principal:role/second")} == {"user/eve"}
    assert index.matching("principal:mallory") == []


def test_a_finding_stands_among_the_deeds_of_whom_it_is_about(found):
    """GuardDuty found what the second role did; it is told under the user, and as OCSF's Detection Finding."""
    (deed,) = (one for one in _of(found, "user/eve") if one.happening.source == "guardduty")
    assert (deed.through, deed.address, deed.refused) == (CHAIN, ADDRESS, False)
    assert ocsf.ocsf(deed.happening)["class_uid"] == 2004


def test_whom_a_provider_vouched_for_is_where_a_session_begins():
    """What Okta's user did at Okta and, by SAML, in AWS is one timeline."""
    key = {"credentials": {"accessKeyId": "ASIA1"}, "subject": "ada@acme.example"}
    entered = {"eventName": "AssumeRoleWithSAML", "responseElements": key, "userIdentity": {"type": "Unknown"}}
    session = {"userIdentity": {"type": "AssumedRole", "accessKeyId": "ASIA1"}}
    login = Happening("1", START, "okta", "ada@acme.example", "user.session.start", "ok")
    into = Happening("2", START, "trail", "Unknown", "sts:AssumeRoleWithSAML", "ok", detail=entered)
    call = Happening("3", START, "trail", "assumed-role/deploy/ada", "s3:ListBuckets", "ok", detail=session)
    (ada,) = principals(deeds([call, into, login]))
    assert (ada.name, [one.happening.id for one in ada.deeds]) == ("ada@acme.example", ["1", "2", "3"])
    assert [one.traced for one in ada.deeds] == [True, True, True]


def test_what_the_logs_hold_is_valid_ocsf_and_hides_the_secrets(recorded):
    """Every event that a world recorded, held against the schema's requirements."""
    found, secrets = recorded
    events = [json.loads(line) for line in ocsf.lines(found)]
    assert [faults(event) for event in events] == [[]] * len(found)
    assert {event["class_uid"] for event in events} >= {2004, 3001, 3002, 6003}
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    text = json.dumps([events, document(principals(deeds(found)))])
    assert len(secrets) == 5
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize(
    ("source", "result", "detail", "refused"),
    [
        ("trail", "AccessDenied", {}, True),
        ("trail", "ok", {}, False),
        ("okta", "INVALID_CREDENTIALS", {"outcome": {"result": "FAILURE"}}, True),
        ("okta", "Sign-on policy evaluation resulted in CHALLENGE", {"outcome": {"result": "CHALLENGE"}}, False),
        ("cloudflare", "failed", {}, True),
        ("guardduty", "severity 8.0", {}, False),
    ],
    ids=["denied", "done", "okta-failure", "okta-challenge", "cloudflare", "finding"],
)
def test_a_refusal_is_a_call_that_failed(source, result, detail, refused):
    """A second factor that is asked for is none, nor is what a detector says."""
    (deed,) = deeds([Happening("1", START, source, "eve", "something", result, detail=detail)])
    assert deed.refused is refused


def test_keys_that_give_out_each_other_end_a_trace():
    """A log that cannot be true is read all the same."""
    told = [
        {"userIdentity": {"accessKeyId": by}, "responseElements": {"credentials": {"accessKeyId": key}}}
        for by, key in (("A", "B"), ("B", "A"))
    ]
    found = [
        Happening(str(i), START, "trail", f"p{i}", "sts:AssumeRole", "ok", detail=one) for i, one in enumerate(told)
    ]
    assert [len(one.through) for one in deeds(found)] == [2, 2]
