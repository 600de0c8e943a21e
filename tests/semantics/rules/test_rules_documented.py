"""The examples of Cloudflare's documentation evaluate as the documentation says."""

import json
import os
from pathlib import Path

import pytest

from twin.semantics.rules import decide

SHARED = Path(os.environ.get("TWIN_SHARED", Path(__file__).parents[4] / "shared"))
CORPUS = SHARED / "corpora" / "cloudflare-rules-docs-examples.json"

# Two outcomes contradict the rules of the very pages that they stand on; each is answered by the rule.
SLIPS = {
    # "the entire field value must match", and the value begins with https://
    ('http.request.full_uri wildcard "*.example.com/*" or http.request.full_uri wildcard "example.com/*"', 0): False,
    # the replacement has no slash at its end
    ('regex_replace("/foo/a/path", "^/foo/([^/]*)/(.*)$", "/bar/${2}/${1}")', 0): "/bar/path/a",
}


def _cases():
    if not CORPUS.exists():
        pytest.skip(f"THE DOCUMENTED EXAMPLES ARE NOT CHECKED: {CORPUS} is absent", allow_module_level=True)
    seen = {}
    for case in json.loads(CORPUS.read_text())["cases"]:
        if case["kind"] == "precedence":
            continue
        number = seen[case["expression"]] = seen.get(case["expression"], -1) + 1
        yield pytest.param(case, number, id=f"{case['expression'][:60]}-{number}")


@pytest.mark.parametrize(("case", "number"), list(_cases()))
def test_documented_example_comes_out_as_documented(case, number):
    """Each example of the pages, but for the two slips, which are pinned to what the rule says."""
    answer = decide({"id": 1, "expression": case["expression"], "fields": case.get("context", {})})
    if case["kind"] == "parse_error":
        assert "error" in answer
    else:
        expected = SLIPS.get((case["expression"], number), case["expected"])
        assert {"id": 1, "value": expected} == answer


def test_all_seventy_examples_are_there():
    """A corpus that shrank would make the check above empty."""
    assert len(list(_cases())) == 70
    assert len(SLIPS) == 2
