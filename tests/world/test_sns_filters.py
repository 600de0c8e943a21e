"""Filter policies of SNS: each documented operator lets in what it names and keeps out the rest; others are refused."""

import json

import pytest
from botocore.exceptions import ClientError
from test_sns_delivery import TOPIC, make_queue, policy

TEXT = {
    "exact": (["rugby", "golf"], ["rugby", ["tennis", "golf"]], ["Rugby", ["tennis"], 7]),
    "prefix": ([{"prefix": "bas"}], ["baseball", ["golf", "basket"]], ["rugby"]),
    "suffix": ([{"suffix": "ball"}], ["baseball"], ["ballet"]),
    "any-case": ([{"equals-ignore-case": "TenNis"}], ["TENNIS", "tennis"], ["tennis!"]),
    "wildcard": ([{"wildcard": "b*l*"}], ["baseball", "bl"], ["abl"]),
    "network": ([{"cidr": "10.0.0.0/24"}], ["10.0.0.255"], ["10.1.0.0", "ten"]),
    "network-v6": ([{"cidr": "2001:db8::/32"}], ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]),
    "but": ([{"anything-but": ["rugby", "golf"]}], ["tennis", ["tennis"]], ["rugby", ["tennis", "golf"]]),
    "but-one": ([{"anything-but": "rugby"}], ["tennis"], ["rugby"]),
    "but-prefix": ([{"anything-but": {"prefix": "order-"}}], ["visit-1"], ["order-1", ["visit-1", "order-2"]]),
    "but-suffix": ([{"anything-but": {"suffix": "ball"}}], ["rugby"], ["baseball"]),
    "but-wildcard": ([{"anything-but": {"wildcard": "*ball*"}}], ["rugby"], ["ballet"]),
    "but-number": ([{"anything-but": [100, 500]}], [101, "100"], [100, 500.0]),
    "number": ([3.015, 7], [3.015, 7.0], [3.014, "7"]),
    "numeric": ([{"numeric": ["=", 301.5]}], [301.5], [302]),
    "range": ([{"numeric": [">", 0, "<=", 150]}], [0.5, 150], [0, 150.5, "50"]),
    "negative": ([{"numeric": ["<", 0]}], [-1], [0]),
    "there": ([{"exists": True}], ["x", 0], [None]),
    "absent": ([{"exists": False}], [None], ["x"]),
    "either": (["rugby", {"prefix": "bas"}, {"numeric": [">", 9]}], ["rugby", "base", 10], ["golf", 9]),
}
BODY = {
    "nested": (
        {"a": {"b": ["x"]}},
        [{"a": {"b": "x"}}, {"a": [{"b": "y"}, {"b": "x"}]}],
        [{"a": {"b": "y"}}, {"b": "x"}],
    ),
    "two-keys": ({"a": ["x"], "b": [1]}, [{"a": "x", "b": 1}], [{"a": "x"}, {"a": "x", "b": 2}]),
    "or": (
        {"s": ["m"], "$or": [{"a": ["x"]}, {"b": [{"cidr": "10.0.0.0/8"}]}]},
        [{"s": "m", "a": "x"}, {"s": "m", "b": "10.9.8.7"}],
        [{"s": "m"}, {"a": "x"}, {"s": "m", "a": "y", "b": "11.0.0.0"}],
    ),
    "bare-words": ({"a": [True, None]}, [{"a": True}, {"a": None}], [{"a": 1}, {"a": "true"}, {}]),
    "no-object": ({"a": [{"exists": False}]}, [{"b": 1}], ["text", ["a"]]),
}  # fmt: skip
WRONG = [
    ({"a": [{"near": 1}]}, "FilterPolicy: Unrecognized match type near"),
    ({"a": [{"cidr": "10.0.0.0"}]}, "FilterPolicy: Malformed CIDR, one '/' required"),
    ({"a": [{"cidr": "10.0.0.0/x"}]}, "FilterPolicy: Malformed CIDR, mask bits must be an integer"),
    ({"a": [{"cidr": "10.0.0.1/8"}]}, "FilterPolicy: Nonstandard IP address: 10.0.0.1"),
    ({"a": [{"prefix": 1}]}, "FilterPolicy: prefix match pattern must be a string"),
    ({"a": [{"exists": "yes"}]}, "FilterPolicy: exists match pattern must be either true or false."),
    ({"a": [{"numeric": [">", 5, "<", 5]}]}, "FilterPolicy: Bottom must be less than top"),
    ({"a": [{"numeric": ["<", "5"]}]}, "FilterPolicy: Value of < must be numeric"),
    ({"a": [{"numeric": ["<", 5, ">", 1]}]}, "FilterPolicy: Too many elements in numeric expression"),
    ({"a": [{"anything-but": {"numeric": ["<", 5]}}]}, "FilterPolicy: Unsupported anything-but pattern: numeric"),
    ({"a": "x"}, 'FilterPolicy: "a" must be an object or an array'),
    ({"a": []}, "FilterPolicy: Empty arrays are not allowed"),
    ({"a": {"b": ["x"]}}, "Filter policy scope MessageAttributes does not support nested filter policy"),
    ({key: ["x"] for key in "abcdef"}, "FilterPolicy: Filter policy can not have more than 5 keys"),
    ({"a": ["x"] * 13, "b": ["x"] * 12}, "FilterPolicy: Filter policy is too complex"),
]


@pytest.fixture
def filtered(clients):
    """A function that filters by a policy and returns which of some messages arrive."""
    sns = clients("sns")
    sns.create_topic(Name="t")
    queue, read = make_queue(clients, "q", Policy=policy())
    arn = sns.subscribe(
        TopicArn=TOPIC, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
    )["SubscriptionArn"]  # fmt: skip

    def arrive(filter_policy, scope, messages):
        for name, value in (("FilterPolicy", ""), ("FilterPolicyScope", scope), ("FilterPolicy", filter_policy)):
            text = value if isinstance(value, str) else json.dumps(value)
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=text)
        for message, attributes in messages:
            sns.publish(TopicArn=TOPIC, Message=json.dumps(message), MessageAttributes=attributes)
        return [json.loads(text) for text in read()]

    return arrive


def as_attribute(value):
    """Return an attribute with a value, beside another one that is always there."""
    kind = {str: "String", list: "String.Array"}.get(type(value), "Number")
    text = json.dumps(value) if isinstance(value, list) else str(value)
    told = {} if value is None else {"sport": {"DataType": kind, "StringValue": text}}
    return {"other": {"DataType": "String", "StringValue": "x"}, **told}


@pytest.mark.parametrize("name", TEXT)
def test_operator_lets_in_what_it_names_and_nothing_else(filtered, name):
    """By the attributes, and by the same property of the body."""
    rules, good, bad = TEXT[name]
    given = [(value, as_attribute(value)) for value in (*good, *bad)]
    assert filtered({"sport": rules}, "MessageAttributes", given) == good
    told = [({"sport": value} if value is not None else {"other": 1}, {}) for value in (*good, *bad)]
    assert filtered({"sport": rules}, "MessageBody", told) == [body for body, _ in told[: len(good)]]


@pytest.mark.parametrize("name", BODY)
def test_bodies_are_judged_as_the_objects_that_they_are(filtered, name):
    """Nested keys, all keys together, one of several, words without quotation marks; other bodies meet nothing."""
    rules, good, bad = BODY[name]
    assert filtered(rules, "MessageBody", [(body, {}) for body in (*good, *bad)]) == good


def test_message_without_any_attribute_is_kept_back(filtered):
    """Also by a policy that wants an attribute to be absent."""
    assert filtered(
        {"sport": [{"exists": False}]}, "MessageAttributes", [("bare", {}), ("more", as_attribute(None))]
    ) == ["more"]


def test_policy_that_sns_cannot_judge_by_is_refused_before_anything_is_made(clients):
    """In SNS's own words, which tell whether it came with a new subscription."""
    sns = clients("sns")
    sns.create_topic(Name="t")
    there = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:q"}
    for wrong, why in WRONG:
        with pytest.raises(ClientError) as caught:
            sns.subscribe(**there, Attributes={"FilterPolicy": json.dumps(wrong)})
        assert caught.value.response["Error"]["Code"] == "InvalidParameter"
        assert caught.value.response["Error"]["Message"] == f"Invalid parameter: Attributes Reason: {why}"
    assert sns.list_subscriptions()["Subscriptions"] == []
    arn = sns.subscribe(**there, Attributes={"FilterPolicyScope": "MessageBody"})["SubscriptionArn"]
    for name, value, why in (
        ("FilterPolicy", '{"a": {"b": [{"near": 1}]}}', "FilterPolicy: Unrecognized match type near"),
        (
            "FilterPolicyScope",
            "Body",
            "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes",
        ),
    ):
        with pytest.raises(ClientError, match="InvalidParameter") as caught:
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
        assert caught.value.response["Error"]["Message"] == f"Invalid parameter: {why}"
