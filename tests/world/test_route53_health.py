"""Route 53: health checks that observe, and answers that follow them."""

import json
from collections import Counter
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pytest
from mounted import NOW
from refused import refusal

from twin.world.behaviors.route53_answers import answer
from twin.world.behaviors.route53_endpoints import endpoint_down, endpoint_up
from twin.world.signals.dns_choice import choose


@pytest.fixture
def route53(clients):
    """A client of Route 53."""
    return clients("route53")


def make_check(route53, **more):
    """Make a health check of somebody else's website, and return its id."""
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "www.other.example", "ResourcePath": "/"} | more
    if config["Type"] in ("CALCULATED", "CLOUDWATCH_METRIC"):
        config = {k: v for k, v in config.items() if k not in ("FullyQualifiedDomainName", "ResourcePath")}
    reference = json.dumps(config, sort_keys=True)
    return route53.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]["Id"]


def reports(route53, check):
    """Return how many checkers report what."""
    found = route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    return Counter(one["StatusReport"]["Status"].partition(":")[0] for one in found)


def changes(world):
    """Return the changes of health checks: seconds since the start, and whether healthy."""
    return [
        ((happening.time - NOW).total_seconds(), happening.facts["healthy"])
        for happening in world.scene.happenings
        if happening.kind == "route53.health_check.changed"
    ]


def test_check_fails_after_its_threshold_and_recovers_sooner(world, clock, route53):
    """Three failures thirty seconds apart by 82 % of the checkers; 18 % that see it alive three times are enough."""
    check = make_check(route53)
    assert reports(route53, check) == {}
    clock.advance(31)
    assert reports(route53, check) == {"Success": 16}
    endpoint_down(world.scene, "www.other.example")
    assert reports(route53, check) == {"Success": 16}
    clock.advance(31)
    assert reports(route53, check) == {"Failure": 16}
    assert changes(world) == []
    clock.advance(100)
    world.settle()
    ((seconds, healthy),) = changes(world)
    assert not healthy
    assert 31 + 60 + 0.5 * 30 < seconds <= 31 + 96
    clock.advance(300 - 162)
    endpoint_up(world.scene, "www.other.example")
    clock.advance(120)
    world.settle()
    seconds, healthy = changes(world)[1]
    assert healthy
    assert 360 <= seconds < 360 + 0.5 * 30
    assert world.agenda.entries() == []


def test_short_outage_is_not_noticed(world, clock, route53):
    """Down for less than the threshold, the endpoint stays healthy."""
    make_check(route53)
    endpoint_down(world.scene, "www.other.example")
    clock.advance(50)
    endpoint_up(world.scene, "www.other.example")
    clock.advance(600)
    world.settle()
    assert changes(world) == []


def test_interval_and_threshold_set_the_pace(world, clock, route53):
    """Every ten seconds and one failure is faster than thirty and three."""
    make_check(route53, RequestInterval=10, FailureThreshold=1)
    endpoint_down(world.scene, "www.other.example")
    clock.advance(600)
    world.settle()
    assert changes(world)[0][0] <= 16


def test_inverted_and_disabled_checks_say_what_they_shall(world, clock, route53, clients):
    """An inverted check is unhealthy while the endpoint is well; a disabled one is healthy whatever happens."""
    inverted = make_check(route53, Inverted=True)
    disabled = make_check(route53, Disabled=True)
    endpoint_down(world.scene, "www.other.example")
    clock.advance(200)
    world.settle()
    facts = [h.facts for h in world.scene.happenings if h.kind == "route53.health_check.changed"]
    assert [(f["health_check"], f["healthy"]) for f in facts] == [(inverted, True)]
    assert disabled != inverted


def test_calculated_check_counts_its_children(world, clock, route53):
    """With two children of which one must be healthy it falls with the second."""
    children = [make_check(route53, FullyQualifiedDomainName=f"{name}.other.example") for name in "ab"]
    parent = make_check(route53, Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=children)
    failed = []
    for name in "ab":
        endpoint_down(world.scene, f"{name}.other.example")
        clock.advance(200)
        world.settle()
        facts = [h.facts for h in world.scene.happenings if h.kind == "route53.health_check.changed"]
        failed.append(parent in [f["health_check"] for f in facts])
    assert failed == [False, True]
    assert refusal(route53.get_health_check_status, HealthCheckId=parent) == ("InvalidInput", 400)


def put_alarm(clients, name="a", **more):
    """Make an alarm."""
    told = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    told |= {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"} | more
    clients("cloudwatch").put_metric_alarm(AlarmName=name, **told)


@pytest.mark.parametrize(("insufficient", "healthy"), [("Unhealthy", False), ("Healthy", True)])
def test_check_follows_an_alarm(world, route53, clients, insufficient, healthy):
    """OK is healthy, ALARM is not, and without data it is as told."""
    put_alarm(clients)
    alarm = {"Region": "us-east-1", "Name": "a"}
    check = make_check(
        route53, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, InsufficientDataHealthStatus=insufficient
    )
    config = route53.get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
    assert config["AlarmIdentifier"] == alarm
    seen = [False for _, now in changes(world) if not now]
    assert seen == ([] if healthy else [False])
    for state in ("OK", "ALARM"):
        clients("cloudwatch").set_alarm_state(AlarmName="a", StateValue=state, StateReason="drill")
    assert changes(world)[-1][1] is False


def test_status_is_a_metric_on_which_an_alarm_rings(world, clock, route53, clients):
    """The metric stands at 1 without anything running, falls to 0 with the endpoint, and the alarm rings."""
    check = make_check(route53)
    dimensions = [{"Name": "HealthCheckId", "Value": check}]
    put_alarm(
        clients,
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=dimensions,
        Statistic="Minimum",
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )

    def state():
        return clients("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateValue"]

    clock.advance(75)
    assert state() == "OK"
    clock.advance(86400)
    world.settle()
    assert world.agenda.entries() == []
    endpoint_down(world.scene, "www.other.example")
    clock.advance(240)
    assert state() == "ALARM"


def make_balancer(clients):
    """Make a load balancer over two instances in two zones; return its DNS name and its hosted zone."""
    ec2, elbv2 = clients("ec2"), clients("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    wanted = [{"Name": "vpc-id", "Values": [vpc]}]
    (closed,) = ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]
    ec2.authorize_security_group_ingress(
        GroupId=closed["GroupId"], IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instances = [
        ec2.run_instances(ImageId=image, SubnetId=subnet, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        for subnet in subnets
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    balancer = elbv2.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    group = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn = group["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": one} for one in instances])
    return balancer["DNSName"], balancer["CanonicalHostedZoneId"]


def make_zone(route53, *records):
    """Make the zone shop.example with records of www."""
    zone = route53.create_hosted_zone(Name="shop.example", CallerReference="z")["HostedZone"]["Id"]
    changes = [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": "www.shop.example", "Type": "A"} | record}
        for record in records
    ]
    if changes:
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone


def plain(value, **more):
    """Return the fields of a record with a value."""
    return {"TTL": 60, "ResourceRecords": [{"Value": value}], **more}


def test_failover_record_moves_to_the_secondary_when_both_zones_are_lost(world, clock, route53, clients):
    """One zone lost is survived; with both the name answers the secondary, and with one back the primary again."""
    name, zone_id = make_balancer(clients)
    alias = {"HostedZoneId": zone_id, "DNSName": name, "EvaluateTargetHealth": True}
    zone = make_zone(
        route53,
        {"AliasTarget": alias, "SetIdentifier": "p", "Failover": "PRIMARY"},
        plain("192.0.2.9", SetIdentifier="s", Failover="SECONDARY"),
    )

    def data():
        return route53.test_dns_answer(HostedZoneId=zone, RecordName="www.shop.example", RecordType="A")["RecordData"]

    clock.advance(300)
    assert len(data()) == 2
    world.scene.break_("zone", "us-east-1a")
    clock.advance(300)
    world.settle()
    assert answer(world.scene, zone, "www.shop.example", "A").values == (name,)
    world.scene.break_("zone", "us-east-1b")
    assert data() == ["192.0.2.9"]
    world.scene.mend("zone", "us-east-1b")
    clock.advance(1800)
    world.settle()
    assert answer(world.scene, zone, "www.shop.example", "A").identifier == "p"


def test_check_of_a_name_follows_the_zone_to_the_load_balancer(world, clock, route53, clients):
    """It resolves the name in the zone; targets that stop make it fail, and so does a name that is not there."""
    name, _ = make_balancer(clients)
    record = {"Name": "web.shop.example", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": name}]}
    make_zone(route53, record)
    web = make_check(route53, FullyQualifiedDomainName="web.shop.example")
    gone = make_check(route53, FullyQualifiedDomainName="gone.shop.example")
    clock.advance(600)
    assert (reports(route53, web), reports(route53, gone)) == ({"Success": 16}, {"Failure": 16})
    ec2 = clients("ec2")
    found = ec2.describe_instances()["Reservations"]
    ec2.stop_instances(InstanceIds=[one["InstanceId"] for group in found for one in group["Instances"]])
    clock.advance(600)
    assert reports(route53, web) == {"Failure": 16}


def test_failover_by_health_check(world, clock, route53):
    """The primary's check fails, the secondary answers; when both fail the primary does."""
    checks = [make_check(route53, FullyQualifiedDomainName=f"{name}.other.example") for name in "ab"]
    zone = make_zone(
        route53,
        plain("192.0.2.1", SetIdentifier="p", Failover="PRIMARY", HealthCheckId=checks[0]),
        plain("192.0.2.2", SetIdentifier="s", Failover="SECONDARY", HealthCheckId=checks[1]),
    )
    given = []
    for name in ("", "a", "b"):
        endpoint_down(world.scene, f"{name}.other.example")
        clock.advance(200)
        world.settle()
        given += answer(world.scene, zone, "www.shop.example", "A").values
    assert given == ["192.0.2.1", "192.0.2.2", "192.0.2.1"]


def record(identifier, **more):
    """Return a record as the choice sees it."""
    told = {"failover": None, "weight": None, "region": None, "geo_location": None, "multi_value_answer": None}
    return SimpleNamespace(**(told | more), set_identifier=identifier)


def chosen(records, sick=(), region="eu-west-1", seed=1):
    """Return the identifiers of the records that answer."""
    found = choose(
        records, healthy=lambda one: one.set_identifier not in sick, resolver_region=region, chance=Random(seed)
    )
    return [one.set_identifier for one in found]


def test_latency_prefers_the_nearest_healthy_region():
    """Ireland is nearer to Ireland; when it is sick, Frankfurt is nearer than Virginia."""
    records = [record("i", region="eu-west-1"), record("f", region="eu-central-1"), record("v", region="us-east-1")]
    assert chosen(records) == ["i"]
    assert chosen(records, sick="i") == ["f"]
    assert chosen(records, region="us-east-2") == ["v"]
    assert chosen(records, sick="ifv") == ["i"]


def test_weights_are_shares_and_zero_waits_for_the_others_to_fail():
    """About three of four go to the heavier; weight 0 answers only when all others are sick."""
    records = [record("a", weight=3), record("b", weight=1), record("z", weight=0)]
    shares = Counter(chosen(records, seed=seed)[0] for seed in range(400))
    assert 260 < shares["a"] < 340
    assert shares["z"] == 0
    assert chosen(records, sick="ab") == ["z"]
    assert chosen(records, sick="abz") != ["z"]


def test_multivalue_answers_with_up_to_eight_healthy_records():
    """Ten of which one is sick are eight of nine; all sick are as if none was."""
    records = [record(str(number), multi_value_answer=True) for number in range(10)]
    found = chosen(records, sick="3")
    assert len(found) == 8
    assert "3" not in found
    assert len(chosen(records, sick="0123456789")) == 8
    assert chosen(records[:2], sick="0") == ["1"]


def test_place_prefers_country_then_continent_then_the_default():
    """A sick country falls back to its continent; without a default a stranger gets nothing."""
    geo = [("ie", {"CountryCode": "IE"}), ("eu", {"ContinentCode": "EU"}), ("any", {"CountryCode": "*"})]
    records = [record(name, geo_location=place) for name, place in geo]
    assert chosen(records) == ["ie"]
    assert chosen(records, sick=["ie"]) == ["eu"]
    assert chosen(records, region="us-east-1") == ["any"]
    assert chosen(records[:2], region="us-east-1") == []


def test_unknown_name_and_wildcard(world, route53):
    """A name that is not there is NXDOMAIN, unless a wildcard answers for it."""
    wildcard = plain("192.0.2.7") | {"Name": "*.apps.shop.example"}
    zone = make_zone(route53, plain("192.0.2.1"), wildcard)
    assert answer(world.scene, zone, "gone.shop.example", "A").code == "NXDOMAIN"
    assert answer(world.scene, zone, "www.shop.example", "MX") == ("NOERROR", "MX", (), None, False)
    assert answer(world.scene, zone, "x.apps.shop.example", "A").values == ("192.0.2.7",)


def test_month_of_health_costs_nothing(world, clock, route53):
    """While the endpoint is well nothing is on the agenda."""
    make_check(route53)
    clock.advance(timedelta(days=30).total_seconds())
    world.settle()
    assert world.agenda.entries() == []
