"""Laws that hold of every expression and every request."""

from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rules_specimens import conditions, requests, with_lists

from twin.semantics.rules import compiled, decide, fields, parse, written

quick = settings(max_examples=examples(150))
WORDS = """http.host ip.src ssl cf.threat_score http.request.headers any( lower( ( ) [ ] * "a" r#" " \\ { } ..
10.0.0.0/8 ::1 0x 08 7 - $l , ! and && or xor ^^ in eq == matches ~ wildcard é"""
ALPHABET = st.sampled_from([*WORDS.split(), " ", "\n", "not ", "strict wildcard"])


def says(expression, request):
    """Return what an expression says of a request."""
    return compiled(parse(expression, "filter"))(fields(request))


@quick
@given(conditions | with_lists)
def test_printed_tree_parses_to_itself(tree):
    """Nothing of a tree is lost in its text."""
    assert parse(written(tree), "filter") == tree


@quick
@given(conditions, requests)
def test_expression_or_its_negation_holds(tree, request):
    """Never both, never neither, whatever is missing."""
    text = written(tree)
    assert says(f"not ({text})", request) is (not says(text, request))
    assert says(f"({text}) or not ({text})", request) is True
    assert says(f"({text}) xor ({text})", request) is False


@quick
@given(conditions, conditions, requests)
def test_negation_turns_and_into_or(one, other, request):
    """De Morgan's laws, and xor as inequality."""
    left, right = written(one), written(other)
    assert says(f"not (({left}) and ({right}))", request) == says(f"not ({left}) or not ({right})", request)
    assert says(f"not (({left}) or ({right}))", request) == says(f"not ({left}) and not ({right})", request)
    assert says(f"({left}) xor ({right})", request) is (says(left, request) != says(right, request))


@quick
@given(st.lists(conditions, min_size=3, max_size=3), requests)
def test_and_binds_tighter_than_xor_and_xor_than_or(trees, request):
    """An expression without parentheses means the one with them."""
    a, b, c = (f"({written(tree)})" for tree in trees)
    assert says(f"{a} or {b} and {c}", request) == says(f"{a} or ({b} and {c})", request)
    assert says(f"{a} xor {b} and {c}", request) == says(f"{a} xor ({b} and {c})", request)
    assert says(f"{a} or {b} xor {c}", request) == says(f"{a} or ({b} xor {c})", request)


@settings(max_examples=examples(400))
@given(st.lists(ALPHABET, max_size=14).map("".join) | st.text(max_size=40))
@example("lower(" * 500)
@example("(" * 4096)
@example('http.host eq "\ud800"')
@example('http.host matches "[[:')
def test_any_text_is_answered(text):
    """Every text has a value or an error whose offset lies in it."""
    answer = decide({"id": 1, "expression": text, "fields": {"http.host": "a", "ssl": True}})
    assert ("value" in answer) != ("error" in answer)
    if "error" in answer:
        assert 0 <= answer["error"]["offset"] <= len(text)


@settings(max_examples=examples(200))
@given(conditions, st.integers(0, 200), st.text('ab"(){}[]\\* ', max_size=2))
def test_damaged_expression_is_read_or_refused(tree, position, damage):
    """An inserted sign gives another expression or a located error, never a crash."""
    text = written(tree)
    position = min(position, len(text))
    damaged = text[:position] + damage + text[position:]
    error = decide({"expression": damaged, "form": "filter", "fields": {}}).get("error")
    assert error is None or 0 <= error["offset"] <= len(damaged)
