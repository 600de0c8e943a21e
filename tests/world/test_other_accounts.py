"""Queues, topics, keys, secrets and tables of another account: reached once both accounts allow it."""

import json

from people import ACCOUNT, OTHER, allow, role, trust, user
from refused import refusal

DENIED = ("AccessDeniedException", 400)
THEIRS = f"arn:aws:iam::{OTHER}:root"


def lets(actions, principal=THEIRS):
    """Return a resource policy that keeps its owner's rights and lets another account do these."""
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "*", "Resource": "*"}
    other = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [own, other]})


def test_queue_of_another_account_takes_messages_once_its_policy_lets(clients):
    """Send is refused, then allowed; to receive, which nobody allowed, stays refused; the owner reads the message."""
    sqs, theirs = clients("sqs"), clients("sqs", credentials=user(clients, "bob", allow("sqs:*"), account=OTHER))
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    assert refusal(theirs.send_message, QueueUrl=url, MessageBody="a") == ("AccessDenied", 403)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": lets(["sqs:SendMessage", "sqs:GetQueueUrl"])})
    theirs.send_message(QueueUrl=url, MessageBody="a")
    assert theirs.get_queue_url(QueueName="jobs", QueueOwnerAWSAccountId=ACCOUNT)["QueueUrl"] == url
    assert refusal(theirs.receive_message, QueueUrl=url) == ("AccessDenied", 403)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "a"


def test_key_of_another_account_decrypts_by_its_arn_and_by_its_ciphertext(clients):
    """Use across accounts is allowed by both policies; operations on the key itself do not reach over."""
    kms, theirs = clients("kms"), clients("kms", credentials=user(clients, "bob", allow("kms:*"), account=OTHER))
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    assert refusal(theirs.encrypt, KeyId=arn, Plaintext=b"x") == DENIED
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=lets(["kms:Encrypt", "kms:Decrypt", "kms:DisableKey"]))
    sealed = theirs.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    assert theirs.decrypt(CiphertextBlob=sealed)["Plaintext"] == kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert refusal(theirs.describe_key, KeyId=arn) == DENIED
    assert refusal(theirs.disable_key, KeyId=arn)[0] == "NotFoundException"


def test_secret_of_another_account_is_read_by_its_arn(clients):
    """It is read once its policy names the other account, and not before; to delete it stays refused."""
    secrets, key = clients("secretsmanager"), clients("kms").create_key(Policy=lets("kms:*"))["KeyMetadata"]["Arn"]
    arn = secrets.create_secret(Name="db", SecretString="1", KmsKeyId=key)["ARN"]
    bob = user(clients, "bob", allow("*"), account=OTHER)
    theirs = clients("secretsmanager", credentials=bob)
    assert refusal(theirs.get_secret_value, SecretId=arn) == DENIED
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=lets("secretsmanager:GetSecretValue"))
    assert theirs.get_secret_value(SecretId=arn)["SecretString"] == "1"
    assert refusal(theirs.delete_secret, SecretId=arn) == DENIED


def test_topic_and_table_of_another_account_are_reached_by_arn(clients):
    """A subscription and an item land in the owner's account."""
    sns, bob = clients("sns"), user(clients, "bob", allow("*"), account=OTHER)
    topic = sns.create_topic(Name="news")["TopicArn"]
    theirs, queue = clients("sns", credentials=bob), f"arn:aws:sqs:us-east-1:{OTHER}:q"
    assert refusal(theirs.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=queue)[0] == "AuthorizationError"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=lets("sns:Subscribe"))
    made = theirs.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]] == [
        made
    ]
    tables = clients("dynamodb")
    schema = {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    described = tables.create_table(
        TableName="t-1", AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}], **schema
    )
    arn, item = described["TableDescription"]["TableArn"], {"p": {"S": "a"}}
    theirs = clients("dynamodb", credentials=bob)
    assert refusal(theirs.put_item, TableName=arn, Item=item) == DENIED
    tables.put_resource_policy(ResourceArn=arn, Policy=lets("dynamodb:PutItem"))
    theirs.put_item(TableName=arn, Item=item)
    assert tables.get_item(TableName="t-1", Key=item)["Item"] == item


def test_function_and_repository_of_another_account_are_reached_as_their_policies_let(clients):
    """Identity alone reaches neither, though it names the other account; what is not allowed stays refused."""
    bob = user(clients, "bob", allow("*"), account=OTHER)
    functions, theirs = clients("lambda"), clients("lambda", credentials=bob)
    trusted = role(clients, "fn", trust({"Service": "lambda.amazonaws.com"}))
    code = {"Runtime": "python3.12", "Role": trusted, "Handler": "a.h", "Code": {"ZipFile": b"PK"}}
    arn = functions.create_function(FunctionName="f", **code)["FunctionArn"]
    assert refusal(theirs.get_function, FunctionName=arn) == ("AccessDeniedException", 403)
    functions.add_permission(FunctionName="f", StatementId="b", Action="lambda:GetFunction", Principal=OTHER)
    assert theirs.get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn
    assert refusal(theirs.delete_function, FunctionName=arn) == ("AccessDeniedException", 403)
    for partial in (f"{ACCOUNT}:function:f", f"{ACCOUNT}:f"):
        assert theirs.get_function(FunctionName=partial)["Configuration"]["FunctionArn"] == arn
        assert functions.get_function(FunctionName=partial)["Configuration"]["FunctionArn"] == arn
        assert refusal(theirs.delete_function, FunctionName=partial) == ("AccessDeniedException", 403)
    assert refusal(theirs.get_function, FunctionName="f") == ("ResourceNotFoundException", 404)
    images, theirs = clients("ecr"), clients("ecr", credentials=bob)
    images.create_repository(repositoryName="app")
    named = {"registryId": ACCOUNT, "repositoryName": "app"}
    assert refusal(theirs.describe_images, **named) == DENIED
    own = {"Effect": "Allow", "Principal": {"AWS": THEIRS}, "Action": "ecr:DescribeImages"}
    images.set_repository_policy(
        repositoryName="app", policyText=json.dumps({"Version": "2012-10-17", "Statement": own})
    )
    assert theirs.describe_images(**named)["imageDetails"] == []
    queues = clients("sqs", credentials=bob)
    clients("sqs").create_queue(QueueName="jobs")
    found = refusal(queues.get_queue_url, QueueName="jobs", QueueOwnerAWSAccountId=ACCOUNT)
    assert found == ("AccessDenied", 403)
