"""SQS: the name of a deleted queue is kept for a minute, in its own account and Region."""

import pytest

ACCOUNT, OTHER = "123456789012", "210987654321"


def test_a_name_can_be_taken_again_after_a_minute(clients, clock):
    """Before that nobody of the account can; other names, Regions and accounts are not concerned."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    clock.advance(59)
    with pytest.raises(sqs.exceptions.QueueDeletedRecently) as caught:
        sqs.create_queue(QueueName="jobs")
    told = caught.value.response
    assert told["Error"]["Code"] == "AWS.SimpleQueueService.QueueDeletedRecently"
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
    sqs.create_queue(QueueName="other")
    clients("sqs", region="us-west-2").create_queue(QueueName="jobs")
    clients("sqs", account=OTHER).create_queue(QueueName="jobs")
    clock.advance(1)
    assert sqs.create_queue(QueueName="jobs")["QueueUrl"] == url
