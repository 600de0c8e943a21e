"""The documents of AWS's own managed policies, cut out of the data that moto carries."""

import importlib.util
import json
from functools import cache
from pathlib import Path

DATA = ("iam", "aws_managed_policies.py")


def document_of(arn: str) -> str | None:
    """Return the JSON of the policy in force under an ARN of AWS's, None when it is not in the data."""
    name = arn.rpartition("/")[2]
    text = _text()
    start = text.find(f'\n "{name}":')
    if start < 0:
        return None
    policy, _ = json.JSONDecoder().raw_decode(text, text.index("{", start))
    if f"arn:aws:iam::aws:policy{policy['Path']}{name}" != arn:
        return None  # a name under the wrong path is another ARN
    return json.dumps(policy["Document"], separators=(",", ":"))


@cache
def _text() -> str:
    """Read the data as text: importing it would import moto's whole IAM first."""
    found = importlib.util.find_spec("moto")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]).joinpath(*DATA).read_text(encoding="utf-8")
