"""`twin decide iam`: JSON lines in, JSON lines out; a bad line spoils itself only."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

QUESTION = {
    "id": "q1",
    "request": {
        "principal": "arn:aws:iam::111122223333:user/alice",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/x",
        "resource_account": "111122223333",
        "context": {"aws:SourceIp": "10.0.0.1"},
    },
    "policies": {
        "identity": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}],
        "resource": None,
        "boundaries": None,
        "session": None,
        "scps": None,
        "rcps": None,
        "vpc_endpoint": None,
    },
}


def decide(*arguments, given=b""):
    """Run the command in a process of its own; exit code and the lines of stdout."""
    ran = subprocess.run(
        [sys.executable, "-m", "twin.cli", "decide", "iam", *arguments], input=given, capture_output=True, timeout=60
    )
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()]


def changed(**policies):
    """The question with other policies."""
    return {**QUESTION, "policies": {**QUESTION["policies"], **policies}}


def test_lines_are_answered_in_order_and_bad_ones_alone():
    """Good, broken, no object, malformed policy, unknown field, denied: one line each, exit 0."""
    lines = [
        json.dumps(QUESTION),
        "{broken",
        "[1]",
        json.dumps({**changed(identity=[{"Statement": [{"Effect": "Allow"}]}]), "id": 4}),
        json.dumps({**changed(boundary=[]), "id": {"n": 5}}),
        "",
        json.dumps({**changed(identity=[]), "id": 6}),
        json.dumps({"id": 7}),
        '{"id": 8, "request": NaN}',
    ]
    code, answers = decide(given="\n".join(lines).encode() + b"\n\xff\n")
    assert code == 0
    assert [answer["id"] for answer in answers] == ["q1", None, None, 4, {"n": 5}, 6, 7, None, None]
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, False, True, True, True]
    assert answers[0]["decision"] == "allow"
    assert answers[3]["error"]["element"] == "Action"
    assert "boundary" in answers[4]["error"]["message"]
    assert answers[5]["decision"] == "implicit_deny"
    assert answers[5]["because"][0]["layer"] == "identity"


def test_file_is_read(tmp_path):
    """The questions may stand in a file."""
    (tmp_path / "q.jsonl").write_text(json.dumps(QUESTION) + "\n", encoding="utf-8")
    code, answers = decide(str(tmp_path / "q.jsonl"))
    assert (code, answers[0]["decision"]) == (0, "allow")


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_unreadable_input_is_exit_2(tmp_path, name):
    """A file that is not there and a folder cannot be read."""
    assert decide(str(tmp_path / name)) == (2, [])


def test_answer_comes_before_the_next_question():
    """A caller on a pipe gets each answer at once."""
    with subprocess.Popen(
        [sys.executable, "-m", "twin.cli", "decide", "iam"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as ran:
        for _ in range(2):
            ran.stdin.write(json.dumps(QUESTION).encode() + b"\n")
            ran.stdin.flush()
            assert json.loads(ran.stdout.readline())["decision"] == "allow"
        ran.stdin.close()
        assert ran.wait(timeout=30) == 0


def test_bug_of_ours_is_told_and_ends_in_70(monkeypatch, capsys, tmp_path):
    """An exception that is no fault of the line is answered on it; the rest go on."""
    from twin.cli.jsonlines import run

    (tmp_path / "q").write_text('{"id": 1}\n{"id": 2}\n', encoding="utf-8")

    def decide_one(question):
        return {"value": 1 // (question["id"] - 1)}

    assert run(decide_one, tmp_path / "q") == 70
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert "ZeroDivisionError" in first["error"]["message"]
    assert second == {"id": 2, "value": 1}


def test_example_of_the_docs_is_answered_as_written():
    """The question in docs/decide.md gets the answer printed below it."""
    text = (Path(__file__).parents[2] / "docs" / "decide.md").read_text(encoding="utf-8")
    section = text.split("## `twin decide iam`")[1].split("\n## ")[0]
    asked, answered = (line for line in section.splitlines() if line.startswith('{"id"'))
    assert decide(given=asked.encode()) == (0, [json.loads(answered)])
