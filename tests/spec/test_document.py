"""YAML files become located trees, or located complaints."""

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import SpecError
from twin.spec.document import compose, read


def tree(text):
    """Return the tree of a text without errors."""
    document = compose(text.encode(), "f.yaml")
    assert document.diagnostics == ()
    return document.root


def codes(data):
    """Return the codes and places of what is wrong with some bytes."""
    found = compose(data, "f.yaml").diagnostics
    return [(d.code, d.span.line, d.span.column) for d in found]


def test_values_and_keys_know_their_places():
    """Lines and columns count from 1, ends are exclusive."""
    root = tree("a:\n  bé: [1, two]\nc: x # end\n")
    item = root.find(("a", "bé", 1))
    assert item.value == "two"
    assert (item.span.line, item.span.column, item.span.end_column) == (2, 11, 14)
    assert (root.find(("a", "bé")).key_span.column, root.find(("a", "bé")).key_span.end_column) == (3, 5)
    assert (root.get("a").span.line, root.get("a").span.end_line) == (2, 2)


def test_quoted_scalars_are_text():
    """Quotes and !!str keep a number from being one."""
    assert tree("a: '1'\nb: \"true\"\nc: !!str 5\nd: |\n  7\n").plain() == {"a": "1", "b": "true", "c": "5", "d": "7\n"}


def test_aliases_repeat_their_anchor():
    """An alias has the value of its anchor and the key that it stands under."""
    root = tree("a: &x {k: 1}\nb: *x\n")
    assert root.plain() == {"a": {"k": 1}, "b": {"k": 1}}
    assert root.get("b").key_span.line == 2


def test_byte_order_mark_and_crlf_are_harmless():
    """Places are the same as without them."""
    root = tree("\ufeffa: 1\r\nb: 2\r\n")
    assert root.plain() == {"a": 1, "b": 2}
    assert (root.get("b").span.line, root.get("b").span.column) == (2, 4)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\na: 2\nb: 1\nb: 2\n", [("TW0102", 2, 1), ("TW0102", 4, 1)]),
        (b"a: {x: 1, x: 2}\n", [("TW0102", 1, 11)]),
        (b"a: &x {k: 1}\nb:\n  <<: *x\n", [("TW0103", 3, 3)]),
        (b"1: a\n", [("TW0106", 1, 1)]),
        (b"[a]: b\n", [("TW0106", 1, 1)]),
        (b"true: b\nnull: c\n", [("TW0106", 1, 1), ("TW0106", 2, 1)]),
        (b"a: !!python/object/apply:os.system [x]\n", [("TW0107", 1, 4)]),
        (b"a: !Ref x\n", [("TW0107", 1, 4)]),
        (b"a: *nope\n", [("TW0108", 1, 4)]),
        (b"a: &x [*x]\n", [("TW0108", 1, 8)]),
        (b"a: 1\n---\nb: 2\n", [("TW0109", 2, 1)]),
        (b"a: \xff\n", [("TW0110", 1, 4)]),
        (b"", [("TW0112", 1, 1)]),
        (b"# nothing\n", [("TW0112", 1, 1)]),
        (b"- a\n", [("TW0113", 1, 1)]),
        (b"text\n", [("TW0113", 1, 1)]),
        (b"a:\n\t- b\n", [("TW0101", 2, 1)]),
        (b"a: b: c\n", [("TW0101", 1, 5)]),
        (b"a: 'b\n", [("TW0101", 1, 6)]),
        (b"a: [1, 2\n", [("TW0101", 1, 9)]),
        (b"a: x\x07\n", [("TW0101", 1, 5)]),
        (b"a: " + b"[" * 70 + b"]" * 70, [("TW0117", 1, 67)]),
        (b"a: " + b"9" * 5000, [("TW0201", 1, 4)]),
        (b"a: 0x" + b"f" * 5000, [("TW0201", 1, 4)]),
    ],
)
def test_bad_yaml_is_told_with_its_place(data, expected):
    """Each mistake has its code, line and column."""
    assert codes(data) == expected


def test_nested_aliases_cannot_explode():
    """A billion laughs are refused before they are laughed."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert [code for code, *_ in codes("\n".join(lines).encode())] == ["TW0108"]


def test_aliases_cannot_nest_deeper_than_values():
    """A chain of aliases is as deep as what it stands for."""
    chain = lambda depth: "a0: &a0 []\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, depth))  # noqa: E731
    assert codes(chain(60).encode()) == []
    assert [code for code, *_ in codes(chain(80).encode())] == ["TW0117"]


def test_files_that_cannot_be_read_are_told(tmp_path):
    """A missing file and a directory have a code too."""
    for path in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(SpecError) as raised:
            read(path)
        assert [d.code for d in raised.value.diagnostics] == ["TW0111"]


@settings(max_examples=examples(300))
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?\n\t 01~<\ufeff\u2028\x85é", max_size=60) | st.text() | st.binary())
def test_composing_never_raises(content):
    """Any bytes give a tree or a diagnostic whose place is in the text."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    document = compose(data, "f.yaml")
    assert document.root is not None or document.diagnostics
    assert all(d.span.line >= 1 and d.span.column >= 1 for d in document.diagnostics)
