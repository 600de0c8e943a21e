"""A secret whose value is known is looked for in everything that a whole cycle leaves behind, in every form."""

import base64
import gzip
import io
import json
import urllib.parse
import zipfile
import zlib

import pyarrow
import pytest
from accounts import end, start
from desk import Desk
from pyarrow import parquet
from unpacked import layers

CANARY = 'Kanarienvogel/+=&?%-8f3a\u00e9"quoted'
SECOND = "Zweiter-Vogel_!~+/42"
SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "100000000001", alias: acme-dev, region: us-east-1}
okta: {org_url: https://dev-acme.okta.com}
resources:
  aws.secretsmanager.secret:
    vault: {name: vault, value: "SOURCE", recovery_window: 0}
    drawn: {name: drawn, generate: {length: 40}, recovery_window: 0}
    keys: {name: keys, recovery_window: 0}
  aws.iam.user:
    robot: {name: robot}
  aws.iam.access_key:
    robot: {user: "${aws.iam.user.robot.id}", store: "${aws.secretsmanager.secret.keys.arn}"}
  aws.sqs.queue:
    orders: {name: secret-orders}
  aws.sns.topic:
    orders: {name: secret-orders}
  aws.sns.subscription:
    orders: {topic: "${aws.sns.topic.orders.arn}", protocol: sqs, endpoint: "${aws.sqs.queue.orders.arn}"}
delivery:
  promotion:
    scenarios: [S1]
    signers: PEOPLE
    approvers: PEOPLE
    approvals: 1
    max_monthly_increase: 50
    waves: {canary: [aws.sqs.queue.*], rollback: rehearsed}
"""
SCENARIO = """\
id: S1
title: The secret is there
spec: org.yaml
seed: 1
duration: 10m
runbook:
  read: {call: "secretsmanager:GetSecretValue", with: {SecretId: vault}, save: {stolen: SecretString}}
  send: {call: "sqs:SendMessage", with: {QueueUrl: "${aws.sqs.queue.orders.id}", MessageBody: "${stolen}"}}
  keep: {call: "secretsmanager:PutSecretValue", with: {SecretId: drawn, SecretString: "${stolen}"}}
expect:
  it-is-there: {call: "secretsmanager:DescribeSecret", with: {SecretId: vault}, value: Name, equals: vault}
"""


def forms(value):
    """Return a value as bytes in the forms in which it may stand somewhere."""
    raw = value.encode()
    texts = {
        "plain": raw,
        "latin": value.encode("latin-1"),
        "utf-16": value.encode("utf-16-le"),
        "json": json.dumps(value)[1:-1].encode(),
        "json twice": json.dumps(json.dumps(value)[1:-1])[1:-1].encode(),
        "url": urllib.parse.quote(value, safe="").encode(),
        "form": urllib.parse.quote_plus(value).encode(),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "reversed": raw[::-1],
    }
    for shift in range(3):  # wherever it begins among the three bytes that four characters stand for
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            written = encode(b"\0" * shift + raw)
            texts[f"{name} {shift}"] = written[-(-shift * 4 // 3) + (1 if shift else 0) : -4]
    return texts


def found(name, data, values):
    """Return where one of the values stands."""
    wanted = {f"{value[:6]}… as {form}": text for value in values for form, text in forms(value).items()}
    return [f"{name}: {form}" for layer in layers(data) for form, text in wanted.items() if text in layer]


@pytest.mark.parametrize("form", sorted(forms(CANARY)))
def test_the_search_finds_a_canary_in_every_form(form):
    """Between other bytes, and packed; and nothing where there is none."""
    text = forms(CANARY)[form]
    assert found("x", b"before " + text + b" after", [CANARY])
    assert found("x", gzip.compress(b"before " + text), [CANARY])
    assert found("x", b"a head\n" + zlib.compress(text, 1), [CANARY])
    assert found("x", b"nothing here", [CANARY]) == []


def _zip(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("one", data)
    return file.getvalue()


def _parquet(data):
    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"note": [data.decode()]}), file)
    return file.getvalue()


PACKINGS = {
    "a recording's difference": lambda data: b'{"delta":"' + base64.b64encode(zlib.compress(data, 9)) + b'"}',
    "an envelope's payload": lambda data: json.dumps({"payload": base64.b64encode(data).decode()}).encode(),
    "a log event": lambda data: b"a head\n" + base64.b64encode(gzip.compress(data)),
    "a zipped table": lambda data: _zip(_parquet(data)),
    "hex of base64": lambda data: base64.b64encode(b"xy" + data).hex().encode(),
    "text in a text": lambda data: json.dumps(json.dumps(json.dumps({"a": data.decode()}))).encode(),
}


@pytest.mark.parametrize("packing", sorted(PACKINGS))
def test_the_search_finds_a_canary_however_it_is_packed(packing):
    """As recordings, evidence, logs and bills pack what they hold."""
    told = json.dumps({"secret": CANARY, "more": "words " * 20}).encode()
    assert found("x", PACKINGS[packing](told), [CANARY])
    assert found("x", PACKINGS[packing](told.replace(b"Kana", b"Hahn")), [CANARY]) == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk before one account, which answers at once: what it is told, and not how late, is looked through."""
    accounts = start(tmp_path_factory.mktemp("account"), names=("dev",), faults=())
    yield Desk(tmp_path_factory.mktemp("desk"), accounts)
    end(accounts)


@pytest.fixture(scope="module")
def cycle(desk, tmp_path_factory):
    """Plan, rehearse, approve, apply, change, roll back, observe, destroy; everything that was said and written."""
    (desk.folder / "scenarios" / "s1.yaml").write_text(SCENARIO)
    (desk.folder / "canary.txt").write_text(SECOND + "\n")
    said = {}

    def run(*arguments, by="ana", code=0):
        got, out, err = desk(*arguments, at="dev", by=by, VAULT=CANARY)
        assert got == code, out + err
        said[f"{len(said)} {' '.join(map(str, arguments))}"] = (out + err).encode()

    def live(file, *more, code=0):
        run("rehearse", file, by="ana")
        run("approve", file, by="ben")
        run("verify", file)
        run("apply", file, "--live", "--confirm", "acme-dev", *more, code=code)

    write = lambda text: (desk.folder / "org.yaml").write_text(text.replace("PEOPLE", desk.people))  # noqa: E731
    write(SPEC.replace("SOURCE", "env:VAULT"))
    run("check", "org.yaml")
    run("plan", "org.yaml", "--live", "--json", "-o", "plan.json")
    live("plan.json")
    values = kept(desk)
    write(SPEC.replace("SOURCE", "file:canary.txt"))
    run("plan", "org.yaml", "--live", "-o", "second.json")
    live("second.json")
    run("observe", "org.yaml", "--live", "--save", "snapshot")
    run("cost", "org.yaml")
    packed(run)
    run("plan", "org.yaml", "--live", "--destroy", "-o", "last.json")
    run("rehearse", "last.json")
    run("approve", "last.json", by="ben")
    run("apply", "last.json", "--live", "--confirm", "acme-dev", "--allow-delete")
    return said, values


def packed(run):
    """Write what packs its contents, and what others read: recordings, reports, bills, Terraform's plan."""
    reports = [f"--report={form}=run.{form}" for form in ("junit", "json", "journal", "ocsf")]
    run("run", "scenarios/s1.yaml", "--record", "run.recording", *reports, "--json")
    run("plan", "--run", "run.recording", "--at", "0", "--json")
    run("show", "org.yaml", "--live", "--topology", "--format", "json", "--save", "show.json")
    run("cost", "org.yaml", "--days", "30", "--format", "focus", "-o", "bill.parquet")
    run("plan", "org.yaml", "--live", "--format", "terraform")
    run("check", "org.yaml", "--format", "sarif", "--fail-on", "never")


def kept(desk):
    """Return what the account's secrets hold: drawn values, and the secret half of the robot's key."""
    secrets = desk.accounts["dev"].client("secretsmanager")
    drawn = secrets.get_secret_value(SecretId="drawn")["SecretString"]
    key = json.loads(secrets.get_secret_value(SecretId="keys")["SecretString"])
    assert secrets.get_secret_value(SecretId="vault")["SecretString"] == CANARY
    return [CANARY, SECOND, drawn, key["secret_access_key"]]


def test_no_secret_is_in_what_was_said(cycle):
    """Nothing on stdout or stderr of any command."""
    said, values = cycle
    assert len(said) > 12
    assert [line for name, data in said.items() for line in found(name, data, values)] == []


KINDS = ("plan.json", ".intoto.jsonl", "state.json", "journal", "snapshot", "run.recording", "run.ocsf", "bill.parquet")


def test_no_secret_is_in_what_was_written(cycle, desk):
    """Plans, attestations, states, journals, snapshots, reports; the file that is a secret's source is left out.

    Worlds that a rehearsal keeps hold their secrets as an account does: theirs are for their user's eyes alone.
    """
    _, values = cycle
    files = [file for file in desk.folder.rglob("*") if file.is_file() and file.name != "canary.txt"]
    worlds = [file for file in files if file.suffix == ".world"]
    written = {str(file.relative_to(desk.folder)): file.read_bytes() for file in files if file not in worlds}
    names = " ".join(written)
    assert all(
        part in names for part in ("plan.json", ".intoto.jsonl", "state.json", "journal", "snapshot", "run.recording")
    )
    assert [line for name, data in written.items() for line in found(name, data, values)] == []
    assert {file.stat().st_mode & 0o077 for file in worlds} <= {0}


def test_no_credential_is_in_what_was_written(cycle, desk):
    """Neither the account's own keys nor the token of Okta."""
    served = desk.accounts["dev"].served
    values = [served["secret_access_key"], served["okta_token"]]
    files = [file for file in desk.folder.rglob("*") if file.is_file()]
    assert [line for file in files for line in found(file.name, file.read_bytes(), values)] == []
