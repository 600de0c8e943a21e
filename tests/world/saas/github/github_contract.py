"""GitHub's own OpenAPI document, and what it leaves out."""

import json

from vendor_contract import Contract

from twin.world.saas.github import server  # noqa: F401 - binds the operations
from twin.world.saas.github.routes import ROUTER

CONTENTS = "/repos/{owner}/{repo}/contents/{path}"


def repair(_, raw):
    """Mend three things that no reply could meet."""
    listed(raw)
    answers = {verb: raw["paths"][CONTENTS][verb]["responses"] for verb in ("get", "put")}
    # A directory is a list, which has no field to tell it by.
    del answers["get"]["200"]["content"]["application/json"]["schema"]["discriminator"]
    # All fields of both errors are optional, so that each fits either: the vendor means "any of".
    conflict = answers["put"]["409"]["content"]["application/json"]["schema"]
    conflict["anyOf"] = conflict.pop("oneOf")


def listed(value):
    """Let what may be null be null where its values are listed: the vendor leaves it out of the list."""
    if isinstance(value, dict):
        if value.get("nullable") and "enum" in value:
            value["enum"] = [*value["enum"], None]
        value = value.values()
    elif not isinstance(value, list):
        return
    for one in value:
        listed(one)


def refusal(_, response):
    """Assert the shape of the vendor's errors."""
    assert {"message", "documentation_url", "status"} <= set(json.loads(response.body))


CONTRACT = Contract(
    ("github-actions-subset",),
    ROUTER,
    repair=repair,
    refusal=refusal,
    untold={
        ("GET *", "304"): "what is known already has no body",
        ("*", "302"): "a redirect leads to what the document shows",
        ("POST */rulesets", "422"): "what is wrong is told in sentences, as in the document's validation-error-simple",
    },
    empty=(b"", b"{}"),
    long=("path", "ref", "branch"),
)
