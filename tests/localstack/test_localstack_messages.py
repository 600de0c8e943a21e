"""What queues, topics and event rules do, on the embedded store and on LocalStack: the same, but for what one lacks."""

import json

import pytest
from refused import refusal

ACCOUNT = "123456789012"


def received(sqs, url, wait=2):
    """Return the bodies of the messages that are in a queue, in their order."""
    return [m["Body"] for m in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait).get("Messages", [])]


def made_queue(clients, name="orders", **attributes):
    """Make a queue; return its client, URL and ARN."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return sqs, url, f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def test_queue_has_the_address_that_aws_gives_it(either):
    """Neither store shows a host or a port of its own, in no operation that names queues."""
    sqs, url, arn = made_queue(either)
    assert url == f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/orders"
    assert sqs.get_queue_url(QueueName="orders")["QueueUrl"] == url
    assert sqs.list_queues()["QueueUrls"] == [url]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"] == {"QueueArn": arn}


def test_message_that_nobody_deletes_ends_in_the_dead_letter_queue(either):
    """Received once too often it moves; received as often as allowed it comes back."""
    _, lost_url, lost = made_queue(either, "lost")
    policy = json.dumps({"deadLetterTargetArn": lost, "maxReceiveCount": 2})
    sqs, url, _ = made_queue(either, VisibilityTimeout="0", RedrivePolicy=policy)
    assert sqs.list_dead_letter_source_queues(QueueUrl=lost_url)["queueUrls"] == [url]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert [received(sqs, url, 0), received(sqs, url, 0)] == [["poison"], ["poison"]]
    assert received(sqs, url, 0) == []
    assert received(sqs, lost_url) == ["poison"]


def test_topic_delivers_to_the_queues_that_want_a_message(either):
    """A filter policy lets one message through and keeps the other back."""
    sns = either("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    may = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders",
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    sqs, url, arn = made_queue(either, Policy=json.dumps({"Version": "2012-10-17", "Statement": [may]}))
    wants = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"kind": ["urgent"]})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=wants)
    for kind in ("dull", "urgent"):
        told = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=f"{kind} news", MessageAttributes=told)
    assert received(sqs, url) == ["urgent news"]
    assert received(sqs, url, 0) == []


def test_fifo_queue_takes_a_message_once(either):
    """The second of two with one deduplication id is dropped; the order of a group stays."""
    sqs = either("sqs")
    url = sqs.create_queue(QueueName="steps.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for body, id_ in (("one", "1"), ("one again", "1"), ("two", "2")):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=id_)
    reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    assert [m["Body"] for m in reply["Messages"]] == ["one", "two"]


def test_bucket_tells_its_queue_of_new_objects(either):
    """S3 is embedded in both worlds: its notification reaches a queue wherever that is; another prefix does not."""
    let = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    sqs, url, arn = made_queue(either, Policy=json.dumps({"Version": "2012-10-17", "Statement": [let]}))
    s3 = either("s3")
    s3.create_bucket(Bucket="inbox")
    rule = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in-"}]}}
    wanted = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": rule}
    s3.put_bucket_notification_configuration(
        Bucket="inbox", NotificationConfiguration={"QueueConfigurations": [wanted]}
    )
    received(sqs, url)  # the test event
    s3.put_object(Bucket="inbox", Key="out-a", Body=b"x")
    s3.put_object(Bucket="inbox", Key="in-b", Body=b"x")
    (body,) = received(sqs, url)
    assert json.loads(body)["Records"][0]["s3"]["object"]["key"] == "in-b"
    assert received(sqs, url, 0) == []


def test_tags_are_found_by_the_tagging_api(either):
    """What one store keeps and what the other keeps come in one list; a filter takes out the rest."""
    made_queue(either)
    either("sqs").tag_queue(QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/orders", Tags={"team": "a"})
    topic = either("sns").create_topic(Name="news", Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
    either("events").put_rule(Name="nightly", ScheduleExpression="rate(1 day)", Tags=[{"Key": "team", "Value": "b"}])
    either("secretsmanager").create_secret(Name="s", SecretString="x", Tags=[{"Key": "team", "Value": "a"}])
    tagging = either("resourcegroupstaggingapi")

    def found(**wanted):
        return sorted(r["ResourceARN"].split(":")[2] for r in tagging.get_resources(**wanted)["ResourceTagMappingList"])

    assert found(TagFilters=[{"Key": "team", "Values": ["a"]}]) == ["secretsmanager", "sns", "sqs"]
    assert found(ResourceTypeFilters=["sns"]) == ["sns"]
    tagging.tag_resources(ResourceARNList=[topic], Tags={"team": "b"})
    assert found(TagFilters=[{"Key": "team", "Values": ["b"]}])[-1] == "sns"
    tagging.untag_resources(ResourceARNList=[topic], TagKeys=["team"])
    assert found(TagFilters=[{"Key": "team", "Values": ["a"]}]) == ["secretsmanager", "sqs"]


def test_trail_takes_a_topic_that_is_there(either):
    """CloudTrail is embedded in both worlds and asks for the topic wherever that is."""
    either("sns").create_topic(Name="trail")
    either("s3").create_bucket(Bucket="trail-logs")
    statements = [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": arn}
        for action, arn in (
            ("s3:GetBucketAcl", "arn:aws:s3:::trail-logs"),
            ("s3:PutObject", "arn:aws:s3:::trail-logs/*"),
        )
    ]
    either("s3").put_bucket_policy(
        Bucket="trail-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    trail = either("cloudtrail")
    assert trail.create_trail(Name="one", S3BucketName="trail-logs", SnsTopicName="trail")["SnsTopicName"] == "trail"
    code, _ = refusal(trail.create_trail, Name="two", S3BucketName="trail-logs", SnsTopicName="gone")
    assert code == "InsufficientSnsTopicPolicyException"


def test_service_of_aws_reaches_a_rule_on_localstack(clients):
    """What an embedded service tells goes to LocalStack's rules; the rule of another source is not called."""
    sqs, url, arn = made_queue(clients)
    events = clients("events")
    for source in ("aws.rds", "aws.ec2"):
        events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
        events.put_targets(Rule=source, Targets=[{"Id": "t", "Arn": arn, "Input": json.dumps(source)}])
    told = {"source": "aws.rds", "detail_type": "RDS DB Instance Event", "resources": [], "detail": {"EventID": "1"}}
    clients.world.scene.emit("aws.event", account=ACCOUNT, region="us-east-1", **told)
    assert received(sqs, url) == ['"aws.rds"']
    assert received(sqs, url, 0) == []


def test_alarm_of_the_twin_publishes_to_a_topic_on_localstack(clients):
    """CloudWatch is embedded and acts on the topic wherever it is, for as long as its policy lets it."""
    sqs, url, arn = made_queue(clients)
    sns, cloudwatch = clients("sns"), clients("cloudwatch")
    topic = sns.create_topic(Name="pager")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    watched = {"Namespace": "App", "MetricName": "errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    judged = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [topic]}
    cloudwatch.put_metric_alarm(AlarmName="broken", **watched, **judged)
    cloudwatch.set_alarm_state(AlarmName="broken", StateValue="ALARM", StateReason="drill")
    (body,) = received(sqs, url)
    assert (json.loads(body)["AlarmName"], json.loads(body)["NewStateValue"]) == ("broken", "ALARM")
    cloudwatch.set_alarm_state(AlarmName="broken", StateValue="OK", StateReason="over")
    denied = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    nobody = {"Version": "2012-10-17", "Statement": [denied]}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(nobody))
    cloudwatch.set_alarm_state(AlarmName="broken", StateValue="ALARM", StateReason="drill")
    assert received(sqs, url, 0) == []


def test_unknown_queue_is_refused_alike(either):
    """With AWS's code and status."""
    assert refusal(either("sqs").get_queue_url, QueueName="none") == ("AWS.SimpleQueueService.NonExistentQueue", 400)


@pytest.mark.parametrize("source", ["shop", "aws.s3"])
def test_event_reaches_topic_and_queue_on_localstack(clients, source):
    """The rule's event arrives, put by a client or by S3; one that the pattern does not match does not."""
    sqs, url, arn = made_queue(clients)
    sns, events, s3 = clients("sns"), clients("events"), clients("s3")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    events.put_rule(
        Name="watch", EventPattern=json.dumps({"source": [source], "detail-type": ["sale", "Object Created"]})
    )
    events.put_targets(Rule="watch", Targets=[{"Id": "t", "Arn": topic}])
    s3.create_bucket(Bucket="inbox")
    s3.put_bucket_notification_configuration(Bucket="inbox", NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket="inbox", Key="k", Body=b"x")
    events.put_events(Entries=[{"Source": "shop", "DetailType": "sale", "Detail": json.dumps({"price": 3})}])
    bodies = [json.loads(body) for body in received(sqs, url)]
    assert [body["source"] for body in bodies] == [source]
    assert received(sqs, url, 0) == []
