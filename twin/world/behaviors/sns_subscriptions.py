"""Subscriptions wait for who owns the endpoint: a token is sent there, and who brings it back confirms."""

from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.sns_delivery import confirmation_sent
from twin.world.scene import Scene
from twin.world.stores.additions.sns import is_pending
from twin.world.stores.moto_store import backends

TOKENS = "sns.tokens"
WAITING = "PendingConfirmation"


@follows("sns", "Subscribe")
def subscribed(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Send the token, and tell no ARN before the confirmation unless it is asked for."""
    told = done.parameters
    state = scene.state("sns", done.call.account, done.call.region)
    kept = state._find_subscription(told["TopicArn"], told.get("Endpoint"), told["Protocol"])
    if kept is None or not is_pending(kept):
        return None
    place = {"account": done.call.account, "region": done.call.region, "arn": kept.arn}
    tokens = scene.memory.setdefault(TOKENS, {})
    if kept.arn not in tokens:
        tokens[kept.arn] = scene.ids("sns").hex(64)
        scene.after(scene.delay("sns_delivery.unconfirmed"), "sns.unconfirmed", **place)
    confirmation_sent(scene, kept, tokens[kept.arn])
    return None if told.get("ReturnSubscriptionArn") else {"SubscriptionArn": "pending confirmation"}


def pending_token(scene: Scene, subscription_arn: str) -> str | None:
    """Return the token that was sent to an endpoint, for an actor who reads it there; None when none is waited for."""
    found: str | None = scene.memory.get(TOKENS, {}).get(subscription_arn)
    return found


@answers("sns", "ConfirmSubscription")
def confirm(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Confirm the subscription whose token is brought."""
    told = asked.parameters
    topic_arn = told["TopicArn"]
    if topic_arn.count(":") != 5:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    region, owner = topic_arn.split(":")[3:5]
    held = backends("sns")[owner][region]
    if topic_arn not in held.topics:
        raise AwsError("NotFound", "Topic does not exist", 404)
    tokens = scene.memory.get(TOKENS, {})
    arn = next((arn for arn, token in tokens.items() if token == told["Token"] and arn.startswith(topic_arn)), None)
    subscription = next((one for one in _all(owner, region) if one.arn == arn), None)
    if subscription is None:
        raise AwsError("InvalidParameter", "Invalid parameter: Token")
    del tokens[arn]
    authenticated = str(told.get("AuthenticateOnUnsubscribe", "false")).lower()
    subscription.attributes |= {"PendingConfirmation": "false", "ConfirmationWasAuthenticated": authenticated}
    subscription.topic.subscriptions_pending -= 1
    subscription.topic.subscriptions_confimed += 1
    scene.emit("sns.subscription.confirmed", account=owner, region=region, topic=topic_arn, subscription=arn)
    return {"SubscriptionArn": arn}


def _all(owner: str, region: str) -> list[Any]:
    """Return every account's subscriptions to a Region's topics, those of the topic's own account first."""
    held = backends("sns")
    accounts = [owner, *(account for account in held if account != owner)]
    return [one for account in accounts for one in held[account][region].subscriptions.values()]


@happens("sns.unconfirmed")
def give_up(scene: Scene, *, account: str, region: str, arn: str) -> None:
    """Drop a subscription that nobody confirmed."""
    subscriptions = scene.state("sns", account, region).subscriptions
    scene.memory[TOKENS].pop(arn, None)
    if arn in subscriptions and is_pending(subscriptions[arn]):
        subscriptions[arn].topic.subscriptions_pending -= 1
        del subscriptions[arn]


@follows("sns", "ListSubscriptions", "ListSubscriptionsByTopic")
def hide_pending(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell no ARN of what waits for its confirmation."""
    kept = scene.state("sns", done.call.account, done.call.region).subscriptions
    if not any(is_pending(one) for one in kept.values()):
        return None
    listed = [
        {**item, "SubscriptionArn": WAITING} if is_pending(kept[item["SubscriptionArn"]]) else item
        for item in done.result["Subscriptions"]
    ]
    return done.result | {"Subscriptions": listed}


@follows("sns", "SetTopicAttributes")
def signature_version(done: Done, scene: Scene) -> None:
    """Keep which signature a topic's messages have."""
    told = done.parameters
    if told["AttributeName"] == "SignatureVersion":
        region, owner = told["TopicArn"].split(":")[3:5]
        scene.state("sns", owner, region).topics[told["TopicArn"]].twin_signature = told["AttributeValue"]
