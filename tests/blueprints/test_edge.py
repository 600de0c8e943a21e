"""What the edge, names, messages, money and the organization become."""

import pytest

from tests.blueprints.built import HEAD, NETWORK, build, refused, statement

EDGE = """\
edge:
  zone: acme.example
  records:
    - {name: "@", type: MX, value: mx.mail.example, priority: 10}
    - {name: "@", type: MX, value: mx2.mail.example, priority: 20}
    - {name: "@", type: CAA, value: '0 issue "amazon.com"'}
    - {name: _dmarc, type: TXT, value: v=DMARC1}
  tls: {min: "1.3", hsts: {max_age: 365d}}
  waf:
    rules:
      - {name: Office, expression: 'ip.src in {203.0.113.0/24}', action: skip}
      - {name: Dots, expression: 'http.request.uri.path contains "/."'}
  rate_limits: [{name: Login, expression: 'http.request.uri.path eq "/login"', requests: 20}]
  cache:
    - {name: Assets, expression: 'starts_with(http.request.uri.path, "/a")', edge_ttl: 1d}
    - {name: API, expression: 'http.host eq "api.acme.example"', bypass: true}
  load_balancers: {api: {host: api.acme.example, pools: {main: {one: {address: 203.0.113.1}}}}}
  tokens: {dns: {permissions: [DNS Write], allowed_from: [203.0.113.0/24]}}
"""


def test_the_edge_is_as_cloudflare_takes_it() -> None:
    """Nothing that the Free plan refuses."""
    assert build(EDGE).problems() == []


def test_records_have_whole_names_and_names_of_their_own() -> None:
    """`@` is the zone; records of one name and type are numbered."""
    built = build(EDGE)
    assert built.names("cloudflare.dns_record") == ["apex-caa", "apex-mx", "apex-mx-2", "dmarc-txt"]
    assert built.get("cloudflare.dns_record", "apex-mx-2").name == "acme.example"
    assert built.get("cloudflare.dns_record", "dmarc-txt").name == "_dmarc.acme.example"


def test_settings_say_tls_and_hsts() -> None:
    """The promise to browsers has its age in seconds."""
    settings = build(EDGE).get("cloudflare.zone_settings", "main").settings
    assert (settings["min_tls_version"], settings["ssl"]) == ("1.3", "strict")
    assert settings["security_header"]["strict_transport_security"]["max_age"] == 31536000


def test_rules_keep_their_order_and_become_one_ruleset_per_phase() -> None:
    """Firewall, limit and cache; `skip` skips what is left of its ruleset."""
    built = build(EDGE)
    assert [r.action for r in built.get("cloudflare.ruleset", "waf").rules] == ["skip", "block"]
    assert built.get("cloudflare.ruleset", "waf").rules[0].action_parameters == {"ruleset": "current"}
    assert built.get("cloudflare.ruleset", "rate-limits").rules[0].ratelimit.requests_per_period == 20
    assert [r.action_parameters["cache"] for r in built.get("cloudflare.ruleset", "cache").rules] == [True, False]


def test_too_many_rules_for_the_plan_point_to_the_rules() -> None:
    """The Free plan has one rate limit."""
    built = build(EDGE.replace("requests: 20}]", "requests: 20}, {name: More, expression: ssl, requests: 1}]"))
    assert [p.code for p in built.problems()] == ["TW0521"]


def test_a_token_goes_into_a_secret_and_holds_for_the_zone_alone() -> None:
    """The value stands nowhere else."""
    token = build(EDGE).get("cloudflare.api_token", "dns")
    assert token.store == "${aws.secretsmanager.secret.cloudflare-dns.arn}"
    assert token.allowed_from == ["203.0.113.0/24"]
    assert token.policies[0].resources == {"com.cloudflare.api.account.zone.${cloudflare.zone.main.id}": "*"}


def test_origins_are_probed_under_the_name_that_they_serve() -> None:
    """Monitor, pool and load balancer in a chain."""
    built = build(EDGE)
    assert built.get("cloudflare.monitor", "api").header == {"Host": ["api.acme.example"]}
    assert built.get("cloudflare.load_balancer", "api").default_pools == ["${cloudflare.pool.api-main.id}"]


def test_private_names_lead_to_what_runs() -> None:
    """A zone that the VPC alone sees; a text in quotes, as AWS wants it; a check of a URL's parts."""
    built = build(
        NETWORK
        + """\
dns:
  zones: {inner: {domain: acme.internal, private: true, records: [{name: note, type: TXT, value: hello}]}}
  health_checks: {www: {url: https://www.acme.example:8443/healthz}}
"""
    )
    assert built.get("aws.route53.zone", "inner").vpcs == ["${aws.ec2.vpc.main.id}"]
    assert built.get("aws.route53.record", "inner-note-txt").records == ['"hello"']
    check = built.get("aws.route53.health_check", "www")
    assert (check.domain, check.port, check.path) == ("www.acme.example", 8443, "/healthz")
    assert built.problems() == []


MESSAGES = """\
data: {queues: {jobs: {}}}
audit:
  topics: {pager: {subscriptions: [{email: pager@acme.example}]}}
  alarms:
    deep: {namespace: AWS/SQS, metric: Depth, on: data.queues.jobs, comparison: ">=", threshold: 5, notify: [pager]}
  events: {findings: {pattern: {source: [aws.guardduty]}, notify: [pager], queues: [jobs]}}
billing:
  budgets: {all: {monthly: 100, alert_at: [50], notify: [ops@acme.example]}}
  alarms: {month: {above: 12.5, notify: [pager]}}
"""


def test_messages_reach_whom_they_should() -> None:
    """Alarms and events publish to the topic for this account; dimensions come from the watched item."""
    built = build(MESSAGES)
    publishers = statement(built.get("aws.sns.topic", "pager").policy, "Publishers")
    assert publishers["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    alarm = built.get("aws.cloudwatch.alarm", "deep")
    assert alarm.dimensions == {"QueueName": "acme-test-jobs"}
    assert alarm.alarm_actions == ["${aws.sns.topic.pager.arn}"]
    assert [t.id for t in built.get("aws.events.rule", "findings").targets] == ["topic-pager", "queue-jobs"]
    assert built.problems() == []


def test_a_budget_watches_the_forecast_too() -> None:
    """One notification per share, and one for the forecast."""
    sent = build(MESSAGES).get("aws.budgets.budget", "all").notifications
    assert [(n.kind, n.threshold) for n in sent] == [("ACTUAL", 50), ("FORECASTED", 100)]


def test_billing_alarms_are_refused_where_aws_has_no_billing_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """They work in us-east-1 alone; the refusal says what works elsewhere."""
    monkeypatch.setattr("tests.blueprints.built.HEAD", HEAD.replace("us-east-1", "eu-west-1"))
    assert [code for code, _ in refused(MESSAGES)] == ["TW0729"]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("dns: {zones: {inner: {domain: acme.internal, private: true}}}\n", "TW0732"),
        ("audit: {topics: {t: {subscriptions: [{https: file:pyproject.toml}]}}}\n", "TW0727"),
        ("data: {buckets: {b: {}}}\naudit: {alarms: {a: {namespace: N, metric: M, on: data.buckets.b, threshold: 1}}}",
         "TW0733"),
        ("edge: {zone: acme.example, records: [{name: x, type: CNAME, target: edge.zone}]}\n", "TW0736"),
    ],
)  # fmt: skip
def test_what_would_do_nothing_is_refused(spec: str, code: str) -> None:
    """A zone without a network, a secret receiver, unknown dimensions, no address."""
    assert [found for found, _ in refused(spec)] == [code]


def test_guardrails_bind_units_and_the_root() -> None:
    """Units hang below the root or one another."""
    built = build(
        """\
        organization:
          units: {work: {}, production: {parent: work}}
          accounts: {live: {email: live@acme.example, unit: production}}
          guardrails:
            trail:
              description: Keep it
              attach: [root, work]
              statements: [{effect: deny, actions: ["cloudtrail:StopLogging"], resources: ["*"]}]
            ours:
              description: Ours alone
              binds: resources
              attach: [production]
              statements:
                - effect: deny
                  actions: ["s3:*"]
                  resources: ["*"]
                  when: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": [o-a1b2c3d4e5]}}
        """
    )
    root = "${aws.organizations.organization.main.root}"
    assert built.get("aws.organizations.unit", "work").parent == root
    assert built.get("aws.organizations.account", "live").parent == "${aws.organizations.unit.production.id}"
    assert built.get("aws.organizations.scp", "trail").targets == [root, "${aws.organizations.unit.work.id}"]
    ours = built.get("aws.organizations.rcp", "ours")
    assert (ours.targets, ours.policy["Statement"][0]["Principal"]) == (
        ["${aws.organizations.unit.production.id}"],
        "*",
    )
    types = built.get("aws.organizations.organization", "main").policy_types
    assert types == ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"]
    assert built.problems() == []
