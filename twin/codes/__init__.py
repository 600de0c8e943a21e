"""The catalogue of diagnostic codes: what each one means, read from the data files of this package.

TW01 YAML and shape · TW02 values · TW03 what sections say of each other · TW04 AWS · TW05 Cloudflare ·
TW06 Okta, Auth0 · TW07 blueprints, graph, plan, state · TW08 targets and guards · TW09 scenarios ·
TW10 proofs over a plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from twin.data_files import read_yaml
from twin.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `twin explain CODE` says about one code.

    `source` is the vendor's page that states the rule; `level` is how grave it is at most, for the rules of proofs.
    """

    title: str
    text: str
    example: str | None = None
    source: str | None = None
    level: Severity | None = None


@cache
def codes() -> Mapping[str, Explanation]:
    """Read every file of the package; the keys are codes such as `TW0104`, in ascending order."""
    table: dict[str, Explanation] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            for code, entry in read_yaml(file.read_text(encoding="utf-8")).items():
                if code in table:
                    raise ValueError(f"{code} is explained twice, the second time in {file.name}")
                table[code] = Explanation(**entry)
    return MappingProxyType(dict(sorted(table.items())))


def explain(code: str) -> Explanation | None:
    """Return the explanation of `code`, in any letter case, or None when there is no such code."""
    return codes().get(code.upper())
