"""Expressions made by hypothesis: trees of the language, well typed, with values to ask them about."""

from hypothesis import strategies as st

from twin.semantics.rules.kinds import ADDRESS, BOOLEAN, INTEGER, STRING, array, kind
from twin.semantics.rules.syntax import (
    Access,
    Address,
    Call,
    Comparison,
    Each,
    Field,
    Group,
    InlineList,
    Interval,
    Ip,
    Logic,
    NamedList,
    Not,
    Number,
    Text,
    Truth,
)

HEADERS = Field("http.request.headers", kind("Map<Array<String>>"))
NAMES = Field("http.request.headers.names", kind("Array<String>"))


def field(name, of):
    """Return a field as a value."""
    return Access(Field(name, of), (), of)


keys = st.text('abc-é"\\ ', max_size=4)
indexes = st.integers(0, 3)
header = st.builds(lambda key, index: Access(HEADERS, (key, index), STRING), keys, indexes)
string_fields = st.sampled_from(["http.host", "http.request.uri.path", "http.user_agent"]).map(
    lambda name: field(name, STRING)
)
plain_strings = string_fields | header | indexes.map(lambda index: Access(NAMES, (index,), STRING))


def lowered(value, name):
    """Return a function applied to a value."""
    return Access(Call(name, (value,), STRING), (), STRING)


strings = st.recursive(
    plain_strings,
    lambda inner: st.builds(lowered, inner, st.sampled_from(["lower", "upper"])),
    max_leaves=3,
)
integers = st.sampled_from(["cf.threat_score", "cf.waf.score"]).map(lambda name: field(name, INTEGER)) | strings.map(
    lambda value: Access(Call("len", (value,), INTEGER), (), INTEGER)
)
addresses = st.sampled_from(["ip.src", "cf.edge.server_ip"]).map(lambda name: field(name, ADDRESS))

raw = st.text("abc\\*.#é\n", max_size=8).map(lambda content: Text(content.encode(), "raw0"))
hashed = st.text('abc"\\*', max_size=8).map(lambda content: Text(content.encode(), "raw1"))
hexadecimal = st.binary(min_size=2, max_size=5).map(lambda content: Text(content, "bytes"))
quoted = st.binary(max_size=8).map(Text)
texts = quoted | raw | hexadecimal
numbers = st.integers(-(2**63), 2**63 - 1)
ips = st.integers(0, 2**32 - 1).map(lambda n: Ip(4, n)) | st.integers(0, 2**128 - 1).map(lambda n: Ip(6, n))
bounds = st.tuples(numbers, numbers).map(lambda pair: Interval(*sorted(pair)))
ranges = st.tuples(ips, ips).filter(lambda p: p[0].version == p[1].version).map(lambda p: Interval(*sorted(p)))
listed = st.text("abc_09", min_size=1, max_size=5).map(NamedList)
wildcards = st.lists(st.text("ab.?é", min_size=1, max_size=3), min_size=1, max_size=4).map(
    lambda parts: Text("*".join(parts).encode())
)
regexes = st.sampled_from(["^a", "b$", "a.c", "[a-c]+", 'x"y', "a|b", "(a)(b)?", "\\d{2,3}", '["a]', "\\\\"]).map(
    lambda pattern: Text(pattern.encode())
)
orderings = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])


def inline(items):
    """Return lists of such items."""
    return st.lists(items, max_size=3).map(lambda found: InlineList(tuple(found)))


def compared(left):
    """Return comparisons of such strings."""
    return (
        st.builds(Comparison, left, orderings, texts)
        | st.builds(Comparison, left, st.just("in"), inline(texts))
        | st.builds(Comparison, left, st.just("contains"), texts)
        | st.builds(Comparison, left, st.sampled_from(["wildcard", "strict wildcard"]), wildcards)
        | st.builds(Comparison, left, st.just("matches"), regexes)
    )


comparisons = (
    compared(strings)
    | st.builds(Comparison, strings, orderings, strings)
    | st.builds(Comparison, integers, orderings, numbers.map(Number) | integers)
    | st.builds(Comparison, integers, st.just("in"), inline(bounds | numbers.map(lambda n: Interval(n, n))))
    | st.builds(Comparison, integers, st.just("bitwise_and"), numbers.map(Number))
    | st.builds(Comparison, addresses, orderings, ips.map(Address) | addresses)
    | st.builds(Comparison, addresses, st.just("in"), inline(ranges))
)
named = st.builds(Comparison, strings | integers | addresses, st.just("in"), listed)


def condition(call):
    """Return a call of a function that is true or false as a condition."""
    return Truth(Access(call, (), BOOLEAN))


mapped = keys.map(lambda key: Access(HEADERS, (key, Each.ELEMENT), STRING)) | st.just(
    Access(Call("lower", (Access(NAMES, (Each.ELEMENT,), STRING),), array(STRING)), (Each.ELEMENT,), STRING)
)
quantified = st.builds(
    lambda name, inside, negated: condition(Call(name, (Not(inside) if negated else inside,), BOOLEAN)),
    st.sampled_from(["any", "all"]),
    compared(mapped),
    st.booleans(),
)
begun = st.builds(
    lambda name, value, text: condition(Call(name, (value, text), BOOLEAN)),
    st.sampled_from(["starts_with", "ends_with"]),
    strings,
    quoted | raw | hashed,
)
truths = st.sampled_from(["ssl", "cf.client.bot"]).map(lambda name: Truth(field(name, BOOLEAN)))
BINDING = {"or": 1, "xor": 2, "and": 3}


def joined(operator, operands):
    """Join operands, in parentheses where they bind no tighter than the operator."""
    tight = (
        Group(each) if isinstance(each, Logic) and BINDING[each.operator] <= BINDING[operator] else each
        for each in operands
    )
    return Logic(operator, tuple(tight))


def larger(inner):
    """Return expressions made of smaller ones."""
    return (
        inner.map(lambda node: Not(Group(node) if isinstance(node, Logic) else node))
        | inner.map(Group)
        | st.builds(joined, st.sampled_from(list(BINDING)), st.lists(inner, min_size=2, max_size=3))
    )


conditions = st.recursive(truths | comparisons | quantified | begun, larger, max_leaves=6)
with_lists = st.recursive(truths | comparisons | named, larger, max_leaves=4)

some_text = st.text('abcABé"\\*. 1', max_size=6)
requests = st.fixed_dictionaries(
    {},
    optional={
        "http.host": some_text,
        "http.request.uri.path": some_text,
        "http.request.headers": st.dictionaries(keys, st.lists(some_text, max_size=3), max_size=3),
        "http.request.headers.names": st.lists(some_text, max_size=3),
        "cf.threat_score": numbers,
        "ip.src": st.ip_addresses().map(str).filter(lambda address: "%" not in address),
        "cf.edge.server_ip": st.ip_addresses(v=4).map(str),
        "ssl": st.booleans(),
        "cf.client.bot": st.booleans(),
    },
)
