"""`twin events`: the logs of an org that is built here, filtered, as JSON, and followed."""

import json

import pytest
from served import raw

from twin.cli.commands import events

SPEC = raw("""\
aws.sqs.queue:
  jobs: {name: jobs}
aws.iam.role:
  app:
    name: app
    trust:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
""")


@pytest.fixture
def spec(home):
    """A spec with a queue and a role."""
    (home / "spec.yaml").write_text(SPEC)
    return home / "spec.yaml"


def test_events_are_listed_and_filtered(spec, twin):
    """A line per event: time, log, who, what, result; the filter of the explorer; JSON with the events themselves."""
    code, out, err = twin("events", spec)
    assert code == 0, err
    assert "sqs:CreateQueue" in out
    assert "iam:CreateRole" in out
    only = twin("events", spec, "--filter", "sqs:createqueue !result:error")[1].strip().splitlines()
    assert [line.split()[2] for line in only] == ["trail"]
    told = json.loads(twin("events", spec, "--json", "--source", "trail", "--reads")[1])
    assert told["schema"] == 1
    assert {"id", "time", "source", "principal", "action", "result", "detail"} <= set(told["events"][0])


def test_a_time_and_a_log_narrow_what_is_read(spec, twin):
    """Nothing happened in the last minute; a wrong time is refused by name."""
    assert twin("events", spec, "--since", "1m", "--source", "trail")[1] == ""
    assert "sqs:CreateQueue" in twin("events", spec, "--since", "1h", "--source", "trail")[1]
    code, _, err = twin("events", spec, "--since", "yesterday")
    assert (code, "--since yesterday: a time like 15m" in err) == (2, True)
    assert "say in which zone" in twin("events", spec, "--since", "2026-01-01T00:00:00")[2]


def test_followed_events_come_once_the_oldest_first(spec, twin, monkeypatch):
    """Each look asks from the newest on, and what was told is not told again; Ctrl-C ends it with 0."""
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(events.time, "sleep", sleep)
    code, out, err = twin("events", spec, "--follow", "--json", "--source", "trail")
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    assert len({one["id"] for one in told}) == len(told) > 0
    assert [one["time"] for one in told] == sorted(one["time"] for one in told)
    assert looks == [events.EVERY] * 3


def test_events_are_written_as_ocsf_for_a_siem(spec, twin):
    """One event a line, the oldest first, each with its class; reads are there too, and the filter holds."""
    code, out, err = twin("events", spec, "--format", "ocsf")
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["time"] for one in told] == sorted(one["time"] for one in told)
    assert {one["type_uid"] for one in told} >= {600301, 600302}
    only = twin("events", spec, "--format", "ocsf", "--filter", "sqs:createqueue")[1].splitlines()
    assert [json.loads(line)["api"]["operation"] for line in only] == ["CreateQueue"]


def test_events_are_told_by_whom_they_go_back_to(spec, twin):
    """A headline per principal with what was refused and from where, then its calls; the same as JSON."""
    code, out, err = twin("events", spec, "--by", "principal", "--source", "trail")
    assert code == 0, err
    (headline,) = (line for line in out.splitlines() if not line.startswith(" "))
    assert headline.startswith("root")
    assert "from 127.0.0.1 (" in headline
    (told,) = json.loads(twin("events", spec, "--by", "principal", "--source", "trail", "--json")[1])["principals"]
    assert {"iam:CreateRole", "sqs:CreateQueue"} <= {one["action"] for one in told["events"]}
    assert told["principal"] == "root"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--json", "--format", "ocsf"), "choose one"),
        (("--by", "principal", "--format", "ocsf"), "lines or JSON"),
        (("--by", "principal", "--follow"), "without --follow"),
    ],
    ids=["two-forms", "by-as-ocsf", "by-followed"],
)
def test_what_does_not_go_together_is_refused_by_name(spec, twin, options, why):
    """Exit 2 before anything is read."""
    code, out, err = twin("events", spec, *options)
    assert (code, out, why in err) == (2, "", True)


def test_without_a_spec_or_a_twin_it_says_what_is_wanted(twin):
    """Exit 2 and the way out."""
    code, _, err = twin("events")
    assert (code, "twin up" in err) == (2, True)
