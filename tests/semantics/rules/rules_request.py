"""One request, about which the tests of expressions ask."""

from twin.semantics.rules import decide

FIELDS = {
    "http.host": "www.Example.com",
    "http.request.uri.path": "/Blog/first-post.html",
    "http.request.uri": "/Blog/first-post.html?a=1&b=2&a=3",
    "http.request.uri.query": "a=1&b=2&a=3",
    "http.request.uri.args": {"a": ["1", "3"], "b": ["2"]},
    "http.request.headers": {"accept": ["application/json", "text/html"], "host": ["www.Example.com"]},
    "http.request.headers.names": ["accept", "Host"],
    "http.request.body.raw": '{"a": {"b": [1, "two", 3.0, true]}, "big": 99999999999999999999, "é": "ü"}',
    "http.request.body.multipart.names": [["x", "y"], ["z"]],
    "http.cookie": "%2520 %u2601+%41%zz",
    "http.user_agent": "a.b*c\\d",
    "cf.threat_score": 10,
    "cf.waf.score": 6,
    "cf.bot_management.detection_ids": [3, 5, 8],
    "cf.random_seed": "seed",
    "http.request.timestamp.sec": 1000000100,
    "ip.src": "192.0.2.7",
    "cf.edge.server_ip": "2001:db8::1",
    "ssl": True,
    "cf.client.bot": False,
    "http.referer": None,
}


def answer(expression, fields=FIELDS, **more):
    """Ask about the request of this file."""
    return decide({"expression": expression, "fields": fields, **more})
