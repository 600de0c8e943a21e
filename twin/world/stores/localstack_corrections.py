"""What LocalStack does otherwise than AWS, put right around the call that would show it."""

from collections.abc import Callable

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.localstack_contents import Contents

Correction = Callable[[Call, Contents], None]


def delete_topic(call: Call, contents: Contents) -> None:
    """Remove a topic's subscriptions with it, which LocalStack goes on listing.

    https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
    """
    try:
        contents.unsubscribe_all(str(call.parse().get("TopicArn", "")))
    except AwsError as refused:
        # A topic that is not there, or is no topic: the call itself is answered as LocalStack does.
        if refused.status >= 500:
            raise


CORRECTIONS: dict[tuple[str, str], Correction] = {("sns", "DeleteTopic"): delete_topic}
