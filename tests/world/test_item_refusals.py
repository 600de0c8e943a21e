"""Items, expressions and tables as DynamoDB takes them: each wrong form beside the right one."""

import pytest
from refused import refusal

KEY = {"p": {"S": "a"}, "s": {"N": "1"}}
ITEM = {**KEY, "v": {"N": "1"}}
BY_KEY = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
NEW = "attribute_not_exists(p)"
WRONG = "ValidationException"


def definitions(**kinds):
    """Return attribute definitions by name."""
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()]


def schema(*names):
    """Return a key schema: the hash key, then the range key."""
    return [{"AttributeName": n, "KeyType": k} for n, k in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name, *keys, kind="ALL", **projection):
    """Return a secondary index."""
    return {"IndexName": name, "KeySchema": schema(*keys), "Projection": {"ProjectionType": kind, **projection}}


@pytest.fixture
def tables(clients):
    """A client, and a table with a range key, an index by `g` and one item."""
    client = clients("dynamodb")
    client.create_table(
        TableName="tab", BillingMode="PAY_PER_REQUEST", KeySchema=schema("p", "s"),
        AttributeDefinitions=definitions(p="S", s="N", g="S"), GlobalSecondaryIndexes=[index("by-g", "g")],
    )  # fmt: skip
    client.put_item(TableName="tab", Item=ITEM)
    return client


def test_update_with_a_key_alone_makes_an_item_or_changes_nothing(tables):
    """What it consumed is told to who asks alone."""
    other = {"p": {"S": "b"}, "s": {"N": "1"}}
    told = tables.update_item(TableName="tab", Key=other, ReturnValues="ALL_NEW")
    assert told["Attributes"] == other
    assert "ConsumedCapacity" not in told
    tables.update_item(TableName="tab", Key=KEY)
    assert tables.get_item(TableName="tab", Key=KEY)["Item"] == ITEM
    assert tables.update_item(TableName="tab", Key=KEY, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]


def test_items_and_expressions_are_held(tables):
    """Keys, numbers, sets, indexes, placeholders, syntax, queries, pages and batches; the item stays as it was."""
    nested = {"S": "x"}
    unused = {"ExpressionAttributeNames": {"#n": "n"}}
    wrong = [
        ("put_item", {"Item": {"p": {"S": "a"}}}),
        *(("put_item", {"Item": {**KEY, "z": each}}) for each in (
            {"N": "1" * 39}, {"N": "x"}, {"N": "1E126"}, {"SS": ["a", "a"]}, {"NS": ["1", "1.0"]},
            {"L": [{"M": {"k": {"N": ""}}}]},
        )),
        ("put_item", {"Item": {**KEY, "g": {"N": "1"}}}),
        ("put_item", {"Item": ITEM, "ConditionExpression": NEW, "ExpressionAttributeValues": {":u": nested}}),
        ("put_item", {"Item": ITEM, "ConditionExpression": NEW, **unused}),
        ("put_item", {"Item": ITEM, **unused}),
        *(("put_item", {"Item": ITEM, "ConditionExpression": each}) for each in ("", "p = :no", "#no = p", "a b c")),
        *((verb, {"Key": key}) for verb in ("get_item", "delete_item", "update_item") for key in (
            {"p": {"S": "a"}}, {**KEY, "p": {"N": "1"}}, {**KEY, "x": nested})),
        ("get_item", {"Key": KEY, "ProjectionExpression": "#no"}),
        ("get_item", {"Key": KEY, "ProjectionExpression": "a, a.b"}),
        ("query", {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"N": "1"}}}),
        ("query", {**BY_KEY, "FilterExpression": "s > :p"}),
        ("query", {**BY_KEY, "IndexName": "none"}),
        ("query", {**BY_KEY, "ExclusiveStartKey": {"p": {"S": "a"}}}),
        ("query", {"KeyConditionExpression": "p = :p AND begins_with(s, :s)",
                   "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"N": "1"}}}),
        ("query", {"KeyConditionExpression": "p = :p AND s BETWEEN :b AND :a",
                   "ExpressionAttributeValues": {":p": {"S": "a"}, ":a": {"N": "9"}, ":b": {"N": "10"}}}),
        ("scan", {"FilterExpression": "v > :none"}),
        ("scan", {"IndexName": "none"}),
    ]  # fmt: skip
    found = [(verb, given, refusal(getattr(tables, verb), TableName="tab", **given)[0]) for verb, given in wrong]
    assert [each for each in found if each[2] != WRONG] == []
    put = {"PutRequest": {"Item": ITEM}}
    many = [{"PutRequest": {"Item": {**KEY, "s": {"N": str(n)}}}} for n in range(26)]
    for requests in ([put, {"DeleteRequest": {"Key": KEY}}], many, [{"DeleteRequest": {"Key": {"p": {"S": "a"}}}}]):
        assert refusal(tables.batch_write_item, RequestItems={"tab": requests})[0] == WRONG
    for right in (
        {"KeyConditionExpression": "#p = :p AND s BETWEEN :a AND :b", "ExpressionAttributeNames": {"#p": "p"},
         "ExpressionAttributeValues": {":p": {"S": "a"}, ":a": {"N": "1"}, ":b": {"N": "10"}}},
        {**BY_KEY, "FilterExpression": "v = :v", "ExclusiveStartKey": {**KEY, "s": {"N": "0"}},
         "ExpressionAttributeValues": {":p": {"S": "a"}, ":v": {"N": "1"}}},
    ):  # fmt: skip
        assert tables.query(TableName="tab", **right)["Items"] == [ITEM]
    more = {"ProjectionExpression": "#v, s", "ExpressionAttributeNames": {"#v": "v"}}
    assert tables.get_item(TableName="tab", Key=KEY, **more)["Item"] == {"s": KEY["s"], "v": {"N": "1"}}
    tables.batch_write_item(RequestItems={"tab": many[:25]})


def test_filter_of_a_query_names_no_key_of_the_table_and_may_use_its_word_elsewhere(clients):
    """As a placeholder of a value, as a step further down a path, as a function; a key by itself is refused."""
    client = clients("dynamodb")
    client.create_table(TableName="keyed", BillingMode="PAY_PER_REQUEST", KeySchema=schema("id", "size"),
                        AttributeDefinitions=definitions(id="S", size="N"))  # fmt: skip
    item = {"id": {"S": "a"}, "size": {"N": "1"}, "o": {"S": "x"}, "info": {"M": {"id": {"S": "x"}}},
            "l": {"L": [{"M": {"size": {"S": "x"}}}]}}  # fmt: skip
    client.put_item(TableName="keyed", Item=item)

    def asked(text, **names):
        values = {":k": {"S": "a"}} | {word: {"S": "x"} for word in (":id",) if word in text}
        values |= {word: {"N": "1"} for word in (":size",) if word in text}
        more = {"ExpressionAttributeNames": names} if names else {}
        return {"TableName": "keyed", "KeyConditionExpression": "id = :k", "FilterExpression": text,
                "ExpressionAttributeValues": values, **more}  # fmt: skip

    for right in (
        asked("#o = :id", **{"#o": "o"}), asked("info.id = :id"), asked("attribute_exists(info.id)"),
        asked("size(o) = :size"), asked("size (o) = :size AND attribute_not_exists(lacking)"), asked("l[0].#s = :id",
        **{"#s": "size"}),
    ):  # fmt: skip
        assert client.query(**right)["Items"] == [item]
    for wrong in (asked("id = :id"), asked("o = :id AND #s = :size", **{"#s": "size"}), asked("attribute_exists(id)")):
        assert refusal(client.query, **wrong)[0] == WRONG


def test_global_index_has_keys_of_several_attributes_and_a_table_has_not(tables):
    """One to four of the partition, then up to four to sort by; each is there once, also where an update adds it."""
    sound = {"TableName": "new", "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema("p"),
             "AttributeDefinitions": definitions(**dict.fromkeys("pabcdefgh", "S"))}  # fmt: skip

    def made(parts, sorts=""):
        keys = [{"AttributeName": n, "KeyType": k} for k, names in (("HASH", parts), ("RANGE", sorts)) for n in names]
        return {"IndexName": "many", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}

    mixed = made("ab", "cd")
    mixed["KeySchema"] = [mixed["KeySchema"][n] for n in (0, 2, 1, 3)]
    ranged = {"KeySchema": schema("p", "a")}
    for wrong in (
        *({"GlobalSecondaryIndexes": [index]} for index in (
            made("abcde"), made("", "a"), made("a", "bcdef"), made("aa"), mixed)),
        *({"KeySchema": keys["KeySchema"]} for keys in (made("ab"), made("p", "ab"))),
        *({**ranged, "LocalSecondaryIndexes": [keys]} for keys in (made("ab"), made("p", "ab"))),
    ):  # fmt: skip
        with pytest.raises(tables.exceptions.ClientError, match=r"(?i)keyschema"):
            tables.create_table(**sound | wrong)
    tables.create_table(**sound, GlobalSecondaryIndexes=[made("abcd", "efgh")])
    item = {name: {"S": name} for name in "pabcdefgh"}
    for key, last in (("p", "h"), ("q", "z")):
        tables.put_item(TableName="new", Item=item | {"p": {"S": key}, "d": {"S": last}})
    found = tables.query(
        TableName="new", IndexName="many", KeyConditionExpression="a = :a AND b = :b AND c = :c AND d = :d AND e = :e",
        ExpressionAttributeValues={f":{name}": {"S": name} for name in "abce"} | {":d": {"S": "z"}},
    )["Items"]  # fmt: skip
    assert [each["p"]["S"] for each in found] == ["q"]
    added = {"AttributeDefinitions": definitions(p="S", s="N", x="S", y="S"), "TableName": "tab"}
    create = {**made("xy"), "IndexName": "by-x-y"}
    assert refusal(tables.update_table, **added, GlobalSecondaryIndexUpdates=[{"Create": made("xx")}])[0] == WRONG
    tables.update_table(**added, GlobalSecondaryIndexUpdates=[{"Create": create}])


def test_transaction_is_carried_out_once_for_a_token_and_tells_its_reasons(tables, clock):
    """For ten minutes; another request under the token is refused, as is an item that its table cannot take."""

    def add(amount):
        values = {":n": {"N": str(amount)}}
        return [{"Update": {"TableName": "tab", "Key": KEY, "UpdateExpression": "ADD v :n",
                            "ExpressionAttributeValues": values}}]  # fmt: skip

    def value():
        return tables.get_item(TableName="tab", Key=KEY)["Item"]["v"]["N"]

    for _ in range(2):
        tables.transact_write_items(ClientRequestToken="token", TransactItems=add(1))
    assert value() == "2"
    other = {"ClientRequestToken": "token", "TransactItems": add(2)}
    assert refusal(tables.transact_write_items, **other)[0] == "IdempotentParameterMismatchException"
    clock.advance(600)
    tables.transact_write_items(ClientRequestToken="token", TransactItems=add(1))
    assert value() == "3"
    bad = {"Delete": {"TableName": "tab", "Key": {"p": {"S": "a"}}}}
    with pytest.raises(tables.exceptions.TransactionCanceledException) as caught:
        tables.transact_write_items(TransactItems=[*add(1), bad])
    assert [each["Code"] for each in caught.value.response["CancellationReasons"]] == ["None", "ValidationError"]
    assert value() == "3"


def test_statement_makes_no_item_twice(tables):
    """An item that is there stays; a statement that the twin cannot read is refused by its name."""
    run = tables.execute_statement
    insert = "INSERT INTO \"tab\" VALUE {'p': 'a', 's': 1}"
    assert refusal(run, Statement=insert)[0] == "DuplicateItemException"
    assert refusal(run, Statement="nonsense")[0] == WRONG
    assert refusal(run, Statement="SELECT * FROM tab WHERE p='a'")[0] == "TwinUnsupportedOperation"
    assert tables.get_item(TableName="tab", Key=KEY)["Item"] == ITEM
    run(Statement=insert.replace("1", "2"))
    assert len(run(Statement="SELECT * FROM \"tab\" WHERE p = 'a'")["Items"]) == 2


def test_tables_are_as_dynamodb_makes_and_changes_them(tables):
    """Names, keys, indexes, changes of nothing, times to live, tags of tables that are not there."""
    sound = {"TableName": "new", "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema("p"),
             "AttributeDefinitions": definitions(p="S")}  # fmt: skip
    ranged = {"KeySchema": schema("p", "s"), "AttributeDefinitions": definitions(p="S", s="N")}
    wrong = [
        {"TableName": "ab"}, {"TableName": "a b"},
        {"KeySchema": [{"AttributeName": "p", "KeyType": "RANGE"}]},
        {"LocalSecondaryIndexes": [index("local", "p")]},
        {**ranged, "LocalSecondaryIndexes": [index("local", "p")]},
        {"GlobalSecondaryIndexes": [index("some", "p", kind="INCLUDE")]},
        {"GlobalSecondaryIndexes": [index("some", "p", NonKeyAttributes=["a"])]},
        {"GlobalSecondaryIndexes": [index("some", "p"), index("some", "p")]},
    ]  # fmt: skip
    assert [each for each in wrong if refusal(tables.create_table, **sound | each)[0] != WRONG] == []
    tables.create_table(**sound | ranged, LocalSecondaryIndexes=[index("local", "p", "s")])
    assert refusal(tables.update_table, TableName="tab")[0] == WRONG
    assert refusal(tables.update_table, TableName="tab", BillingMode="PROVISIONED")[0] == WRONG
    gone = [{"Delete": {"IndexName": "none"}}]
    lost = "ResourceNotFoundException"
    assert refusal(tables.update_table, TableName="tab", GlobalSecondaryIndexUpdates=gone)[0] == lost
    ttl, on = tables.update_time_to_live, {"Enabled": True, "AttributeName": "x"}
    ttl(TableName="tab", TimeToLiveSpecification=on)
    for changed in (on, on | {"AttributeName": "y"}, {"Enabled": False, "AttributeName": "y"}):
        assert refusal(ttl, TableName="tab", TimeToLiveSpecification=changed)[0] == WRONG
    assert refusal(ttl, TableName="none", TimeToLiveSpecification=on)[0] == lost
    arn = tables.describe_table(TableName="tab")["Table"]["TableArn"]
    assert refusal(tables.tag_resource, ResourceArn=arn + "x", Tags=[{"Key": "a", "Value": "b"}])[0] == lost
    tables.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
