"""Where a scenario names what nothing has saved: the line of its file or of its runbook's."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from twin.data_files import read_yaml
from twin.scenario.verdict import Result


def placed(results: Iterable[Result], path: Path) -> Iterator[Result]:
    """Yield results; those that lack a name tell where it is used."""
    for one in results:
        where = next(_lines(path, f"${{{one.lacks}}}"), None) if one.lacks else None
        yield one if where is None else replace(one, reason=f"{where}: {one.reason}")


def _lines(path: Path, text: str) -> Iterator[str]:
    """Yield the places of a text in a scenario's file and in its runbook's."""
    runbook = read_yaml(path.read_text(encoding="utf-8")).get("runbook")
    for file in (path, *([path.parent / runbook] if isinstance(runbook, str) else [])):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if text in line:
                yield f"{file}:{number}:{line.index(text) + 1}"
