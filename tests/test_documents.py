"""The documents are complete and true: every command, every code, every path that they name."""

import re
from pathlib import Path

import pytest

from twin.cli.compiled import compile_file
from twin.cli.program import cli
from twin.codes import codes

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}


def test_every_command_is_in_the_documents():
    """A command that no page mentions is one that nobody finds."""
    told = " ".join(TEXT.values())
    assert [name for name in cli.list_commands(None) if f"twin {name}" not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_in_a_page_exists(page):
    """A page that names a file or folder of the project names one that is there."""
    named = re.findall(
        r"`((?:twin|tui|tests|docs|bench|scenarios|specs)/[\w./-]+)`|\]\(((?!http)[\w./-]+)\)", TEXT[page]
    )
    missing = [p for pair in named for p in pair if p and not any((base / p).exists() for base in (ROOT, page.parent))]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_code_in_a_page_is_explained(page):
    """A code in a transcript is one that `twin explain` knows."""
    assert set(re.findall(r"\bTW\d{4}\b", TEXT[page])) - set(codes()) == set()


def test_readme_opens_with_the_two_commands():
    """Before anything else a reader sees how to try it."""
    first = TEXT[ROOT / "README.md"].split("```")[1]
    assert re.findall(r"^make \w+", first, re.MULTILINE) == ["make demo", "make test"]


def test_figures_of_the_readme_are_those_of_the_bundled_org():
    """The counts that the transcripts show are what `twin check` says."""
    for environment in ("prod", "staging", "dev"):
        compiled = compile_file(ROOT / "specs" / "mini-org.yaml", environment)
        types = {d.address.type for d in compiled.desired}
        assert f"{environment}: {len(compiled.desired)} resources of {len(types)} types" in TEXT[ROOT / "README.md"]
    told, wanted = TEXT[ROOT / "README.md"], len(compile_file(ROOT / "specs" / "mini-org.yaml", "prod").desired)
    there = int(re.findall(r"plan: \d+ to create, (\d+) unchanged", told)[0])
    made = wanted - there
    for figure in (f"{wanted} resources, ", f"{made} to create, ", f"{made} done (", f"no changes: {wanted} resources"):
        assert f"\n{figure}" in told or f"\nplan: {figure}" in told, figure
