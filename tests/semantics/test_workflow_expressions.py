"""Expressions of workflows: what GitHub's documentation says that they come to."""

import pytest

from twin.semantics.workflows import BadExpression, evaluate, filled

CONTEXTS = {
    "github": {"ref": "refs/heads/main", "event_name": "push", "event": {"inputs": {"why": "Fix"}}},
    "needs": {"plan": {"result": "success", "outputs": {"digest": "abc"}}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/HEADS/MAIN'", True),
        ("github.event_name != 'push' || needs.plan.result == 'success'", True),
        ("needs.plan.outputs['digest']", "abc"),
        ("github.missing", None),
        ("!github.missing && 'yes'", "yes"),
        ("1 < 2 && 2 <= 2", True),
        ("'' == 0", True),
        ("contains(github.ref, 'main')", True),
        ("startsWith(github.ref, 'refs/tags')", False),
        ("format('{0}-{1}', 'a', 'it''s')", "a-it's"),
        ("success() && !failure()", True),
    ],
)
def test_an_expression_comes_to(text, value):
    """Texts compare without case, what is missing is null, `&&` and `||` give one of their sides."""
    assert evaluate(text, CONTEXTS, {"success": True, "failure": False}) == value


@pytest.mark.parametrize("text", ["github.", "github.ref ==", "secrets.TOKEN", "(true", "hashFiles('x')", "a b", "#"])
def test_a_broken_expression_is_refused(text):
    """An unknown name, a missing part and a function that is not simulated are errors."""
    with pytest.raises(BadExpression):
        evaluate(text, CONTEXTS)


def test_places_are_filled():
    """Every `${{ … }}` of a text is replaced, and nothing else is."""
    assert filled("a ${{ needs.plan.outputs.digest }} $HOME ${{ true }}", CONTEXTS) == "a abc $HOME true"
