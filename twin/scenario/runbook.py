"""A runbook as a Markdown page: people read the prose, the fenced `yaml step NAME` blocks are the steps."""

from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from twin.diagnostics import Diagnostic, Span
from twin.errors import SpecError


def read_page(path: Path) -> bytes:
    """Return what a runbook's page holds; SpecError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError([Diagnostic("TW0902", f"the runbook {path} cannot be read: {error.strerror}")]) from error


def steps_of(page: bytes, path: Path) -> dict[str, Any]:
    """Return the steps of a runbook's page by name, in its order; SpecError when a block is none."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError([Diagnostic("TW0902", f"the runbook {path} is not UTF-8 text: {error.reason}")]) from error
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
