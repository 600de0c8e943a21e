"""Diagnostics look like a compiler's, in plain text, colour and JSON."""

import io

from rich.console import Console

from twin.diagnostics import Diagnostic, Span
from twin.report.diagnostics import as_json, show

TEXT = "a: 1\nnetwork:\n  cidr: 10.0.0.1/8\n"
PLACE = Span("org.yaml", 3, 9, 3, 19)
DIAGNOSTIC = Diagnostic("TW0205", "`10.0.0.1/8` has host bits set", PLACE, "did you mean `10.0.0.0/8`?", ("a note",))


def shown(*diagnostics, text=TEXT, **console):
    """Return what is printed."""
    out = io.StringIO()
    show(diagnostics, Console(file=out, width=80, **console), source=lambda _: text)
    return out.getvalue()


def test_plain_text_has_code_place_line_carets_and_help():
    """No terminal, no colour."""
    assert shown(DIAGNOSTIC) == (
        "error[TW0205]: `10.0.0.1/8` has host bits set\n"
        " --> org.yaml:3:9\n"
        "  |\n"
        "3 |   cidr: 10.0.0.1/8\n"
        "  |         ^^^^^^^^^^\n"
        "  = help: did you mean `10.0.0.0/8`?\n"
        "  = note: a note\n"
        "\n"
        "1 error; `twin explain TW0205` tells more\n"
    )


def test_terminal_gets_colour_unless_no_color_is_set():
    """NO_COLOR keeps bold at most, no colour."""
    assert "\x1b[1;31m" in shown(DIAGNOSTIC, force_terminal=True, color_system="standard", _environ={})
    assert "\x1b[1;31m" not in shown(DIAGNOSTIC, force_terminal=True, _environ={"NO_COLOR": "1", "TERM": "xterm"})


def test_diagnostics_are_sorted_and_counted():
    """By place, warnings apart."""
    first = Diagnostic("TW0104", "unknown key", Span("org.yaml", 1, 1, 1, 2), severity="warning")
    text = shown(DIAGNOSTIC, first)
    assert text.index("TW0104") < text.index("TW0205")
    assert "1 error, 1 warning" in text


def test_place_outside_of_the_file_shows_no_line():
    """A span without its line, and a diagnostic without a span, still say what is wrong."""
    assert "|" not in shown(Diagnostic("TW0101", "m", Span("org.yaml", 99, 1, 99, 2)))
    assert shown(Diagnostic("TW0111", "there is no file")).startswith("error[TW0111]: there is no file\n")


def test_wide_characters_and_tabs_keep_carets_in_place():
    """Carets count cells, not characters; markup and control characters do nothing."""
    lines = shown(Diagnostic("TW0101", "[bold]m\x1b", Span("f", 1, 4, 1, 5)), text="日\t本x[/]\n").splitlines()
    assert lines[0] == "error[TW0101]: [bold]m␀"
    assert lines[3:5] == ["1 | 日 本x[/]", "  |      ^"]


def test_span_over_several_lines_marks_its_first():
    """Carets run to the end of the line."""
    assert "  | ^^^^^^^^\n" in shown(Diagnostic("TW0105", "m", Span("f", 2, 1, 3, 19)))


def test_written_secret_is_covered_wherever_its_line_is_shown():
    """Also under another diagnostic of the same line."""
    text = "db: {password: hunter2, x: 1}\n"
    secret = Diagnostic("TW0210", "a secret is written out here", Span("f", 1, 16, 1, 23))
    other = Diagnostic("TW0104", "unknown key `x`", Span("f", 1, 25, 1, 26))
    assert "hunter2" in shown(other, text=text)
    assert "hunter2" not in shown(other, secret, text=text)
    assert shown(other, secret, text=text).count("db: {password: •••••••, x: 1}") == 2


def test_json_has_every_field():
    """Places are null where there are none."""
    document = as_json([DIAGNOSTIC, Diagnostic("TW0111", "m")])
    assert document["schema"] == 1
    assert document["diagnostics"][0] == {
        "code": "TW0111",
        "severity": "error",
        "message": "m",
        **dict.fromkeys(["file", "line", "column", "end_line", "end_column", "help"]),
        "notes": [],
    }
    assert document["diagnostics"][1]["end_column"] == 19
