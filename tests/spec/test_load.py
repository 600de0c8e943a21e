"""A loaded spec is typed, located and named by a digest."""

from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network

import pytest

from spec.specimens import ENVIRON, WHOLE, parse_text
from twin.errors import SpecError
from twin.spec.load import load


def test_values_are_typed():
    """Durations, blocks, sizes and money are not texts any more."""
    org = parse_text(WHOLE).org
    assert org.workforce.sessions.lifetime == timedelta(hours=8)
    assert org.network.cidr == ip_network("10.20.0.0/16")
    assert org.compute.databases["main"].storage.gib == 20
    assert org.billing.alarms["month"].above == Decimal("12.5")
    assert str(org.network.security_groups["admin"].ingress[0].ports) == "8000-8999"
    assert org.customers.mfa == "off"


def test_raw_resources_keep_yaml_1_2_text():
    """A policy version is a text, as AWS wants it."""
    assert parse_text(WHOLE).org.resources["aws.sns.topic"]["extra"]["policy"]["Version"] == "2012-10-17"


def test_environments_differ_as_the_spec_says():
    """The prod environment changes the account and adds a replica; the base stays as it was."""
    dev, prod = parse_text(WHOLE), parse_text(WHOLE, "prod")
    assert (dev.environment, prod.environment) == ("dev", "prod")
    assert dev.environments == ("dev", "staging", "prod")
    assert (dev.org.aws.alias, prod.org.aws.alias) == ("acme-dev", "acme-prod")
    assert prod.org.compute.databases["main"].replicas == 2
    assert prod.org.compute.databases["main"].password is None
    assert prod.org.edge.rate_limits == ()


def test_span_leads_to_the_nearest_place():
    """A named thing is at its key, a value at itself, what is absent at what encloses it."""
    spec = parse_text(WHOLE)
    lines = WHOLE.splitlines()

    def at(*path):
        span = spec.span(path)
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]

    assert at("data", "buckets", "lake") == "lake"
    assert at("network", "cidr") == "10.20.0.0/16"
    assert at("network", "endpoints", 1) == "dynamodb"
    assert at("data", "buckets", "lake", "expire") == "lake"
    assert at("data", "buckets") == "buckets"
    assert spec.span(("nowhere",)).line == 1


def test_digest_names_values_not_layout():
    """Comments and order do not count; a value does."""
    same = "# comment\n" + WHOLE.replace("  azs: 3\n", "").replace("network:\n", "network:\n  azs: 3\n", 1)
    assert parse_text(same).digest == parse_text(WHOLE).digest
    assert parse_text(WHOLE.replace("azs: 3", "azs: 2")).digest != parse_text(WHOLE).digest
    assert len(parse_text(WHOLE).digest) == 64


def test_load_reads_the_file(tmp_path):
    """The path of the spec is in its spans; a missing file is a SpecError."""
    path = tmp_path / "org.yaml"
    path.write_text(WHOLE)
    assert load(path, environ=ENVIRON).span(("org",)).file == str(path)
    with pytest.raises(SpecError):
        load(tmp_path / "missing.yaml", environ=ENVIRON)


def test_loaded_org_is_frozen():
    """Nothing downstream can change what the user meant."""
    org = parse_text(WHOLE).org
    with pytest.raises(ValueError, match="frozen"):
        org.network.azs = 1
