"""Each mistake in a spec is told once, with its code, at its place; all mistakes are told together."""

from pathlib import Path

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from spec.specimens import ENVIRON, WHOLE, diagnostics_of
from twin.errors import SpecError
from twin.spec.document import compose
from twin.spec.load import Spec, check

# (what is written, what is written instead, code, the text that is pointed at, a part of message, help or notes)
MISTAKES = [
    ("version: 1", "version: 2", "TW0202", "2", "allowed: 1"),
    ("domain: acme.example, contact", "domian: acme.example, contact", "TW0104", "domian", "did you mean `domain`?"),
    ("contact: ops@acme.example, ", "", "TW0105", "org", "`org` lacks `contact`"),
    ("contact: ops@acme.example", "contact: ops.acme.example", "TW0206", "ops.acme.example", "e-mail"),
    ("domain: acme.example, c", "domain: acme_, c", "TW0207", "acme_", "domain name"),
    ('account: "123456789012"', "account: 012345678901", "TW0113", "012345678901", '"012345678901"'),
    ('account: "123456789012"', 'account: "1234"', "TW0213", '"1234"', "AWS account id"),
    ("region: eu-west-1", "region: eu-wset-1", "TW0215", "eu-wset-1", "did you mean `eu-west-1`?"),
    ("groups: [platform]}\n    ben", "groups: [platfrom]}\n    ben", "TW0301", "platfrom", "did you mean `platform`?"),
    ("email: ben@acme.example", "email: ADA@acme.example", "TW0304", "ADA@acme.example", "already the address of ada"),
    ("email: ada@acme.example,", "email: ada@acme.example, manager: ben,", "TW0307", "ben", "ada → ben → ada"),
    ("factors: [webauthn, okta_verify]", "factors: [totp]", "TW0214", "[totp]", "phishing resistant"),
    ("factors: [webauthn,", "factors: [webauth,", "TW0202", "webauth", "did you mean `webauthn`?"),
    ("idle: 30m", "idle: 30min", "TW0203", "30min", "a number and a unit"),
    ("max_age: 90d", f"max_age: {'999999w' * 300}", "TW0203", "999999w" * 300, "100 years"),
    ("cidr: 10.20.0.0/16\n  azs", "cidr: 10.20.0.0/255.255.0.0\n  azs", "TW0205", "10.20.0.0/255.255.0.0", "/16`?"),
    ("idle: 30m", "idle: 9h", "TW0214", "9h", "never takes effect"),
    ("min_length: 14", "min_length: 4", "TW0201", "4", "greater than or equal to 8"),
    ("required: true", "required: yes", "TW0113", "yes", "write `true` or `false`"),
    ("ranges: [203.0.113.0/24,", "ranges: [203.0.113.7,", "TW0205", "203.0.113.7", "lacks a prefix length"),
    (
        "redirect_uris: [https://portal.acme.example/callback]",
        "redirect_uris: [portal]",
        "TW0212",
        "portal",
        "https://",
    ),
    ("scopes: [openid, orders/read]", "scopes: [openid, orders/raed]", "TW0301", "orders/raed", "orders/read"),
    ("auth0: {domain: acme.us.auth0.com}\n", "", "TW0301", None, "Auth0 tenant"),
    ("domain: acme.us.auth0.com", "domain: acme", "TW0207", "acme", "domain name"),
    ("kind: spa", "kind: spar", "TW0202", "spar", "did you mean `spa`?"),
    ("clients: [shop]", "clients: [shpo]", "TW0301", "shpo", "did you mean `shop`?"),
    ("clients: [shop]", "clients: [robot]", "TW0301", "robot", "that people sign in to"),
    ("{strategy: auth0, ", "{strategy: auth0, client_id: x, ", "TW0214", "x", "credentials at a provider"),
    ("client_id: acme}", "client_id: acme, client_secret: hush}", "TW0210", "hush", "written out"),
    ("token_lifetime: 1h", "token_lifetime: 31d", "TW0201", "31d", "at most 30d"),
    ("callbacks: [https://shop.acme.example/in], ", "", "TW0214", None, "needs `callbacks`"),
    ("{kind: machine, ", "{kind: machine, callbacks: [x], ", "TW0214", "[x]", "nobody signs in to a machine"),
    ("kind: spa, ", "kind: spa, apis: {stock: []}, ", "TW0214", None, "in the right of its users"),
    ("apis: {stock: [", "apis: {stick: [", "TW0301", None, "did you mean `stock`?"),
    (
        'robot: {kind: machine, apis: {stock: ["read:stock"',
        'robot: {kind: machine, apis: {stock: ["raed:stock"',
        "TW0301",
        '"raed:stock"',
        "did you mean `read:stock`?",
    ),
    ('permissions: {stock: ["read:stock"', 'permissions: {stock: ["write"', "TW0301", '"write"', "has no scope named"),
    (
        "apis: {stock: {",
        "apis: {other: {identifier: https://stock.acme.example, scopes: {r: R}}, stock: {",
        "TW0304",
        "https://stock.acme.example",
        "already the identifier of other",
    ),
    ('actions: ["s3:PutObject"]', "actions: [PutObject]", "TW0213", "PutObject", "s3:GetObject"),
    (
        "resources: [data.buckets.lake/*]",
        "resources: [data.bucket.lake/*]",
        "TW0301",
        "data.bucket.lake/*",
        "`buckets`",
    ),
    ("cidr: 10.20.0.0/16\n  azs", "cidr: 10.20.0.1/16\n  azs", "TW0205", "10.20.0.1/16", "`10.20.0.0/16`?"),
    ("cidr: 10.20.0.0/16\n  azs", "cidr: 10.20.0.0/8\n  azs", "TW0205", "10.20.0.0/8", "host bits"),
    ("cidr: 10.20.0.0/16\n  azs", "cidr: 10.0.0.0/8\n  azs", "TW0201", "10.0.0.0/8", "/16 to /28"),
    ("azs: 3", "azs: 4", "TW0305", "4", "offers 3"),
    ("azs: 3", "azs: three", "TW0113", "three", "a whole number"),
    (
        "private: {}",
        "private: {cidrs: [10.20.0.0/24, 10.20.1.0/24, 10.20.1.128/25]}",
        "TW0302",
        "10.20.1.128/25",
        "overlaps",
    ),
    (
        "private: {}",
        "private: {cidrs: [10.20.0.0/24, 10.20.1.0/24, 10.21.0.0/24]}",
        "TW0303",
        "10.21.0.0/24",
        "not inside",
    ),
    ("private: {}", "private: {cidrs: [10.20.0.0/24]}", "TW0214", "[10.20.0.0/24]", "1 blocks for 3 zones"),
    ("office: 192.168.0.0/16", "office: 10.20.3.0/24", "TW0302", "10.20.0.0/16", "reserved for office"),
    ("nat: per-az", "nat: per_az", "TW0202", "per_az", "did you mean `per-az`?"),
    ("ports: 5432", "ports: 99999", "TW0209", "99999", "0 to 65535"),
    ("deletion_window: 7d", "deletion_window: 3d", "TW0201", "3d", "7d to 30d"),
    ("lake: {key: data,", "lake: {key: date,", "TW0301", "date", "did you mean `data`?"),
    ("lake: {key: data,", "la ke: {key: data,", "TW0208", "la ke", "not a name"),
    ("{after: 90d, to: glacier}", "{after: 10d, to: glacier}", "TW0214", None, "later than the one before"),
    ("{after: 90d, to: glacier}", "{after: 36h, to: glacier}", "TW0203", "36h", "whole days"),
    ("copies: {versioning: true}", "copies: {replicate_to: app}", "TW0307", "app", "copies → app"),
    ("{metric: cpu, at: 60}", "{at: 60}", "TW0214", None, "looks at one metric"),
    ("{metric: cpu, at: 60}", "{metric: requests, at: 60}", "TW0214", "requests", "needs `behind_alb"),
    ("scaling: {cpu", "desired: 2\n      scaling: {cpu", "TW0214", "2", "leave `desired` out"),
    ("change: 2}]", "change: 2}, {at: 70, change: 3}]", "TW0214", None, "lies further above"),
    ("change: 2}]", "change: 2}], at_least: 1", "TW0214", "1", "goes with `by: percent`"),
    ("rush: {steps: {", "rush: {target: {metric: cpu, at: 1}, steps: {", "TW0214", None, "one of `target` and `steps`"),
    ("retention: 30d}}\n    app", "retention: 36501d}}\n    app", "TW0201", "36501d", "1d to 36500d"),
    ("vault: {", "vault: {disposable: true, ", "TW0214", "true", "not deleted with the org"),
    ("vault: {", "vault: {versioning: false, ", "TW0214", "object_lock", "needs `versioning"),
    ("storage: 20GiB", "storage: 20GB", "TW0204", "20GB", "20GiB"),
    ("max_storage: 100GiB", "max_storage: 10GiB", "TW0214", "10GiB", "above"),
    ('version: "16.4"', "version: 16.4", "TW0113", "16.4", '"16.4"'),
    ("min: 2, max: 6", "min: 7, max: 6", "TW0214", "6", "`min` (7) is above `max` (6)"),
    ("service_cidr: 172.20.0.0/16", "service_cidr: 10.20.0.0/20", "TW0302", "10.20.0.0/20", "VPC"),
    ('min: "1.2"', "min: 1.2", "TW0202", "1.2", 'put quotes around it: "1.2"'),
    ("host: www.acme.example", "host: www.acme.test", "TW0303", "www.acme.test", "not in the zone"),
    ("target: compute.alb, proxied", "target: compute.elb, proxied", "TW0301", "compute.elb", "`alb`?"),
    ("trail: {bucket: logs,", "trail: {bucket: logz,", "TW0301", "logz", "did you mean `logs`?"),
    ("branches: [main], ", "", "TW0214", "deploy", "neither a branch nor an environment"),
    ("parent: workloads", "parent: production", "TW0307", "production", "circle"),
    ("{monthly: 500, notify: [ops@acme.example]}", "{monthly: 500}", "TW0306", "all", "reach nobody"),
    ("monthly: 500", "monthly: -1", "TW0201", "-1", "above 0"),
    ("okta: {org_url: https://acme.okta.com}\n", "", "TW0301", "workforce", "Okta org"),
    ("roles: {lambda:", "roles: {admin:", "TW0304", "admin", "workforce.roles"),
    ("roles: {lambda: {", "roles: {lambda: {}, l2: {", "TW0214", "lambda", "nobody may assume the role"),
    ("registries: {orders: {keep: 30}}", "registries: [orders]", "TW0113", "[orders]", "a mapping"),
    ("aws.sns.topic:\n    extra: {", "aws.sns.topic:\n    extra: x #{", "TW0113", "x", "a mapping"),
]


@pytest.mark.parametrize(("right", "wrong", "code", "pointed", "said"), MISTAKES, ids=[m[1][:40] for m in MISTAKES])
def test_mistake_is_told_at_its_place(right, wrong, code, pointed, said):
    """One replacement in a valid spec gives one diagnostic, pointing at what is wrong."""
    assert WHOLE.count(right) >= 1
    before, _, after = WHOLE.partition(right)
    text = before + wrong + after
    found = [d for d in diagnostics_of(text) if d.code == code]
    matching = [d for d in found if said in " ".join([d.message, d.help or "", *d.notes])]
    assert len(matching) == 1, diagnostics_of(text)
    span = matching[0].span
    line = text.splitlines()[span.line - 1]
    if pointed is not None:
        assert line[span.column - 1 : span.end_column - 1].strip("'") == pointed


def test_whole_spec_has_no_mistake():
    """The table above starts from a spec that is right in every environment."""
    assert [diagnostics_of(WHOLE, name) for name in (None, "dev", "staging", "prod")] == [(), (), (), ()]


def test_all_mistakes_are_told_at_once_in_order():
    """Syntax, shape, references and contradictions of different sections arrive together, by line."""
    text = WHOLE
    for right, wrong in [("idle: 30m", "idle: 9h"), ("azs: 3", "azs: x"), ("lake: {key: data,", "lake: {key: d,")]:
        text = text.replace(right, wrong)
    text += "version: 1\n"
    found = diagnostics_of(text)
    assert [d.code for d in found] == ["TW0214", "TW0113", "TW0301", "TW0102"]
    assert [d.span.line for d in found] == sorted(d.span.line for d in found)


def test_mistake_in_an_environment_points_into_the_environment():
    """The value that won is the one that is pointed at."""
    text = WHOLE.replace("nat: single", "nat: one")
    (found,) = diagnostics_of(text, "staging")
    assert text.splitlines()[found.span.line - 1].lstrip().startswith("staging:")
    assert diagnostics_of(text, "dev") == ()


def test_long_form_of_an_ipv6_block_is_accepted():
    """Addresses are compared as addresses, not as texts."""
    assert diagnostics_of(WHOLE.replace("2001:db8::/32", "2001:0DB8:0::/32")) == ()


LINES = WHOLE.splitlines(keepends=True)
TOKENS = ["null", "[]", "{}", "7", "x", "1.5", "true", "''", "[null]", "{a: b}", "*a", "env:X", ".nan", "2001:db8::/32"]


@st.composite
def damaged(draw):
    """Draw the whole spec with a few values replaced, lines lost or repeated."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["drop", "repeat", "value", "insert"]))
        if how == "drop":
            lines[at] = ""
        elif how == "repeat":
            lines[at] *= 2
        elif how == "value":
            lines[at] = f"{lines[at].partition(':')[0]}: {draw(st.sampled_from(TOKENS))}\n"
        else:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(st.text(max_size=4)) + lines[at][cut:]
    return "".join(lines)


@settings(max_examples=examples(120))
@given(damaged() | st.text())
def test_any_text_gives_a_spec_or_located_diagnostics(text):
    """Nothing but SpecError escapes, and it says something."""
    document = compose(text.encode("utf-8", "surrogatepass"), "org.yaml")
    outcome: Spec | SpecError
    try:
        outcome = check(document, Path("org.yaml"), None, environ=ENVIRON)
    except SpecError as error:
        outcome = error
    assert isinstance(outcome, Spec) or outcome.diagnostics
