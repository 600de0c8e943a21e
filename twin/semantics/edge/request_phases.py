"""The phases of a request: what each action does to it, until one answers it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from twin.semantics.edge import rate_limits
from twin.semantics.edge.access import admit
from twin.semantics.edge.evaluation import ENTRY_KINDS, Matched, event_of
from twin.semantics.edge.expressions import holds
from twin.semantics.edge.reference import fact
from twin.semantics.edge.replies import Reply, block, challenge, redirect
from twin.semantics.edge.way import Way

CHALLENGES = ("challenge", "js_challenge", "managed_challenge")
ACCESS_AFTER = "http_request_sbfm"
LIMITS = "http_ratelimit"


def pass_phases(way: Way) -> Reply | None:
    """Take a request through its phases; an answer ends them."""
    for phase in fact("phases")["request"]:
        if way.evaluation.run(phase, lambda matched: _act(way, matched)):
            return way.reply
        way.refresh()
        if phase == LIMITS:
            note_counters(way)
        if phase == ACCESS_AFTER and (refused := admit(way)) is not None:
            return refused
    return None


def _act(way: Way, matched: Matched) -> bool:
    if matched.phase == LIMITS:
        return _limit(way, matched)
    return ACTIONS.get(matched.rule["action"], _nothing)(way, matched.parameters)


def _nothing(_way: Way, _parameters: dict[str, Any]) -> bool:
    return False


def _block(way: Way, parameters: dict[str, Any]) -> bool:
    way.reply = block(parameters, limited=False)
    return True


def _challenge(way: Way, _parameters: dict[str, Any]) -> bool:
    """Challenge a visitor; one that solved it before shows the cookie of its clearance.

    https://developers.cloudflare.com/cloudflare-challenges/concepts/clearance/
    """
    if "cf_clearance" in way.asked.cookies:
        way.log.add("challenge", "cleared by cf_clearance")
        return False
    way.reply = challenge()
    return True


def _redirect(way: Way, parameters: dict[str, Any]) -> bool:
    given = parameters["from_value"]
    target = way.say(given["target_url"])
    if given.get("preserve_query_string") and way.asked.query and not urlsplit(target).query:
        target = f"{target}?{way.asked.query}"
    if not target:
        return False
    way.reply = redirect(given.get("status_code", 301), target)
    return True


def _rewrite(way: Way, parameters: dict[str, Any]) -> bool:
    uri = parameters.get("uri", {})
    changes: dict[str, str] = {name: way.say(uri[name]) for name in ("path", "query") if name in uri}
    if changes:
        way.asked = way.asked.but(**changes)
    if "headers" in parameters:
        way.asked = way.asked.but(headers=way.headers(way.asked.headers, parameters["headers"]))
    return False


def _configure(way: Way, parameters: dict[str, Any]) -> bool:
    way.settings.update(parameters)
    return False


def _route(way: Way, parameters: dict[str, Any]) -> bool:
    way.route.update(parameters)
    return False


def _cache(way: Way, parameters: dict[str, Any]) -> bool:
    way.caching.update(parameters)
    return False


ACTIONS: dict[str, Callable[[Way, dict[str, Any]], bool]] = {
    "block": _block,
    **dict.fromkeys(CHALLENGES, _challenge),
    "redirect": _redirect,
    "rewrite": _rewrite,
    "set_config": _configure,
    "route": _route,
    "set_cache_settings": _cache,
}


def _limit(way: Way, matched: Matched) -> bool:
    """Act on a rate limit: while its action lasts, or when this request is one too many."""
    found = rate_limits.counter(matched.rule, way.asked, way.evaluation.fields)
    at = way.asked.at
    if not rate_limits.mitigated(way.memory, found, at):
        counted = rate_limits.counts(matched.rule, way.evaluation.fields, way.zone.lists)
        if found.on_response or not counted or not rate_limits.count(way.memory, found, at):
            return False
    way.log.events.append(event_of(matched, "ratelimit"))
    action = matched.rule["action"]
    if action == "block":
        way.reply = block(matched.parameters, limited=True)
        return True
    return _challenge(way, {}) if action in CHALLENGES else False


def note_counters(way: Way) -> None:
    """Count for the limits that did not match but count by another expression; keep those that count responses."""
    levels = {"account": way.zone.account_rulesets, "zone": way.zone.rulesets}
    for level, rulesets in levels.items():
        if way.evaluation.skips[level].passes(LIMITS):
            continue
        entry = next((row for row in rulesets if row["phase"] == LIMITS and row["kind"] == ENTRY_KINDS[level]), None)
        for rule in entry["rules"] if entry else ():
            if rule.get("enabled", True) and rule.get("ratelimit"):
                _note_counter(way, dict(rule))


def _note_counter(way: Way, rule: dict[str, Any]) -> None:
    found = rate_limits.counter(rule, way.asked, way.evaluation.fields)
    known, lists = way.evaluation.fields, way.zone.lists
    if found.on_response:
        way.counters.append((rule, found))
        return
    besides = rule["ratelimit"].get("counting_expression") and not holds(rule["expression"], known, lists)
    if besides and rate_limits.counts(rule, known, lists):
        rate_limits.count(way.memory, found, way.asked.at)


def count_responses(way: Way, asked_origin: bool) -> None:
    """Count a response for the limits that wait for one; what the cache answered does not count for some."""
    for rule, found in way.counters:
        if rule["ratelimit"].get("requests_to_origin") and not asked_origin:
            continue
        counted = rate_limits.counts(rule, way.evaluation.fields, way.zone.lists)
        if counted and not rate_limits.mitigated(way.memory, found, way.asked.at):
            rate_limits.count(way.memory, found, way.asked.at)
