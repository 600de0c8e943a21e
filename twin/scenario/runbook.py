"""A runbook as a Markdown page: people read the prose, the fenced `yaml step NAME` blocks are the steps."""

from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from twin.diagnostics import Diagnostic, Span
from twin.errors import SpecError


def read_runbook(path: Path) -> dict[str, Any]:
    """Return the steps of a runbook by name, in the order of the page; SpecError when a block is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError([Diagnostic("TW0902", f"the runbook {path} cannot be read: {error.strerror}")]) from error
    steps: dict[str, Any] = {}
    problems = []
    for token in MarkdownIt().parse(text):
        words = token.info.split()
        if token.type != "fence" or words[:2] != ["yaml", "step"]:
            continue
        line = (token.map or [0])[0] + 1
        span = Span(str(path), line, 1, line, 1)
        if len(words) != 3 or words[2] in steps:
            problems.append(Diagnostic("TW0903", "a step's block begins with ```yaml step NAME, each name once", span))
            continue
        try:
            steps[words[2]] = yaml.safe_load(token.content)
        except yaml.YAMLError as error:
            problems.append(Diagnostic("TW0903", f"the step {words[2]} is not YAML: {error}", span))
    if not steps and not problems:
        problems.append(Diagnostic("TW0902", f"{path} has no steps: fenced blocks that begin with ```yaml step NAME"))
    if problems:
        raise SpecError(problems)
    return steps
