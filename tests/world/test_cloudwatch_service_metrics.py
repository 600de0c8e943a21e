"""Services' own metrics: hosts of target groups, status checks of instances, depth of queues; alarms ring on them."""

from datetime import timedelta

import pytest
from mounted import NOW
from test_route53_health import make_balancer

from twin.world.behaviors.cloudwatch_metrics import Series, hold_metric

TOLD = {"Period": 60, "EvaluationPeriods": 1}


def put_alarm(clients, name, **more):
    """Make an alarm on a service's metric."""
    told = TOLD | {"ComparisonOperator": "GreaterThanThreshold", "Statistic": "Maximum", "Threshold": 0} | more
    clients("cloudwatch").put_metric_alarm(AlarmName=name, **told)


def state(clients, name="a"):
    """Return the state of an alarm."""
    return clients("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def test_lost_zone_makes_hosts_unhealthy_and_the_alarm_ring(clients, clock, world):
    """One of two hosts is lost with its zone; when the zone is back the alarm falls silent."""
    make_balancer(clients)
    elbv2 = clients("elbv2")
    group = elbv2.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    dimensions = [
        {"Name": "TargetGroup", "Value": group.rpartition(":")[2]},
        {"Name": "LoadBalancer", "Value": balancer.partition("loadbalancer/")[2]},
    ]
    put_alarm(clients, "a", Namespace="AWS/ApplicationELB", MetricName="UnHealthyHostCount", Dimensions=dimensions)
    clock.advance(600)
    assert state(clients) == "OK"
    world.scene.break_("zone", "us-east-1a")
    clock.advance(600)
    assert state(clients) == "ALARM"
    world.scene.mend("zone", "us-east-1a")
    clock.advance(1800)
    assert state(clients) == "OK"


def test_lost_host_fails_its_status_check(clients, clock, world):
    """The system check fails, the instance's own does not."""
    ec2 = clients("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    dimensions = [{"Name": "InstanceId", "Value": instance}]
    for name, metric in (("system", "StatusCheckFailed_System"), ("own", "StatusCheckFailed_Instance")):
        put_alarm(clients, name, Namespace="AWS/EC2", MetricName=metric, Dimensions=dimensions)
    clock.advance(300)
    world.scene.break_("host", instance)
    clock.advance(300)
    assert (state(clients, "system"), state(clients, "own")) == ("ALARM", "OK")


@pytest.mark.parametrize(("wait", "expected"), [(10, "OK"), (120, "ALARM")])
def test_message_counts_again_when_it_comes_back_into_sight(clients, clock, world, wait, expected):
    """Received it is out of sight for its time; not deleted, it is back in the queue and in the metric."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    dimensions = [{"Name": "QueueName", "Value": "q"}]
    put_alarm(clients, "a", Namespace="AWS/SQS", MetricName="ApproximateNumberOfMessagesVisible", Dimensions=dimensions)
    sqs.send_message(QueueUrl=url, MessageBody="m")
    clock.advance(75)
    assert state(clients) == "ALARM"
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=180)
    clock.advance(150)
    assert state(clients) == "OK"
    clock.advance(wait)
    assert state(clients) == expected


def test_deleted_message_is_gone_from_the_metric(clients, clock, world):
    """The alarm falls silent, and nothing is left on the agenda."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    dimensions = [{"Name": "QueueName", "Value": "q"}]
    put_alarm(clients, "a", Namespace="AWS/SQS", MetricName="ApproximateNumberOfMessagesVisible", Dimensions=dimensions)
    sqs.send_message(QueueUrl=url, MessageBody="m")
    clock.advance(75)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    clock.advance(150)
    assert state(clients) == "OK"
    clock.advance(86400)
    world.settle()
    assert world.agenda.entries() == []


def test_level_has_a_sample_a_minute_from_its_beginning(world, clock, clients):
    """Before it there are none, then one a minute; the next value takes over where it begins."""
    series = Series("123456789012", "us-east-1", "AWS/X", "M", ())
    hold_metric(world.scene, series, 1.0)
    clock.advance(300)
    hold_metric(world.scene, series, 5.0)
    clock.advance(120)

    def found(start, end):
        reply = clients("cloudwatch").get_metric_statistics(
            Namespace="AWS/X",
            MetricName="M",
            StartTime=NOW + timedelta(seconds=start),
            EndTime=NOW + timedelta(seconds=end),
            Period=600,
            Statistics=["SampleCount", "Sum"],
        )
        return [(point["SampleCount"], point["Sum"]) for point in reply["Datapoints"]]

    assert found(-1200, -600) == []
    assert found(0, 600) == [(8, 5 + 3 * 5)]
    assert found(0, 300) == [(5, 5)]
