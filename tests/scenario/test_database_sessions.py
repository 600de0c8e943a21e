"""Workers with sessions in a database: what a change of its password does to them depends on what they keep."""

import pytest
from small_org import Theatre, journal

CHANGE = {
    "duration": "3h",
    "begin": "1h",
    "setup": {
        "a-key": None,
        "keep-it": None,
        "a-database": {
            "call": "rds:CreateDBInstance",
            "with": {
                "DBInstanceIdentifier": "db", "DBInstanceClass": "db.m6g.large", "Engine": "postgres",
                "AllocatedStorage": 20, "MasterUsername": "app", "MasterUserPassword": "password1",
            },
            "save": {"host": "DBInstance.Endpoint.Address"},
        },
        "its-secret": {
            "call": "secretsmanager:CreateSecret",
            "with": {"Name": "db", "SecretString": '{"host":"${host}","username":"app","password":"password1"}'},
        },
    },
    "actors": {"workers": None, "sessions": {
        "kind": "database-sessions", "with": {"secret": "db", "workers": 3, "every": "1m", "session": "10m"},
    }},
    "runbook": {
        "a-second-key": None,
        "change-it": {
            "call": "rds:ModifyDBInstance",
            "with": {"DBInstanceIdentifier": "db", "MasterUserPassword": "password2", "ApplyImmediately": True},
        },
        "keep-it": {
            "call": "secretsmanager:PutSecretValue",
            "with": {"SecretId": "db", "SecretString": '{"host":"${host}","username":"app","password":"password2"}'},
        },
    },
    "expect": {"nobody-fails": {"figure": "sessions.failed", "equals": 0}, "two-keys": None},
    "effects": {"somebody-worked": {"figure": "sessions.queries"}},
}  # fmt: skip


@pytest.fixture
def play(small_org, tmp_path):
    """Play the scenario with a change of what the workers are told, or of more."""
    theatre = Theatre(small_org, tmp_path)
    return lambda told, **more: theatre(CHANGE, actors={"sessions": {"with": told}, "workers": None}, **more)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [({"keep": "90m"}, "FAIL"), ({"keep": "90m", "refetch": True}, "PASS"), ({"keep": 0}, "PASS"),
     ({"keep": "90m", "session": "5h"}, "PASS")],
    ids=["kept", "read again", "not kept", "long sessions"],
)  # fmt: skip
def test_a_new_password_meets_who_keeps_the_old_one_and_logs_in(play, told, verdict):
    """Not whoever reads the secret again, and not whoever has a session, which the password does not end."""
    result = play(told)
    assert result.verdict == verdict, result.reason
    assert b"password1" not in result.journal.encode()
    assert (verdict == "FAIL") == ("password authentication failed for user" in result.reason)
    if verdict == "FAIL":  # from the end of a session to the end of what is kept
        assert 1200 <= result.figures["sessions.longest_outage"] <= 2400
        assert result.figures["sessions.failing"] == 0


def test_a_database_that_drops_its_connections_ends_the_sessions(play):
    """After a reboot those who keep the old password are let in no more."""
    reboot = {"call": "rds:RebootDBInstance", "with": {"DBInstanceIdentifier": "db"}}
    result = play({"keep": "5h", "session": "5h"}, runbook={"reboot": reboot})
    assert (result.verdict, result.figures["sessions.failing"]) == ("FAIL", 3)
    assert len(journal(result, "lost")) >= 3


def test_dropped_tables_fail_in_a_session_that_is_open(play):
    """The session stays; what it asks for is gone."""
    fault = {"drop": {"kind": "bad-migration", "with": {"database": "db"}, "at": "30m"}}
    result = play({"session": "5h"}, faults=fault, runbook={"change-it": None, "keep-it": None, "w": {"wait": "1s"}})
    assert "42P01: its tables are gone" in result.reason
    assert result.figures["fault.drop.shown"] > 0


def test_a_secret_that_holds_no_login_is_no_secret_of_a_database(play):
    """Workers have nothing to log in with, and a step that would log in with it cannot be carried out."""
    kept = {"call": "secretsmanager:PutSecretValue", "with": {"SecretId": "db", "SecretString": "{}"}}
    read = {"call": "secretsmanager:GetSecretValue", "with": {"SecretId": "db"}, "save": {"it": "SecretString"}}
    query = {"call": "postgres query", "as": "it", "with": {"statement": "SELECT 1"}}
    result = play({"keep": 0}, runbook={"change-it": None, "keep-it": kept, "read": read, "query": query})
    assert "step query: this is no login" in result.reason
    assert result.figures["sessions.because"] == "the secret db: this is no login: a username and a password"
