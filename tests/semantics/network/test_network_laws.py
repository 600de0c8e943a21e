"""Laws of reachability, on the estate with rules, ACL entries and routes drawn at random."""

import itertools
from collections.abc import Iterator

import estate
import pytest
from examples import examples
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from twin.observe.topology import assemble
from twin.semantics.network.decide import Decision, decide, replay
from twin.semantics.network.headers import Headers
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import Intervals
from twin.semantics.network.question import parse
from twin.semantics.network.reach import Matrix, reach

ENDS = ("web", "plain", "two", "app", "app2", "db", "db2", "acl", "insp", "six", "peer", "far", "lone", "esp", "mute")
BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.0.2.0/24", "10.0.1.10/32", "10.1.0.0/16", "::/0", "2001:db8:a:2::/64")
PORTS = (22, 80, 443, 5432, 8080, 49152)
quick = settings(max_examples=examples(25), suppress_health_check=[HealthCheck.filter_too_much])

rules = st.builds(
    estate.rule,
    st.sampled_from(["tcp", "udp"]),
    st.builds("{}..{}".format, st.sampled_from(PORTS), st.sampled_from(PORTS)).filter(
        lambda text: int(text.split("..")[0]) <= int(text.split("..")[1])
    ),
    st.sampled_from([*BLOCKS, "sg-app", "sg-web", "sg-all", "sg-peer"]),
) | st.builds(lambda block: estate.rule("-1", "", block), st.sampled_from(BLOCKS))
entries = st.builds(
    "{} {} {} tcp {} {}".format,
    st.sampled_from(["in", "out"]), st.integers(1, 99), st.sampled_from(["allow", "deny"]),
    st.sampled_from(["22", "80-443", "1024-65535", "0-65535"]), st.sampled_from(BLOCKS),
)  # fmt: skip
changes = st.fixed_dictionaries({
    "groups": st.dictionaries(st.sampled_from(["web", "app", "db", "peer", "far"]), st.lists(rules, max_size=3)),
    "acls": st.dictionaries(st.sampled_from(["a-open", "a-mixed", "c-open"]), st.lists(entries, max_size=3)),
})  # fmt: skip
questions = st.fixed_dictionaries(
    {
        "src": st.sampled_from(
            [*({"interface": f"eni-{one}"} for one in ENDS), {"internet": True}, {"gateway": "vgw-a"}]
        ),
        "dst": st.sampled_from(
            [*({"interface": f"eni-{one}"} for one in ENDS), {"ip": "8.8.8.8"}, {"ip": "10.0.0.0/16"}]
        ),
    },
    optional={
        "protocol": st.sampled_from(["tcp", "udp", "icmp"]),
        "port": st.sampled_from(PORTS),
        "source_port": st.sampled_from(["1024-2000", 50000]),
    },
)


def changed(change: dict[str, dict[str, list[object]]]) -> estate.Replies:
    """Return the estate with other rules in some groups, and more entries in some ACLs."""
    told = estate.replies()
    for group in told["SecurityGroups"]:
        group["IpPermissions"] = change["groups"].get(group["GroupId"].removeprefix("sg-"), group["IpPermissions"])
    for acl in told["NetworkAcls"]:
        drawn = {text.split()[1] + text.split()[0]: text for text in change["acls"].get(acl["NetworkAclId"][4:], ())}
        acl["Entries"] = estate.acl(acl["NetworkAclId"][4:], list(drawn.values()))["Entries"][:-2] + acl["Entries"]
    return told


def check(index: Index, asked: dict[str, object]) -> Decision:
    """Decide a question in its wire form."""
    return decide(index, parse(asked))


@quick
@given(changes, st.sampled_from(["web", "app", "db", "peer", "far"]), rules, questions)
def test_another_allow_never_takes_reach_away(change: dict, group: str, rule: dict, asked: dict) -> None:
    """What was accepted stays accepted when a security group allows more."""
    told = changed(change)
    assume(check(estate.index(told), asked).disposition == "accepted")
    next(one for one in told["SecurityGroups"] if one["GroupId"] == f"sg-{group}")["IpPermissions"].append(rule)
    assert check(estate.index(told), asked).disposition == "accepted"


@quick
@given(changes, questions)
def test_an_accepted_packet_has_a_way_back_or_the_reason_why_not(change: dict, asked: dict) -> None:
    """Every accepted packet's reply either arrives at its source or ends somewhere for a stated reason."""
    decision = check(estate.index(changed(change)), asked)
    assume(decision.disposition in ("accepted", "exits_network"))
    assert decision.reply is not None
    answer = decision.as_data()
    if decision.returns:
        assert "reply" not in answer["because"]
    else:
        assert decision.reply.because
        assert decision.reply.because in answer["because"]


@quick
@given(changes, questions)
def test_a_witness_alone_meets_the_fate_of_its_set(change: dict, asked: dict) -> None:
    """The packet that an answer shows, asked for by itself, ends as the answer said; and it was asked for."""
    index = estate.index(changed(change))
    question = parse(asked)
    decision = decide(index, question)
    assume(decision.packet is not None)
    again = replay(index, question.source, decision.packet)
    assert again is not None
    assert again.disposition == decision.disposition
    asked_for: Headers = question.headers(decision.packet.version)
    assert decision.packet.headers & asked_for == decision.packet.headers


def pairs(index: Index, matrix: Matrix) -> Iterator[tuple[str, str, bool, bool]]:
    """Yield every pair with what the matrix and what a question of its own say."""
    for one in matrix.interfaces:
        for other in matrix.interfaces:
            if one != other and one != "eni-nat":
                single = decide(index, parse({"src": {"interface": one}, "dst": {"interface": other}}))
                yield one, other, matrix.reaches(one, other), single.disposition == "accepted"


def test_all_pairs_agree_with_single_questions() -> None:
    """Every pair of the estate, gateways of all kinds between them."""
    index = estate.index()
    differing = [row for row in pairs(index, reach(index.topology)) if row[2] != row[3]]
    assert differing == []


@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.filter_too_much])
@given(changes, st.lists(st.sampled_from(ENDS), min_size=2, max_size=3, unique=True))
def test_all_pairs_agree_under_any_rules(change: dict, sources: list[str]) -> None:
    """The same, with drawn rules and entries, from a few senders."""
    index = Index(assemble(estate.snapshot(changed(change))))
    matrix = reach(index.topology)
    for source in sources:
        for name in matrix.interfaces:
            if name != f"eni-{source}":
                asked = {"src": {"interface": f"eni-{source}"}, "dst": {"interface": name}}
                assert matrix.reaches(f"eni-{source}", name) == (check(index, asked).disposition == "accepted"), asked


numbers = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted).map(tuple), max_size=5)


@given(numbers, numbers)
def test_intervals_are_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Union, intersection and difference agree with Python's sets."""
    left, right = Intervals.of(one), Intervals.of(other)
    members = [{n for low, high in pairs_ for n in range(low, high + 1)} for pairs_ in (one, other)]
    for found, wanted in (
        (left & right, members[0] & members[1]), (left | right, members[0] | members[1]),
        (left - right, members[0] - members[1]),
    ):  # fmt: skip
        assert {n for n in range(45) if n in found} == wanted
        assert list(found.pairs) == sorted(found.pairs)


small = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda ns: Intervals.of((n, n) for n in ns))
boxes = st.builds(lambda *fields: Headers(4, *fields), small, small, small, small, small)


def packets(headers: Headers) -> set[tuple[int, ...]]:
    """Return every packet of a small set."""
    fields = (headers.src, headers.dst, headers.protocol, headers.source_port, headers.port)
    return set(itertools.product(*([n for n in range(5) if n in one] for one in fields)))


@given(boxes, boxes)
def test_headers_without_others_are_disjoint_and_exact(one: Headers, other: Headers) -> None:
    """The pieces of a difference hold what is left, each packet once."""
    pieces = [packets(piece) for piece in one.minus(other)]
    assert set().union(*pieces) == packets(one) - packets(other)
    assert sum(map(len, pieces)) == len(packets(one) - packets(other))
    assert packets(one & other) == packets(one) & packets(other)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"src": {"internet": True}, "dst": {"ip": "ten"}}, "neither an address nor a CIDR block"),
        ({"src": {"internet": True}, "protocol": "tpc"}, "protocol"),
        ({"src": {"internet": True}, "port": 70000}, "out of range"),
        ({"src": {}}, "src must have one of"),
        ({"src": "eni-web"}, "src must be an object"),
        ({"src": {"interface": "eni-web", "instance": "i-web"}}, "more than one place"),
        ({"src": {"internet": True}, "prot": 6}, "unknown member"),
        ({"src": {"interface": "eni-none"}}, "not in the snapshot"),
        ({"src": {"gateway": "vgw-none"}, "dst": {"ip": "10.0.1.10"}}, "not in the snapshot"),
        ({"src": {"internet": True}, "dst": {"instance": "i-none"}}, "not in the snapshot"),
    ],
)
def test_a_wrong_question_is_refused(line: dict[str, object], said: str) -> None:
    """The error names the member."""
    with pytest.raises(ValueError, match=said):
        check(estate.index(), line)
