"""Queues, secrets, functions, log groups and the like: resources whose ARNs take more than a name to tell."""

from twin.world.authorisation.ask import Ask, Asking, Context, asks_of
from twin.world.authorisation.keys_of_kms import key_ask
from twin.world.authorisation.published import actions_of
from twin.world.authorisation.resources import published_asks
from twin.world.function_names import function_named
from twin.world.stores.moto_store import backends

MANAGED_SECRET = ("alias/aws/secretsmanager", None, "")
HIDDEN = ("AccessDeniedException", "Access to KMS is not allowed")


@asks_of("sqs")
def queue_asks(asking: Asking) -> list[Ask]:
    """Ask for the queue of a URL, `/account/name`."""
    call, url = asking.call, asking.text("QueueUrl")
    asks = published_asks(asking)
    if not url:
        owner = asking.text("QueueOwnerAWSAccountId") or call.account
        named = f"arn:aws:sqs:{call.region}:{owner}:{asking.text('QueueName') or '*'}"
        return [Ask(ask.action, named) for ask in asks] if call.operation == "GetQueueUrl" else asks
    account, _, name = url.rpartition("/")[0].rpartition("/")[2], "/", url.rpartition("/")[2]
    owner = account if account.isdigit() and len(account) == 12 else call.account
    arn = f"arn:aws:sqs:{call.region}:{owner}:{name}"
    found = [Ask(ask.action, arn) for ask in asks[:1]]
    kept = backends("sqs")[owner][call.region].queues.get(name) if owner in backends("sqs") else None
    key = getattr(kept, "kms_master_key_id", None)
    actions = {"SendMessage": ("GenerateDataKey", "Decrypt"), "SendMessageBatch": ("GenerateDataKey", "Decrypt"),
               "ReceiveMessage": ("Decrypt",)}.get(call.operation, ())  # fmt: skip
    via = f"sqs.{call.region}.amazonaws.com"
    under = (
        key_ask(asking, key, f"kms:{action}", via=via, encryption={"aws:sqs:arn": arn}) for action in actions if key
    )
    return found + [ask for ask in under if ask is not None]


@asks_of("secretsmanager")
def secret_asks(asking: Asking) -> list[Ask]:
    """Ask for the secret with its random suffix, and for the customer's key that it is under."""
    call = asking.call
    (action,) = actions_of(call.service, call.operation)
    named = asking.text("SecretId") or asking.text("Name")
    if not named:
        return published_asks(asking)
    secrets = backends("secretsmanager")[call.account][call.region].secrets
    foreign = named.startswith("arn:") and named.split(":")[4] != call.account
    kept = None if foreign else secrets.get(named)
    arn = named if foreign else kept.arn if kept is not None else _new(asking, named)
    context: Context = {"secretsmanager:SecretId": arn}
    context |= {
        f"secretsmanager:{name}": told for name in ("VersionId", "VersionStage", "Name") if (told := asking.text(name))
    }
    if key := asking.text("KmsKeyId"):
        context["secretsmanager:KmsKeyArn"] = key
    for tag in getattr(kept, "tags", None) or ():
        context[f"secretsmanager:ResourceTag/{tag['Key']}"] = tag["Value"]
    if call.operation in ("PutResourcePolicy", "ValidateResourcePolicy"):
        context["secretsmanager:BlockPublicPolicy"] = asking.parameters.get("BlockPublicPolicy", False)
    asks = [Ask(action.name, arn, context=context)]
    if call.operation == "CreateSecret" and asking.parameters.get("Tags"):
        asks.append(Ask("secretsmanager:TagResource", arn, context=context))
    return asks + _under_key(asking, arn, asking.text("KmsKeyId") or getattr(kept, "kms_key_id", None))


def _new(asking: Asking, name: str) -> str:
    return name if name.startswith("arn:") else asking.arn("secretsmanager", f"secret:{name}-??????")


def _under_key(asking: Asking, arn: str, key: str | None) -> list[Ask]:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html."""
    actions = {"GetSecretValue": ("Decrypt",), "BatchGetSecretValue": ("Decrypt",),
               "CreateSecret": ("GenerateDataKey", "Decrypt"), "PutSecretValue": ("GenerateDataKey", "Decrypt"),
               "UpdateSecret": ("GenerateDataKey", "Decrypt")}.get(asking.call.operation, ())  # fmt: skip
    if key in MANAGED_SECRET:
        return []
    via = f"secretsmanager.{asking.call.region}.amazonaws.com"
    found = (
        key_ask(asking, str(key), f"kms:{action}", via=via, encryption={"SecretARN": arn}, words=HIDDEN)
        for action in actions
    )
    return [ask for ask in found if ask is not None]


@asks_of("lambda")
def function_asks(asking: Asking) -> list[Ask]:
    """Ask for the function of a name, a partial ARN or an ARN, its qualifier behind it."""
    asks, name = published_asks(asking), asking.text("FunctionName")
    if not name or not asks:
        return asks
    if name.startswith("arn:"):
        arn = name
    else:
        account, bare = function_named(name)
        arn = f"arn:aws:lambda:{asking.call.region}:{account or asking.call.account}:function:{bare}"
    if (qualifier := asking.text("Qualifier")) and arn.count(":") == 6:
        arn = f"{arn}:{qualifier}"
    context: Context = {}
    if asking.call.operation == "AddPermission":
        context["lambda:Principal"] = asking.text("Principal")
    return [Ask(asks[0].action, arn, context=context)]


@asks_of("ecr")
def repository_asks(asking: Asking) -> list[Ask]:
    """Ask for the repositories of the registry that a call names, which may be another account's."""
    asks, registry = published_asks(asking), asking.text("registryId")
    for ask in asks if registry and registry != asking.call.account else ():
        ask.resource = ask.resource.replace(f":{asking.call.account}:", f":{registry}:", 1)
        ask.owner = registry
    return asks


@asks_of("logs")
def log_asks(asking: Asking) -> list[Ask]:
    """Ask for log groups in the form `log-group:name:log-stream:stream`, which patterns `log-group:name:*` take."""
    asks = published_asks(asking)
    tagging = asking.call.operation.endswith(("TagsForResource", "TagResource"))
    for ask in asks:
        if ":log-group:" in ask.resource and ":log-stream:" not in ask.resource and not tagging:
            ask.resource = f"{ask.resource.removesuffix(':*')}:log-stream:"
    return asks


@asks_of("route53")
def zone_asks(asking: Asking) -> list[Ask]:
    """Ask for the bare id of a zone or a check: `/hostedzone/Z1` is Z1."""
    asks = published_asks(asking)
    for ask in asks:
        ask.resource = ask.resource.replace("hostedzone/hostedzone/", "hostedzone/").replace(
            "change/change/", "change/"
        )
    if asking.call.operation == "ChangeResourceRecordSets":
        for ask in asks:
            ask.context |= _record_keys(asking)
    if asking.call.operation == "ChangeTagsForResource":
        kind = asking.text("ResourceType")
        asks = [ask for ask in asks if f":::{kind}/" in ask.resource] or asks
    return asks


def _record_keys(asking: Asking) -> Context:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html."""
    changes = (asking.parameters.get("ChangeBatch") or {}).get("Changes") or ()
    prefix = "route53:ChangeResourceRecordSets"
    sets = [change["ResourceRecordSet"] for change in changes]
    return {
        f"{prefix}NormalizedRecordNames": [each["Name"].rstrip(".").lower() for each in sets],
        f"{prefix}RecordTypes": [each["Type"] for each in sets],
        f"{prefix}Actions": [change["Action"] for change in changes],
    }


@asks_of("dynamodb")
def table_asks(asking: Asking) -> list[Ask]:
    """Ask for each table of a batch or a transaction with the action of its item."""
    call, parameters = asking.call, asking.parameters
    kinds = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
             "Get": "GetItem"}  # fmt: skip
    if call.operation in ("BatchGetItem", "BatchWriteItem"):
        named = [(call.operation, table) for table in parameters.get("RequestItems", {})]
    elif call.operation.startswith("Transact"):
        items = [pair for item in parameters.get("TransactItems", []) for pair in item.items()]
        named = [(kinds[kind], item["TableName"]) for kind, item in items]
    else:
        asks = published_asks(asking)
        if index := asking.text("IndexName"):
            asks = [Ask(ask.action, f"{ask.resource.partition('/index/')[0]}/index/{index}") for ask in asks[:1]]
        for ask in asks:
            ask.context |= _item_keys(asking)
        return asks
    unique = dict.fromkeys((action, _table(asking, name)) for action, name in named)
    return [Ask(f"dynamodb:{action}", arn) for action, arn in unique]


def _table(asking: Asking, name: str) -> str:
    return name if name.startswith("arn:") else asking.arn("dynamodb", f"table/{name}")


def _item_keys(asking: Asking) -> Context:
    """Return the partition key's value of an item, by which policies give each user its own items."""
    key = asking.parameters.get("Key") or asking.parameters.get("Item")
    name = asking.text("TableName")
    tables = backends("dynamodb")[asking.call.account][asking.call.region].tables
    kept = tables.get(name.rpartition("/")[2])
    if not key or kept is None or kept.hash_key_attr not in key:
        return {}
    value = key[kept.hash_key_attr]
    return {"dynamodb:LeadingKeys": [str(next(iter(value.values())))], "dynamodb:Attributes": list(key)}
