"""Customers see, second by second, what a broken zone, host, key or migration does to the shop."""

import json

import pytest
from shop import customers, dark, play, stand_up

from twin.errors import SpecError


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop, built once."""
    return stand_up(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def sell(shop, tmp_path):
    """Play the scenario with changes on a copy of the shop."""
    return lambda *changes: play(shop, tmp_path, *changes)


def fault(kind, at="2m", **with_):
    """Return the patch of one fault for ten minutes."""
    return {"faults": {"broken": {"kind": kind, "with": with_, "at": at, "for": "10m"}}}


def swap(value):
    """Return the step that leads the database's name somewhere."""
    record = {"Name": "db.shop.internal", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
    asked = {"HostedZoneId": "${aws.route53.zone.internal.id}", "ChangeBatch": {"Changes": changes}}
    return {"call": "route53:ChangeResourceRecordSets", "with": asked}


def test_without_a_fault_every_request_is_answered(sell):
    """Demand follows the hour; the edge answers nearly all of the assets."""
    result = sell()
    told = customers(result)
    assert (result.verdict, told["bad"], told["rto"], told["writes_lost"]) == ("PASS", 0, 0.0, 0)
    assert told["requests"] == told["good"] + told["cached"] > 40_000
    assert told["cached"] == pytest.approx(0.2 * 0.95 * told["requests"], rel=0.02)


def test_same_seed_gives_the_same_bytes_and_another_does_not(sell):
    """The trace is drawn from the seed."""
    first, again, other = sell(dark("us-east-1a")), sell(dark("us-east-1a")), sell(dark("us-east-1a"), {"seed": 4})
    assert (first.figures, first.journal) == (again.figures, again.journal)
    assert first.figures != other.figures


@pytest.mark.parametrize("zone", ["us-east-1a", "us-east-1b", "us-east-1c"])
def test_a_lost_zone_costs_no_more_than_three_minutes(sell, zone):
    """Whichever it is: of the balancer's nodes, servers and the database, the others go on."""
    result = sell(dark(zone))
    told = customers(result)
    assert (result.verdict, told["settled_availability"], told["rpo"]) == ("PASS", 1.0, 0.0)
    assert 0 < told["rto"] <= 180
    assert told["bad"] > 0


def test_failover_is_as_long_as_the_clients_see_it(sell):
    """All reads and writes fail while the standby takes over, and some until pools have found it."""
    told = customers(sell(dark("${zone}")))
    assert 60 <= told["longest"] <= 120 + 10
    assert "it is failing over" in told["because"]


def test_a_closed_security_group_stops_what_it_stopped_in_the_describe_replies(sell):
    """The load balancer no longer gets through to its targets; the reason names the rule's place."""
    shut = {
        "let": {"group": "${aws.ec2.security_group.web.id}"},
        "setup": {
            "rules": {
                "call": "ec2:DescribeSecurityGroups",
                "with": {"GroupIds": ["${aws.ec2.security_group.web.id}"]},
                "save": {"ingress": "SecurityGroups[0].IpPermissions"},
            },
            "shut": {
                "call": "ec2:RevokeSecurityGroupIngress",
                "with": {"GroupId": "${group}", "IpPermissions": "${ingress}"},
            },
        },
    }
    told = customers(sell(shut))
    assert told["availability"] < 0.25
    assert "does not get to its target" in told["because"]
    assert "no ingress rule" in told["because"]


def test_a_name_that_leads_elsewhere_is_noticed_at_once(sell):
    """Somebody changes the private zone under running traffic: from then on no server finds its database."""
    told = customers(sell({"begin": "5m", "runbook": {"swap": swap("nowhere.shop.internal")}}))
    assert told["bad_seconds"] == pytest.approx(15 * 60, abs=2)
    assert told["because"] == "the name db.shop.internal leads to no database (100%); it is not over at the end"


def test_a_disabled_key_takes_the_bucket_and_the_secret_with_it(sell):
    """Orders need both; browsing needs neither, until the database misses its key too."""
    off = {
        "begin": "5m",
        "runbook": {"off": {"call": "kms:DisableKey", "with": {"KeyId": "${aws.kms.key.data.id}"}}},
    }
    told = customers(sell(off))
    assert "DisabledException" in told["because"]
    assert told["bad_seconds"] == pytest.approx(15 * 60, abs=20)


def test_visitors_keep_what_dns_answered_for_as_long_as_it_lives(sell):
    """A name that is proxied no more leads straight to a load balancer that admits the edge alone, by and by to all."""
    straight = {
        "begin": "5m",
        "runbook": {
            "find": {
                "call": "cloudflare GET /zones/${at-the-edge}/dns_records",
                "with": {"query": {"name": "shop.example", "type": "CNAME"}},
                "save": {"record": "[0].id"},
            },
            "straight": {
                "call": "cloudflare PATCH /zones/${at-the-edge}/dns_records/${record}",
                "with": {"json": {"proxied": False}},
            },
        },
        "let": {"at-the-edge": "${cloudflare.zone.main.id}"},
    }
    told = customers(sell(straight))
    assert (told["longest"], told["rto"]) == (None, None)  # it is not over when the run is
    assert told["bad_seconds"] == pytest.approx(15 * 60, abs=20)
    # Five minutes in which ever fewer are served, half of them in the middle; ten in which nobody is.
    assert told["bad"] / told["requests"] == pytest.approx((10 + 5 / 2) / 20, abs=0.03)
    assert "no ingress rule" in told["because"]


def rules(phase, *rules):
    """Return the step that puts rules into a phase of the zone."""
    path = f"cloudflare PUT /zones/${{aws-edge}}/rulesets/phases/{phase}/entrypoint"
    return {"call": path.replace("aws-edge", "cloudflare.zone.main.id"), "with": {"json": {"rules": list(rules)}}}


def test_a_firewall_rule_at_the_edge_stops_whom_it_names(sell):
    """From the moment of the change orders are blocked, and nothing else is."""
    shut = {"description": "No orders", "expression": 'http.request.method eq "POST"', "action": "block"}
    told = customers(sell({"begin": "10m", "runbook": {"shut": rules("http_request_firewall_custom", shut)}}))
    assert told["bad"] == 0
    assert told["blocked"] > 0.4 * told["writes"] > 0
    assert told["because"] == "Cloudflare's rule No orders says block (100%); it is not over at the end"


def test_what_the_edge_does_not_keep_it_does_not_answer(sell):
    """A cache rule that bypasses sends every request for an asset to the servers."""
    bypass = {"expression": "true", "action": "set_cache_settings", "action_parameters": {"cache": False}}
    told = customers(sell({"setup": {"bypass": rules("http_request_cache_settings", bypass)}}))
    assert (told["cached"], told["bad"], told["availability"]) == (0, 0, 1.0)


RESTORED = {
    "duration": "70m",
    "faults": {"drop": {"kind": "bad-migration", "with": {"database": "${database}"}, "at": "20m"}},
    "begin": "26m",
    "runbook": {
        "where": {
            "call": "rds:DescribeDBInstances",
            "with": {"DBInstanceIdentifier": "${database}"},
            "save": {"subnets": "DBInstances[0].DBSubnetGroup.DBSubnetGroupName",
                     "groups": "DBInstances[0].VpcSecurityGroups[].VpcSecurityGroupId"},
        },
        "restore": {
            "call": "rds:RestoreDBInstanceToPointInTime",
            "with": {"SourceDBInstanceIdentifier": "${database}", "TargetDBInstanceIdentifier": "restored",
                     "RestoreTime": "2026-01-05T09:18:00Z", "DBSubnetGroupName": "${subnets}",
                     "VpcSecurityGroupIds": "${groups}"},
        },
        "stands": {"call": "rds:DescribeDBInstances", "with": {"DBInstanceIdentifier": "restored"},
                   "until": "DBInstances[0].DBInstanceStatus == 'available'", "every": "30s"},
        "address": {"call": "rds:DescribeDBInstances", "with": {"DBInstanceIdentifier": "restored"},
                    "save": {"address": "DBInstances[0].Endpoint.Address"}},
        "swap": swap("${address}"),
    },
    "expect": {"served": None, "nothing-lost": {"equals": None, "at_most": 300}},
}  # fmt: skip


def test_a_restore_brings_dropped_tables_back_and_what_was_written_after_its_instant_is_gone(sell):
    """Restored to two minutes before the drop, two minutes of acknowledged writes are the loss."""
    result = sell(RESTORED)
    told = customers(result)
    assert result.verdict == "PASS"
    assert "its tables are gone" in told["because"]
    assert told["rpo"] == pytest.approx(120, abs=2)
    assert told["writes_lost"] == pytest.approx(0.1 * 60 * 0.93 * 120, rel=0.1)
    assert 10 * 60 < told["longest"] < 40 * 60


def test_a_restore_to_after_the_drop_has_no_tables(sell):
    """The new instance stands and answers, and is of no use."""
    late = {"runbook": {"restore": {"with": {"RestoreTime": "2026-01-05T09:20:10Z"}}}}
    result = sell(RESTORED, late)
    told = customers(result)
    assert result.verdict == "FAIL"
    assert told["longest"] is None
    assert told["bad_seconds"] == pytest.approx(50 * 60, abs=2)
    assert "the database restored: its tables are gone" in told["because"]


def test_the_edge_fails_for_all_who_come_through_it(sell):
    """The share of the fault is the share of bad tries; what is tried again succeeds, late."""
    result = sell(fault("cloudflare-edge-5xx", share=0.5))
    told = customers(result)
    assert "Cloudflare's edge answers 502" in told["because"]
    assert told["slow"] > told["bad"] > 0
    assert result.figures["fault.broken.shown"] > 0


def test_ways_change_only_when_something_happened(sell):
    """A quiet run looks once; a lost zone makes it look again a handful of times, each told in the journal."""
    quiet = [json.loads(line) for line in sell().journal.splitlines()]
    assert [line for line in quiet if line["event"] == "ways changed"] == []
    lost = [json.loads(line) for line in sell(dark("${zone}")).journal.splitlines()]
    assert 3 <= len([line for line in lost if line["event"] == "ways changed"]) <= 12


def test_unknown_needs_are_refused_with_their_names(sell):
    """A request cannot need what the twin does not know."""
    with pytest.raises(SpecError) as refused:
        sell({"actors": {"customers": {"with": {"requests": {"browse": {"needs": ["printer:hp"]}}}}}})
    assert "is no need" in " ".join(one.message for one in refused.value.diagnostics)
