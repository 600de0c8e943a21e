"""A zone, an origin and a way to ask, for the tables of what Cloudflare documents about its edge."""

from dataclasses import replace

import pytest

from twin.semantics.edge import Asked, Broken, Certificate, Memory, Returned, Zone, visit
from twin.semantics.edge.configuration import Access

DOCS = "https://developers.cloudflare.com"
HOST = "www.example.com"
PACK = {"id": "p1", "status": "active", "hosts": ["example.com", "*.example.com"]}
A = {"id": "r1", "type": "A", "name": HOST, "content": "192.0.2.10", "proxied": True, "ttl": 1}
APEX = {"id": "r2", "type": "A", "name": "example.com", "content": "192.0.2.11", "proxied": True, "ttl": 1}
PHASES = f"{DOCS}/ruleset-engine/reference/phases-list/"
TRANSFORM = f"{DOCS}/rules/transform/"
FORM = 'http.request.uri.path eq "/login"'
GOOD = Certificate(("example.com", "*.example.com"), 2_000_000_000.0)


def entry(phase, *rules, level="zone", ident=""):
    """Return the entry point of a phase."""
    kind = "zone" if level == "zone" else "root"
    numbered = [{"id": f"{phase}-{index}", "enabled": True, **rule} for index, rule in enumerate(rules)]
    return {"id": ident or f"{level}-{phase}", "phase": phase, "kind": kind, "rules": numbered}


def waf(*rules, **more):
    """Return the entry point of the custom rules."""
    return entry("http_request_firewall_custom", *rules, **more)


def rule(action, expression="true", **more):
    """Return a rule; keyword arguments are its other fields."""
    return {"action": action, "expression": expression, **more}


def zone(**parts):
    """Return a zone with a proxied name, its certificate, and whatever else is given."""
    given = {"name": "example.com", "records": (A, APEX), "packs": (PACK,), **parts}
    return Zone(**given)


def fixed(status=200, headers=None, body=b"hello", certificate=GOOD, **_):
    """Return an origin that always answers alike, and notes what it was sent."""
    lines = {name: (value,) if isinstance(value, str) else value for name, value in (headers or {}).items()}

    def origin(sent):
        origin.sent.append(sent)
        return Returned(status, lines, body, certificate)

    origin.sent = []
    return origin


def broken(failure):
    """Return an origin that never answers."""

    def origin(sent):
        origin.sent.append(sent)
        return Broken(failure)

    origin.sent = []
    return origin


def per_address(answers):
    """Return origins by address: a status, or the word of a failure."""

    def origin(sent):
        origin.sent.append(sent)
        said = answers[sent.address]
        return Broken(said) if isinstance(said, str) else Returned(said, {}, b"", GOOD)

    origin.sent = []
    return origin


def asked(path="/", **parts):
    """Return a request for the proxied name; headers may be plain texts."""
    headers = {
        name: (value,) if isinstance(value, str) else tuple(value) for name, value in parts.pop("headers", {}).items()
    }
    path, _, query = path.partition("?")
    given = {"host": HOST, "path": path, "query": query, "headers": headers, "at": 1_000_000_000.0, "ray": "8" * 16}
    return Asked(**{**given, **parts})


def ask(of, *requests, origin=None, memory=None):
    """Send requests one after the other; returns the last visit."""
    memory = memory or Memory()
    origin = origin or fixed()
    found = None
    for index, request in enumerate(requests or (asked(),)):
        found = visit(replace(request, ray=f"{index:016x}"), of, memory, origin)
    return found


def access(*policies, **app):
    """Return Access with one application before the whole host."""
    rows = [
        {"id": f"policy-{index}", "precedence": index + 1, "include": [{"everyone": {}}], **policy}
        for index, policy in enumerate(policies)
    ]
    return Access(apps=({"id": "app-1", "name": "admin", "aud": "aud", "domain": HOST, "policies": rows, **app},))


def limit(**more):
    """Return a rate limit of two requests in ten seconds."""
    given = {
        "characteristics": ["cf.colo.id", "ip.src"],
        "period": 10,
        "requests_per_period": 2,
        "mitigation_timeout": 30,
    }
    return {**given, **more}


def times(count, path="/", **parts):
    """Return requests, one second apart."""
    return [asked(path, at=1_000_000_000.0 + index, **parts) for index in range(count)]


def documented(cases):
    """Give a test the cases of a table, each by a name of its own."""
    names = [case[0] for case in cases]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize(
        ("page", "of", "requests", "origin", "expected"), [case[1:] for case in cases], ids=names
    )


def holds(page, found, expected):
    """Assert that a visit has what a page says, by its attributes or its headers."""
    assert page.startswith(DOCS)
    for name, wanted in expected.items():
        own = {"status", "code", "by", "body", "cache", "failure", "origin", "pool"}
        got = getattr(found, name) if name in own else found.headers.get(name, (None,))[-1]
        assert got == wanted, (name, found.trace)
