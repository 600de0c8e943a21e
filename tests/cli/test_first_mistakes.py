"""What people write wrong in a first spec of their own, and what the command line says to it."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import HEAD, raw

from twin.cli.bundled import find_scenario, find_spec
from twin.cli.program import PACKAGE, _is_of_the_machine
from twin.errors import UsageError
from twin.explore import weak_points
from twin.explore.blows import Blow
from twin.scenario import document as scenarios
from twin.scenario.values import Values

SUBNET = (
    "aws.ec2.vpc:\n  labor: {cidr_block: 10.61.0.0/16}\naws.ec2.subnet:\n"
    '  a: {vpc: "REFERENCE", cidr_block: 10.61.0.0/24, availability_zone: us-east-1a}'
)
NETWORK = "network:\n  cidr: 10.60.0.0/16\n  subnets: {public: {exposure: public}}\n"

# What is written, the code, the text that is pointed at, and a part of what is said.
SLIPS = {
    "a line too deep": (
        HEAD + NETWORK.replace("  subnets", "    subnets"),
        ("TW0101", ":", "indent this line as its neighbours are"),
    ),
    "a colon in a text": (
        HEAD + "data: {buckets: {a: {purpose: Access: logs}}}\n",
        ("TW0101", ": logs", "put quotes around a text"),
    ),
    "a block for a tier": (
        HEAD + NETWORK.replace("{exposure: public}", "10.60.0.0/20"),
        ("TW0113", "10.60.0.0/20", "write {exposure: …, prefix: …, cidrs: …}"),
    ),
    "a version in quotes": (
        HEAD.replace("version: 1", 'version: "1"'),
        ("TW0202", '"1"', "write it without quotes: 1"),
    ),
    "a default environment that is none": (
        HEAD + "default_environment: prod\nenvironments: {live: {}}\n",
        ("TW0114", "prod", "known: `live`"),
    ),
    "an underscore in a domain": (
        HEAD.replace("acme.example, c", "ac_me.example, c"),
        ("TW0207", "ac_me.example", "is not a domain name"),
    ),
    "a list of nothing": (
        HEAD + "delivery: {promotion: {windows: [{days: [], start: '09:00', end: '10:00'}]}}\n",
        ("TW0201", "[]", "this needs at least one item, and has none"),
    ),
    "a reference without an attribute": (
        raw(SUBNET.replace("REFERENCE", "${aws.ec2.vpc.labor}")),
        ("TW0718", '"${aws.ec2.vpc.labor}"', "write ${TYPE.NAME.ATTRIBUTE}"),
    ),
    "a reference without its end": (
        raw(SUBNET.replace("REFERENCE", "${aws.ec2.vpc.labor.id")),
        ("TW0718", '"${aws.ec2.vpc.labor.id"', "which is no reference"),
    ),
    "a reference as Terraform writes it": (
        raw(SUBNET.replace("REFERENCE", "${aws_vpc.labor.id}")),
        ("TW0718", '"${aws_vpc.labor.id}"', "which is no reference"),
    ),
    "a reference with a typo": (
        raw(SUBNET.replace("REFERENCE", "${aws.ec2.vpc.labro.id}")),
        ("TW0711", '"${aws.ec2.vpc.labro.id}"', "did you mean `aws.ec2.vpc.labor`?"),
    ),
    "a type of the service that is not there": (
        raw("aws.rds.proxy:\n  a: {engine: POSTGRESQL}"),
        ("TW0721", "aws.rds.proxy", "did you mean `aws.rds.replica`?"),
    ),
    "a field that the type does not have": (
        raw("aws.sqs.queue:\n  a: {name: a, visibilty: 3}"),
        ("TW0723", "visibilty", "did you mean `visibility_timeout`?"),
    ),
    "a number in words": (
        raw("aws.sqs.queue:\n  a: {name: a, retention: viel}"),
        ("TW0723", "viel", "retention: expected a whole number"),
    ),
    "a section at the top that is another's": (
        HEAD + "buckets: {lake: {}}\n",
        ("TW0104", "buckets", "did you mean `data.buckets`?"),
    ),
    "a key that two sections have": (
        HEAD + "people: {ada: {}}\n",
        ("TW0104", "people", "did you mean `workforce.people` or `on_call.people`?"),
    ),
    "a section in another": (
        HEAD + "data: {databases: {a: {}}}\n",
        ("TW0104", "databases", "did you mean `compute.databases`?"),
    ),
    "a section of the top in another": (
        HEAD + "iam: {billing: {}}\n",
        ("TW0104", "billing", "did you mean `billing` at the top of the spec?"),
    ),
    "a key that nothing is like": (
        HEAD + "data: {buckets: {lake: {encrypt: true}}}\n",
        ("TW0104", "encrypt", "`twin explain data.buckets.lake` tells what each is"),
    ),
    "a day as people write it": (
        HEAD + "waivers: [{allow: TW1002, on: aws.sqs.queue.a, why: x, until: 31.12.2026}]\n",
        ("TW0201", "31.12.2026", "write it like 2027-06-30"),
    ),
    "a mistake far out on a line": (
        HEAD.replace("domain:", f"tags: {{long: {'x' * 5000}}}, domian:"),
        ("TW0104", "domian", "did you mean `domain`?"),
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_first_mistake_is_told_with_its_place_and_a_way_out(twin, home, slip):
    """The code, the place and the remedy; the mark stands below what is wrong, on a line of the terminal's size."""
    written, (code, pointed, told) = SLIPS[slip]
    (home / "org.yaml").write_text(written, encoding="utf-8")
    exit_code, _, err = twin("check", "org.yaml")
    assert (exit_code, "Traceback" in err) == (2, False)
    blocks = [block for block in err.split("\n\n") if block.startswith(f"error[{code}]") and told in block]
    assert blocks, err
    rows = blocks[0].splitlines()
    mark = next(number for number, row in enumerate(rows) if row.strip(" |^") == "" and "^" in row)
    assert rows[mark - 1][rows[mark].index("^") :].startswith(pointed)
    assert max(map(len, rows[mark - 1 : mark + 1])) < 180


def test_windows_days_are_not_called_missing_for_a_typo_in_one(twin, home):
    """A wrong item of a list is one mistake: the list is not too short besides."""
    window = "delivery: {promotion: {windows: [{days: [mo], start: '09:00', end: '10:00'}]}}\n"
    (home / "org.yaml").write_text(HEAD + window, encoding="utf-8")
    _, _, err = twin("check", "org.yaml")
    assert (err.count("error["), "did you mean `mon`?" in err) == (1, True)


def test_a_tier_without_room_is_one_mistake(twin, home):
    """What would have stood in it is not said to refer to nothing; a reference to no subnet at all still is."""
    network = "network: {cidr: 10.0.0.0/28, subnets: {a: {}, p: {exposure: public}}}\n"
    (home / "org.yaml").write_text(HEAD + network, encoding="utf-8")
    _, _, err = twin("check", "org.yaml")
    assert (err.count("error["), err.count("error[TW0725]")) == (1, 1), err
    other = "resources: {aws.ec2.route_table: {r: {vpc: x, subnets: ['${aws.ec2.subnet.q-a.id}']}}}\n"
    (home / "org.yaml").write_text(HEAD + network + other, encoding="utf-8")
    assert "aws.ec2.subnet.q-a, which the spec does not have" in twin("check", "org.yaml")[2]


@pytest.mark.parametrize(
    ("given", "variable"),
    [(("key",), "XDG_DATA_HOME"), (("plan", "org.yaml"), "TWIN_HOME"), (("up", "org.yaml"), "TWIN_HOME")],
    ids=["key", "plan", "up"],
)
def test_a_folder_that_cannot_be_used_is_named(twin, home, monkeypatch, given, variable):
    """A TWIN_HOME that is a file is its user's slip, exit 2; a file of ours that lacks would be a bug, exit 70."""
    (home / "org.yaml").write_text(HEAD, encoding="utf-8")
    monkeypatch.setenv(variable, str(home / "org.yaml"))
    code, _, err = twin(*given)
    assert (code, f"error: {home / 'org.yaml'}" in err) == (2, True)
    assert not _is_of_the_machine(FileNotFoundError(errno.ENOENT, "No such file", f"{PACKAGE}/codes/spec.yaml"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [(("chek",), "'check'"), (("decide", "iamm"), "'iam'"), (("types", "aws.rds.instances"), "aws.rds.instance")],
    ids=["command", "subcommand", "type"],
)
def test_a_misspelt_word_of_the_command_line_is_answered_with_the_nearest(twin, given, meant):
    """Commands are found by being there, and so are their likes; a type is sought in its own service."""
    code, _, err = twin(*given)
    assert (code, f"id you mean {meant}" in err) == (2, True)


def test_a_scenario_of_another_org_is_no_bug_of_ours(monkeypatch):
    """Weak points are sought under a scenario; one that names what the org lacks is told by its name, exit 2."""
    monkeypatch.setattr(weak_points, "stage_of", lambda *_: Values({})["aws.rds.instance.orders.name"])
    scenario, _ = scenarios.load(find_scenario("F1"))
    with pytest.raises(UsageError, match=r"F1 was not written for this org: it names 'aws\.rds\.instance\.orders"):
        list(weak_points.singles(scenario, None, [Blow("zone-a")]))


@pytest.mark.parametrize("arguments", [("types", "--json"), ("check", "no.yaml")], ids=" ".join)
def test_a_reader_that_goes_away_is_no_verdict(home, arguments):
    """`twin types | head -1` ends as programs do whose reader went away, not with 1, and says nothing of it."""
    reader, writer = os.pipe()
    running = subprocess.Popen([sys.executable, "-m", "twin.cli", *arguments], stdout=writer, stderr=writer)
    os.close(writer)
    os.close(reader)
    assert running.wait(60) == 141


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EROFS"])
def test_a_disk_without_room_for_its_user_is_no_bug(name):
    """Full for everybody or for one of them; another trouble of the same file is a bug of ours."""
    assert _is_of_the_machine(OSError(getattr(errno, name), "No room", "/home/ana/plan.json"))
    assert not _is_of_the_machine(OSError(errno.EBADF, "Bad file descriptor", "/home/ana/plan.json"))


def test_a_number_that_went_to_another_process_is_left_in_peace(home, twin):
    """After a reboot `.twin` tells of a process that is somebody else's now: no twin runs, and nothing is ended."""
    other = subprocess.Popen(["/bin/sleep", "60"])
    told = {
        "pid": other.pid, "url": "http://127.0.0.1:1", "seed": 0, "account": "1", "region": "us-east-1",
        "cloudflare_account": "", "access_key_id": "", "secret_access_key": "", "cloudflare_token": "",
        "okta_token": "", "okta_url": "",
    }  # fmt: skip
    (home / "home").mkdir()
    (home / "home" / "served.json").write_text(json.dumps(told))
    code, _, err = twin("down")
    assert (code, "no twin is running here" in err, other.poll()) == (0, True, None)
    assert "no twin is running here" in twin("env")[2]
    other.kill()
    other.wait()


@pytest.mark.parametrize("redirect", [">/dev/full", "2>/dev/full"])
def test_a_full_disk_under_what_is_printed_is_no_bug(home, redirect):
    """Exit 2 and one line, where there is room for that."""
    script = f"{sys.executable} -m twin.cli types aws.sns.topic {redirect}; echo $?"
    script = script if redirect.startswith(">") else script.replace("types aws.sns.topic", "types nothing.known")
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True)
    assert done.stdout == "2\n"
    told = "error: there is no room for what is to be written: No space left on device\n"
    assert done.stderr == (told if redirect.startswith(">") else "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_a_character_is_told_its_number(home, encoding):
    """Neither a bug nor a guess: what cannot be written is written out."""
    code = "from twin.cli import main; from twin.cli.console import show; show('\\u2713 good'); main(['--version'])"
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    script = [sys.executable, "-c", code.replace("show('", "from twin.cli.program import begin; begin(); show('")]
    done = subprocess.run(script, capture_output=True, text=True, env=environ)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "\\u2713 good")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "sub/shop.yml"), "did you mean sub/shop.yaml?"),
        (("check", "min-org.yaml"), "did you mean mini-org.yaml?"),
        (("run", "k1"), "did you mean K1?"),
        (("serve", "--port", "99999"), "99999 is not in the range"),
    ],
)
def test_a_near_miss_is_told_what_was_meant(home, twin, arguments, says):
    """A file of another ending, a bundled one, a scenario in small letters, a port that there is none of."""
    (home / "sub").mkdir()
    (home / "sub" / "shop.yaml").write_text("")
    code, out, err = twin(*arguments)
    assert (code, out, says in err) == (2, "", True), err


def test_a_bundled_spec_in_the_place_of_a_missing_one_is_told_once(home, capsys):
    """Whoever stands in the wrong folder sees that it is not their own file which is looked at."""
    found = [find_spec(Path("elsewhere/mini-org.yaml")) for _ in range(2)]
    assert {file.name for file in found} == {"mini-org.yaml"}
    assert capsys.readouterr().err.count("elsewhere/mini-org.yaml is not here; this is the bundled one") == 1
