"""An environment is a patch onto the base."""

import pytest

from twin.errors import SpecError
from twin.spec.document import compose
from twin.spec.overlay import select

BASE = """\
a: {x: 1, y: {z: 2}}
l: [1, 2]
environments:
  prod:
    a: {x: null, y: {w: 3}}
    l: [9]
    n: {k: {m: v}}
"""


def merged(text, environment):
    """Return the merged tree of a text."""
    return select(compose(text.encode(), "f.yaml").root, environment)[0]


def codes(text, environment):
    """Return codes and lines of what selecting refuses."""
    with pytest.raises(SpecError) as raised:
        merged(text, environment)
    return [(d.code, d.span.line if d.span else None) for d in raised.value.diagnostics]


def test_mappings_merge_and_lists_replace_and_null_removes():
    """The rules of a merge patch."""
    assert merged(BASE, "prod").plain() == {"a": {"y": {"z": 2, "w": 3}}, "l": (9,), "n": {"k": {"m": "v"}}}
    assert merged(BASE, None).plain() == {"a": {"x": 1, "y": {"z": 2}}, "l": (1, 2)}


def test_a_mapping_onto_a_list_of_named_items_is_about_those_items():
    """One changes, one goes, one comes, the rest stays in its order; a list replaces the whole, and a typo is told."""
    base = "l: [{name: a, x: 1}, {name: b}, {name: c}]\nenvironments:\n  e: {l: %s}\n"
    wanted = ({"name": "a", "x": 2}, {"name": "c"}, {"name": "d", "y": 3})
    assert merged(base % "{a: {x: 2}, b: null, d: {y: 3}}", "e").plain()["l"] == wanted
    assert merged(base % "[{name: z}]", "e").plain()["l"] == ({"name": "z"},)
    assert codes(base % "{bb: null}", "e") == [("TW0115", 3)]


def test_items_of_a_list_without_names_cannot_be_addressed():
    """A mapping onto a list in which a name lacks or stands twice replaces it, as onto any other value."""
    for items in ("[{name: a}, {x: 1}]", "[{name: a}, {name: a}]", "[a, b]", "[]"):
        text = f"l: {items}\nenvironments:\n  e: {{l: {{a: {{x: 2}}}}}}\n"
        assert merged(text, "e").plain()["l"] == {"a": {"x": 2}}


def test_values_keep_the_place_that_gave_them():
    """A value from the base points to the base, one from the patch to the patch."""
    root = merged(BASE, "prod")
    assert root.find(("a", "y", "z")).span.line == 1
    assert root.find(("a", "y", "w")).span.line == 5
    assert root.find(("l",)).span.line == 6


def test_default_environment_is_taken_when_none_is_named():
    """A named one wins over the default."""
    text = "default_environment: b\nv: 0\nenvironments: {a: {v: 1}, b: {v: 2}}\n"
    root = compose(text.encode(), "f.yaml").root
    assert [select(root, name)[1] for name in (None, "a")] == ["b", "a"]
    assert merged(text, None).plain() == {"v": 2}


def test_mistakes_in_environments_are_located():
    """An unknown name, a patch that is no mapping, a removal of nothing."""
    assert codes("a: 1\nenvironments: {prod: {}}\n", "prd") == [("TW0114", None)]
    assert codes("default_environment: x\nenvironments: {prod: {}}\n", None) == [("TW0114", 1)]
    assert codes("a: 1\nenvironments: {prod: 3}\n", "prod") == [("TW0113", 2)]
    assert codes("a: 1\nenvironments:\n  prod: {b: null}\n", "prod") == [("TW0115", 3)]
    assert codes("a: 1\nenvironments: [prod]\n", "prod") == [("TW0113", 2)]
