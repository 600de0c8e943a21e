"""Measures how many times a second a compiled rule is asked about a request: `python bench/rules.py`.

The goal is 100,000 evaluations a second of a typical rule on one core.
"""

import time

from twin.semantics.rules import compiled, fields, parse

RULES = {
    "typical": '(http.host eq "app.example.com" and starts_with(http.request.uri.path, "/api/"))'
    ' and not ip.src in {10.0.0.0/8 192.0.2.0/24} and http.request.method in {"POST" "PUT"}',
    "country or score": 'ip.src.country in {"CN" "RU" "KP"} or cf.threat_score gt 30',
    "regex": 'http.request.uri.path matches r"^/api/v[0-9]+/(users|orders)/"',
    "wildcard": 'http.request.full_uri wildcard "https://*.example.com/api/*"',
    "headers": 'any(lower(http.request.headers["accept"][*])[*] contains "json")',
}
REQUEST = fields(
    {
        "http.host": "app.example.com",
        "http.request.method": "POST",
        "http.request.uri.path": "/api/v1/users/42",
        "http.request.full_uri": "https://app.example.com/api/v1/users/42",
        "http.request.headers": {"accept": ["text/html", "application/JSON"]},
        "ip.src": "203.0.113.9",
        "ip.src.country": "SE",
        "cf.threat_score": 3,
    }
)
GOAL = 100_000


def rate(expression: str, seconds: float = 1.0) -> float:
    """Return the evaluations per second of an expression, over about so many seconds."""
    rule = compiled(parse(expression, "filter"))
    rounds, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(1000):
            rule(REQUEST)
        rounds += 1000
    return rounds / (time.perf_counter() - start)


def main() -> int:
    """Print the rate of every rule; fail when the typical one misses the goal."""
    rates = {name: rate(expression) for name, expression in RULES.items()}
    for name, measured in rates.items():
        print(f"{name:18} {measured:12,.0f} evaluations/s")
    start = time.perf_counter()
    for _ in range(200):
        parse(RULES["typical"], "filter")
    print(f"{'parse, typical':18} {200 / (time.perf_counter() - start):12,.0f} expressions/s")
    return 0 if rates["typical"] >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
