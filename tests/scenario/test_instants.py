"""Ledgers of a recording: who could do what, the network and the costs as they were at any instant of a run."""

import json
from dataclasses import replace
from decimal import Decimal
from math import inf

import pytest
from small_org import Theatre

from twin.errors import UsageError
from twin.scenario.document import load
from twin.scenario.recording.instants import Instants
from twin.scenario.recording.ledger import EVERY, Delta, Ledger
from twin.scenario.recording.looks import METER, NETWORK, RIGHTS
from twin.scenario.recording.recorder import Film
from twin.scenario.recording.recording import open_recording, read_recording
from twin.scenario.rehearsal import rehearse
from twin.semantics.pricing.book import standard_book

SECOND = 600.0
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}'
RUNBOOK = {
    "a-second-key": None,
    "let-it": {"call": "iam:PutUserPolicy",
               "with": {"UserName": "${user}", "PolicyName": "all", "PolicyDocument": EVERYTHING}},
    "an-address": {"call": "ec2:AllocateAddress", "with": {"Domain": "vpc"}, "save": {"address": "AllocationId"}},
    "wait": {"wait": "20m"},
    "let-it-no-more": {"call": "iam:DeleteUserPolicy", "with": {"UserName": "${user}", "PolicyName": "all"}},
}  # fmt: skip
QUEUE, WORKER = "arn:aws:sqs:us-east-1:123456789012:jobs", "arn:aws:iam::123456789012:user/worker"
EXPECT = {"two-keys": None}


@pytest.fixture(scope="module")
def film(small_org, tmp_path_factory):
    """Play a run in which a user may do everything for twenty minutes, and an address is held from then on."""
    rehearsal, folder = small_org, tmp_path_factory.mktemp("film")
    loaded, values = load(Theatre(rehearsal, folder).file({"runbook": RUNBOOK, "expect": EXPECT}))
    made = Film(folder / "run.rec")
    (result,) = rehearse(loaded, values, replace(rehearsal, film=made), [None])
    assert result.verdict == "PASS", result.reason
    return made.file


@pytest.fixture(scope="module")
def instants(film):
    """What the run's ledgers come to."""
    return Instants(open_recording(film))


def test_who_may_do_what_is_as_of_the_instant(instants):
    """Before its policy the worker may not, then by the statement that lets it, then no more."""
    times = (0.0, SECOND - 0.001, SECOND, SECOND + 1199, SECOND + 1200)
    held = [instants.rights(t).who_can("sqs:PurgeQueue", QUEUE) for t in times]
    assert [[one.principal for one in found] for found in held] == [[], [], [WORKER], [WORKER], []]
    assert "All" in str(held[2][0].answer.grounds[0])


def test_a_state_that_comes_back_is_worked_out_once(instants):
    """The repaired org is the one before the attack: the same digest, and the same work."""
    assert instants.digest(RIGHTS, 0.0) == instants.digest(RIGHTS, inf) != instants.digest(RIGHTS, SECOND)
    assert instants.rights(0.0) is instants.rights(instants.recording.end)
    assert instants.network(SECOND) is not instants.network(0.0)


def test_costs_are_those_by_the_instant(instants):
    """Nothing is spent on the address before it is held, and more with each hour; a day of it is the spike."""
    book, end = standard_book(), instants.recording.end
    spent = [instants.costs(t, book).so_far.total for t in (0.0, SECOND, SECOND + 1800, end)]
    assert spent[1] - spent[0] < Decimal("0.001") < spent[2] < spent[3]
    spike = instants.spike(end, book)
    assert 0 < spike.usual < Decimal("0.001") < spike.spent == spent[3]
    ((service, (before, after)),) = spike.moved.items()
    assert (before, after) == (Decimal(0), Decimal("0.005") * 24)
    assert "EC2" in service or "Virtual Private Cloud" in service
    assert instants.spike(0.0, book).moved == {}


def test_what_ledgers_hold_stays_packed_until_it_is_asked_for(film, monkeypatch):
    """To read a film unpacks nothing; an instant unpacks what came before it."""
    unpacked = []

    def note(text):
        unpacked.append(text)
        return Delta.unpacked(text)

    monkeypatch.setattr("twin.scenario.recording.ledger.Delta.unpacked", staticmethod(note))
    open_recording(film)
    assert unpacked == []


def test_an_older_recording_tells_what_it_lacks(film):
    """The first format had no ledgers: the org can still be walked through, and what is not there is named."""
    head, *lines = film.read_text("utf-8").splitlines()
    told = {**json.loads(head), "recording": 1}
    del told["began"]
    old = read_recording([json.dumps(told), *(line for line in lines if '"ledger"' not in line)])
    assert old.at(0.0)
    for name, words in ((RIGHTS, "policies in force"), (NETWORK, "network"), (METER, "meter")):
        with pytest.raises(UsageError, match=words):
            Instants(old).digest(name, 0.0)


def test_a_seek_goes_no_further_than_the_last_state_that_is_kept(monkeypatch):
    """Far from the beginning, one step back unpacks a few differences, not all of them."""
    ledger = Ledger("rights")
    for number in range(10 * EVERY):
        delta = ledger.difference({"same": "1", f"key {number // 2}": str(number)})
        assert delta is not None
        ledger.take(float(number), delta)
    fresh = Ledger("rights", list(ledger.times), list(ledger.digests), list(ledger.deltas))
    assert fresh.texts(inf) == ledger.texts(inf)
    unpacked, real = [], Delta.unpacked
    monkeypatch.setattr(Delta, "unpacked", staticmethod(lambda text: unpacked.append(text) or real(text)))
    assert fresh.texts(9.5 * EVERY)["same"] == "1"
    assert len(unpacked) <= EVERY
    assert fresh.difference(fresh.texts(inf)) is None


def test_what_is_no_difference_is_refused():
    """A line that was cut, or that something else wrote."""
    for text in ("", "bm90aGluZw==", "not base64!"):
        with pytest.raises(ValueError, match=r"base64|unpack|Invalid"):
            Delta.unpacked(text)
