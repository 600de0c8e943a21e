"""The command line: exit codes, data on stdout, narration on stderr, JSON with its schema everywhere."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from served import HEAD, raw

import twin.cli.session
from twin.cli import run
from twin.errors import GuardError, Interrupted, TargetError, UsageError

BIN = Path(sys.executable).parent
SPEC = raw("aws.sns.topic:\n  news: {name: news}\naws.s3.bucket:\n  lake: {bucket: acme-lake}")
MORE = SPEC.replace("{name: news}", "{name: news, display_name: News}")


@pytest.fixture
def spec(home):
    """A small spec."""
    file = home / "spec.yaml"
    file.write_text(SPEC)
    return file


def test_a_twin_lives_from_up_to_down(spec, shell, twin):
    """up, plan --exit-code 0, a change 1, apply 0, destroy 0, down 0; each does what it says."""
    code, out, err = shell.really("up", "spec.yaml")
    assert (code, "twin of account 123456789012" in out) == (0, True), err
    assert twin("plan", "spec.yaml", "--exit-code")[0] == 0
    spec.write_text(MORE)
    code, out, _ = twin("plan", "spec.yaml", "--exit-code")
    assert (code, "display_name" in out, "spec.yaml:" in out) == (1, True, True)
    assert twin("plan", "spec.yaml")[0] == 0, "without --exit-code changes are no answer"
    applied = told(twin("apply", "spec.yaml", "--json"))
    assert [(c["address"], c["action"], c["result"]) for c in applied["changes"]] == [
        ("aws.sns.topic.news", "update", "done")
    ]
    assert twin("plan", "spec.yaml", "--exit-code")[0] == 0
    again = told(twin("up", "spec.yaml", "--json"))
    assert again["apply"]["changes"] == [], "a second up finds it running and has nothing to do"
    assert (again["twin"]["url"], again["twin"]["pid"]) == (shell.served["url"], shell.served["pid"])
    assert not set(again["twin"]) & {"control_token", "secret_access_key", "cloudflare_token", "okta_token"}
    code, _, err = twin("serve")
    assert (code, "another twin runs here, or is starting" in err) == (2, True)
    destroyed = told(twin("destroy", "--json"))
    assert {c["action"]: c["result"] for c in destroyed["changes"]} == {"delete": "done"}
    assert json.loads(twin("plan", "spec.yaml", "--json")[1])["summary"]["create"] == 3
    pid = shell.served["pid"]
    assert told(twin("down", "--json"))["ended"]["pid"] == pid
    assert not (shell.home / "served.json").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert told(twin("down", "--json"))["ended"] is None, "a second down has nothing to do"


def told(result):
    """Return what a command that went well printed as JSON, which has its schema."""
    code, out, err = result
    document = json.loads(out)
    assert (code, document["schema"]) == (0, 1), err
    return document


def test_the_aws_cli_reaches_the_twin_by_its_environment(spec, shell, twin):
    """`eval "$(twin env)"; aws s3 ls` in a shell of the user's."""
    assert shell("up", "spec.yaml")[0] == 0
    script = f'eval "$({BIN}/twin env)" && {BIN}/aws s3 ls && echo "$CLOUDFLARE_BASE_URL $OKTA_CLIENT_ORGURL"'
    done = subprocess.run(
        ["/bin/sh", "-c", script], env=shell.environ, cwd=shell.folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "acme-lake" in done.stdout
    assert f"{shell.served['url']}/client/v4 {shell.served['url']}" in done.stdout
    assert json.loads(twin("env", "--json")[1])["variables"]["AWS_ENDPOINT_URL"] == shell.served["url"]


def test_an_interrupted_apply_is_130_and_goes_on_later(home, shell, twin):
    """SIGINT ends it after what is under way, with the state written; the next run converges."""
    topics = "\n".join(f"  t{n}: {{name: t{n}}}" for n in range(60))
    (home / "spec.yaml").write_text(raw("aws.sns.topic:\n" + topics))
    assert shell("up")[0] == 0
    words = ("fault", "inject", "latency", "--with", "services=[sns]", "--with", "seconds=0.2", "--name", "slow")
    assert twin(*words)[0] == 0, "or it may be over before it is interrupted"
    process = shell.start("apply", "spec.yaml")
    while not process.stderr.readline().startswith("made"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "the state" in err) == (130, True), err
    assert twin("fault", "heal", "slow")[0] == 0
    summary = json.loads(twin("plan", "spec.yaml", "--json")[1])["summary"]
    assert summary["no-op"] > 0
    assert summary["create"] > 0
    assert twin("apply", "spec.yaml")[0] == 0
    assert twin("plan", "spec.yaml", "--exit-code")[0] == 0


def test_the_json_of_a_plan_has_its_documented_shape(spec, twin):
    """Schema, digest, the count of every action, changes with address, type, action and line."""
    code, out, err = twin("plan", "spec.yaml", "--json")
    plan = json.loads(out)
    assert (code, plan["schema"], len(plan["digest"])) == (0, 1, 64)
    assert plan["summary"] == {"create": 3, "update": 0, "replace": 0, "delete": 0, "no-op": 0}
    lines = {c["address"]: (c["type"], c["action"], c["line"]) for c in plan["changes"]}
    assert lines["aws.sns.topic.news"] == ("aws.sns.topic", "create", 6)
    assert lines["aws.s3.bucket.lake"] == ("aws.s3.bucket", "create", 8)
    assert "no twin is running" in err


def test_a_plan_in_terraforms_form_is_all_of_stdout(spec, twin):
    """What `terraform show -json` would print; what has no equal there is said on stderr."""
    code, out, err = twin("plan", "spec.yaml", "--format", "terraform")
    told = json.loads(out)
    assert (code, told["format_version"], told["complete"]) == (0, "1.2", "left out" not in err)
    assert {"aws_sns_topic.news", "aws_s3_bucket.lake"} <= {one["address"] for one in told["resource_changes"]}
    assert json.loads(twin("plan", "spec.yaml", "--format", "json")[1])["schema"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "spec.yaml", "--json"),
        ("plan", "spec.yaml", "--json"),
        ("explain", "--json"),
        ("explain", "TW0701", "--json"),
        ("types", "--json"),
        ("types", "aws.sns.topic", "--json"),
        ("run", "--json"),
    ],
)
def test_json_is_all_of_stdout_and_tells_its_schema(spec, twin, arguments):
    """Whatever is narrated goes to stderr."""
    code, out, _ = twin(*arguments)
    assert (code, json.loads(out)["schema"]) == (0, 1)


def test_every_code_can_be_explained(twin):
    """`explain` lists them, in words for each."""
    listed = json.loads(twin("explain", "--json")[1])["codes"]
    for name in ("TW0701", "TW0711", *list(listed)[:5]):
        assert name in listed
        code, out, _ = twin("explain", name)
        assert code == 0
        assert listed[name] in out


def test_narration_has_no_colour_where_nobody_looks(spec, shell):
    """Neither on a pipe nor with NO_COLOR is there an escape sequence."""
    shell.environ |= {"NO_COLOR": "1", "TERM": "xterm-256color"}
    for arguments in (("plan", "spec.yaml"), ("check", "none.yaml")):
        _, out, err = shell.really(*arguments)
        assert "\x1b" not in out + err


def test_a_reader_that_goes_away_is_no_bug(spec, shell):
    """`twin types | head -1` ends without a traceback."""
    script = f"{BIN}/twin types | head -1"
    done = subprocess.run(["/bin/sh", "-c", script], env=shell.environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("wrong"), 2),
        (TargetError("away"), 3),
        (GuardError("no"), 4),
        (Interrupted("stopped"), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_error_has_its_exit_code(spec, twin, monkeypatch, error, code):
    """Whichever command it comes from."""
    monkeypatch.setattr(twin_session(), "recall_file", thrower(error))
    found, out, err = twin("plan", "spec.yaml")
    assert (found, out) == (code, "")
    assert err
    assert "Traceback" not in err


def twin_session():
    """The module that commands begin with."""
    return twin.cli.session


def thrower(error):
    """Return a function that raises."""

    def throw(*_args, **_kwargs):
        raise error

    return throw


def test_a_bug_leaves_its_traceback_in_a_file(spec, capsys, monkeypatch):
    """Exit 70, no traceback on the terminal, its path printed."""
    monkeypatch.setattr(twin_session(), "recall_file", thrower(ZeroDivisionError("planted")))
    assert run(["plan", "spec.yaml"]) == 70
    told = capsys.readouterr()
    assert (told.out, "Traceback (most" in told.err) == ("", False)
    report = Path(told.err.strip().rpartition(" ")[2])
    text = report.read_text()
    report.unlink()
    assert "ZeroDivisionError: planted" in text
    assert "thrower" in text or "throw" in text


def test_a_refusal_of_the_target_is_exit_3(home, shell, twin):
    """A part of the plan fails: the rest is made, the answer is 3."""
    (home / "spec.yaml").write_text(HEAD.replace("123456789012", "999999999999"))
    assert shell("up")[0] == 0
    code, _, err = twin("plan", "spec.yaml")
    assert (code, "123456789012" in err) == (3, True)


def test_a_command_explains_itself(twin):
    """`-h` of every command is exit 0 and has a sentence."""
    code, out, _ = twin("--help")
    assert (code, "Exit codes" in out) == (0, True)
    for name in ("apply", "check", "demo", "destroy", "down", "env", "explain", "plan", "run", "schema", "serve", "up"):
        code, out, _ = twin(name, "--help")
        assert (code, out.startswith(f"Usage: twin {name}")) == (0, True)
