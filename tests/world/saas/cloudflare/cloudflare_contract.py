"""Cloudflare's own OpenAPI documents, by which refusals are held too, and what they have wrong."""

from vendor_contract import Contract

from twin.world.saas.cloudflare import server  # noqa: F401 - binds the operations
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import PREFIX, ROUTER

DOCUMENTS = tuple(
    f"cloudflare-{name}"
    for name in ("zones-dns", "rulesets", "loadbalancing", "accounts-tokens-audit", "access", "supplement-sdk59")
)
# Settings that the SDK 5.9 documents and the contract of 2024 does not know: left out before a list is checked.
SETTINGS_NEWER_THAN_CONTRACT = {
    "aegis",
    "china_network_enabled",
    "content_converter",
    "origin_h2_max_streams",
    "origin_max_http_version",
    "pre_render",
    "privacy_pass",
    "redirects_for_ai_training",
    "search_for_agents",
    "transformations",
    "transformations_allowed_origins",
    "webmcp_enabled",
    "webmcp_packs",
}

ACTION = "rulesets_RuleAction"
CACHE = "rulesets_SetCacheSettingsRule/allOf/1/properties/action_parameters/properties"
TARGET = "rulesets_RedirectRule/allOf/1/properties/action_parameters/properties/from_value/properties/target_url/oneOf"

# What the contract has wrong: (document, schema, key, the value that it should have, why).
ERRATA = (
    (
        "cloudflare-rulesets",
        ACTION,
        "pattern",
        "^[a-z_]+$",
        "its own actions have underscores: js_challenge, set_config",
    ),
    (
        "cloudflare-rulesets",
        f"{CACHE}/edge_ttl",
        "required",
        ["mode"],
        "SDK 5.9: default and status_code_ttl are optional",
    ),
    (
        "cloudflare-rulesets",
        f"{TARGET}/0",
        "required",
        ["value"],
        "without it both branches of oneOf match every redirect",
    ),
    (
        "cloudflare-zones-dns",
        "addressing_ips_jdcloud",
        "required",
        ["jdcloud_cidrs"],
        "without it both branches of oneOf match",
    ),
    (
        "cloudflare-rulesets",
        f"{TARGET}/1",
        "required",
        ["expression"],
        "without it both branches of oneOf match every redirect",
    ),
)


def repair(name, raw):
    """Mend the errata of a document, each of which has to be one still."""
    for where, path, key, value, _reason in ERRATA:
        if where != name:
            continue
        schema = raw["components"]["schemas"]
        for step in path.split("/"):
            schema = schema[int(step)] if isinstance(schema, list) else schema[step]
        assert schema.get(key) != value, f"erratum no longer needed: {path} {key}"
        schema[key] = value


def comparable(operation, body):
    """Return a reply's body without what the contract is known to be too old for."""
    if operation.endswith("{zone_id}/settings") and body["result"]:
        known = [row for row in body["result"] if row["id"] not in SETTINGS_NEWER_THAN_CONTRACT]
        return body | {"result": known}
    return body


CONTRACT = Contract(
    DOCUMENTS,
    ROUTER,
    base=PREFIX,
    unserved=reference("unsupported", "operations"),
    repair=repair,
    comparable=comparable,
)
