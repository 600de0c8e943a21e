"""The documents are complete and true: every command, every code, every path that they name."""

import re
from pathlib import Path

import pytest

from twin.cli.commands.init import STARTER
from twin.cli.compiled import compile_file
from twin.cli.forms import find
from twin.cli.program import cli
from twin.codes import codes
from twin.errors import SpecError

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
    bases = (ROOT, page.parent, STARTER)  # what `twin init` writes is named by where it is written
    missing = [p for pair in named for p in pair if p and not any((base / p).exists() for base in bases)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_code_in_a_page_is_explained(page):
    """A code in a transcript is one that `twin explain` knows."""
    assert set(re.findall(r"\bTW\d{4}\b", TEXT[page])) - set(codes()) == set()


def test_every_section_of_a_spec_is_in_the_table_of_the_page_about_specs():
    """Its meaning stands there as the program tells it, up to where that goes into its form."""
    page = TEXT[ROOT / "docs" / "specs.md"]
    told = dict(re.findall(r"^\| `(\w+)` \| (.+)\. \|$", page, re.MULTILINE))
    known = {key.name: key.meaning for key in find("spec").form.parts}
    assert set(told) == set(known)
    assert [name for name, meaning in told.items() if not known[name].startswith(meaning)] == []


def test_the_least_spec_of_the_page_is_one(tmp_path):
    """What stands there as the least is right, and nothing of it can be left out."""
    page = TEXT[ROOT / "docs" / "specs.md"]
    least = re.findall(r"```yaml\n(version: 1\n.*?)```", page, re.DOTALL)[0]
    file = tmp_path / "org.yaml"
    file.write_text(least)
    assert len(compile_file(file, None).desired) == 1
    for row in least.splitlines():
        file.write_text(least.replace(row, ""))
        with pytest.raises(SpecError):
            compile_file(file, None)


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
