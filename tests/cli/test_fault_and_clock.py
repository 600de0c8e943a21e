"""`twin fault` and `twin clock` on a running twin."""

import json
import stat

import boto3
import pytest
from botocore.config import Config


def test_commands_need_a_running_twin(twin):
    """Exit 2 and what to do."""
    for words in (("fault", "list"), ("clock",), ("clock", "advance", "1h"), ("fault", "heal", "x")):
        code, out, err = twin(*words)
        assert (code, out) == (2, "")
        assert "no twin is running here" in err


def test_kinds_are_listed_with_their_options(twin):
    """Without a running twin; what must be given is marked."""
    code, out, _ = twin("fault", "kinds")
    assert code == 0
    assert "zone-loss\n  * zone" in out
    code, out, _ = twin("fault", "kinds", "--json")
    assert json.loads(out)["kinds"]["throttling"]["required"] == ["rate", "burst"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fault", "inject", "latency", "--with", "seconds"), "write NAME=VALUE"),
        (("fault", "inject", "latency", "--with", "seconds=["), "no YAML"),
        (("fault", "inject", "latency", "--for", "soon"), "no duration"),
        (("clock", "advance", "soon"), "no duration"),
    ],
)
def test_slip_of_the_pen_is_told(twin, words, told):
    """Before anything is asked."""
    code, out, err = twin(*words)
    assert (code, out) == (2, "")
    assert told in err


def test_running_twin_is_broken_mended_and_moved(shell, twin):
    """Inject, see it refuse, advance past its end, see what came of it; the token is the user's alone."""
    assert shell("up")[0] == 0
    assert stat.S_IMODE((shell.home / "served.json").stat().st_mode) == 0o600
    served = shell.served
    iam = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1").client(
        "iam", endpoint_url=served["url"], config=Config(retries={"total_max_attempts": 1})
    )
    words = ("fault", "inject", "control-plane-impaired", "--with", "services=[iam]", "--name", "iam-down")
    code, out, _ = twin(*words, "--for", "15m")
    assert (code, out.split()[0]) == (0, "iam-down")
    with pytest.raises(Exception, match="ServiceUnavailable"):
        iam.create_user(UserName="a")
    code, out, _ = twin("clock", "advance", "15m", "--json")
    assert (code, json.loads(out)["shift"]) == (0, 900)
    iam.create_user(UserName="a")
    code, out, _ = twin("fault", "list")
    assert out.strip().endswith("healed  1 refused")
    code, out, err = twin("fault", "heal", "iam-down")
    assert (code, out) == (2, "")
    assert "no fault iam-down is active" in err
    twin("fault", "inject", "zone-loss", "--with", "zone=us-east-1b", "--name", "idle")
    assert twin("fault", "heal", "idle")[0] == 1
    assert "next: nothing" in twin("clock")[1]
