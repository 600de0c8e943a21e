"""Signatures in both forms, payload hashes, and what may come without a signature."""

import urllib.parse
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from mounted import ENDPOINT

from twin.wire import Request
from twin.world.principals import Credentials


@pytest.fixture
def signed(clients):
    """A signed request of STS and its header."""
    clients("sts").get_caller_identity()
    return clients.sent[-1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: replace(r, body=r.body + b"&X=1"), b"SignatureDoesNotMatch"),
        (lambda r: replace(r, url=r.url + "?a=1"), b"SignatureDoesNotMatch"),
        (lambda r: replace(r, method="PUT"), b"SignatureDoesNotMatch"),
        (lambda r: replace(r, url="http://127.0.0.2/"), b"SignatureDoesNotMatch"),
    ],
)
def test_altered_request_is_refused(world, signed, change, code):
    """The signature covers body, query, method and host; unchanged it passes."""
    assert world.handle(signed).status == 200
    assert code in world.handle(change(signed)).body


def test_an_equal_request_is_refused_once_its_key_is_inactive(world, clients):
    """What was read of a request is kept, what the world thinks of it is not."""
    iam = clients("iam")
    iam.create_user(UserName="carol")
    made = iam.create_access_key(UserName="carol")["AccessKey"]
    key = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    clients("sts", credentials=key).get_caller_identity()
    again = clients.sent[-1]
    assert world.handle(again).status == 200
    iam.update_access_key(UserName="carol", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    assert b"InvalidClientTokenId" in world.handle(again).body


def test_a_signature_in_other_letters_is_refused(world, signed):
    """What could never be a signature is a wrong one, in a header and in an address."""
    before = signed.headers["Authorization"].rpartition("=")[0]
    signed.headers["Authorization"] = f"{before}={'é' * 64}"
    assert b"SignatureDoesNotMatch" in world.handle(signed).body


def test_broken_authorization_header_is_incomplete(world, signed):
    """A header without its signature is refused as incomplete."""
    signed.headers["Authorization"] = signed.headers["Authorization"].partition(", Signature=")[0]
    assert b"<Code>IncompleteSignature</Code>" in world.handle(signed).body


def test_presigned_url_works_until_it_is_altered(clients, world):
    """A presigned GET reads the object; for another key the signature is wrong."""
    s3 = clients("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="media")
    for key in ("a b+c/ü.txt", "other"):
        s3.put_object(Bucket="media", Key=key, Body=b"body")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "media", "Key": "a b+c/ü.txt"})
    assert world.handle(Request("GET", url)).body == b"body"
    other = url.replace(urllib.parse.quote("a b+c/ü.txt"), "other")
    assert other != url
    reply = world.handle(Request("GET", other))
    assert reply.status == 403
    assert b"SignatureDoesNotMatch" in reply.body


def test_presigned_sts_call_identifies_its_signer(clients, world):
    """The form in which EKS tokens are made is accepted."""
    sts = clients("sts", endpoint=None)
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert b":root</Arn>" in world.handle(Request("GET", url)).body


def test_payload_hash_must_be_the_bodys(clients, world):
    """S3 names a body that does not match its declared hash; an unsigned payload is free."""
    s3 = clients("s3", request_checksum_calculation="when_required")
    s3.create_bucket(Bucket="media")
    s3.put_object(Bucket="media", Key="k", Body=b"one")
    request = clients.sent[-1]
    assert len(request.headers["X-Amz-Content-SHA256"]) == 64
    assert b"XAmzContentSHA256Mismatch" in world.handle(replace(request, body=b"two")).body
    assert s3.get_object(Bucket="media", Key="k")["Body"].read() == b"one"


def test_streaming_payload_over_tls_is_accepted(clients):
    """The chunked upload with a trailing checksum is stored as what it carries."""
    s3 = clients("s3", endpoint=None, request_checksum_calculation="when_supported")
    s3.create_bucket(Bucket="media")
    s3.put_object(Bucket="media", Key="k", Body=b"streamed")
    assert clients.sent[-1].headers["X-Amz-Content-SHA256"].startswith("STREAMING-")
    assert s3.get_object(Bucket="media", Key="k")["Body"].read() == b"streamed"


def test_anonymous_read_needs_a_public_acl(clients, world):
    """Without a signature only an object whose ACL is public is read."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="media", ObjectOwnership="BucketOwnerPreferred")
    s3.delete_public_access_block(Bucket="media")
    s3.put_object(Bucket="media", Key="open", Body=b"x", ACL="public-read")
    s3.put_object(Bucket="media", Key="closed", Body=b"x")
    assert world.handle(Request("GET", f"{ENDPOINT}/media/open")).body == b"x"
    assert world.handle(Request("GET", f"{ENDPOINT}/media/closed")).status == 403
    assert world.handle(Request("GET", f"{ENDPOINT}/media")).status == 403
    assert world.handle(Request("PUT", f"{ENDPOINT}/media/new", body=b"x")).status == 403
    s3.put_public_access_block(Bucket="media", PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert world.handle(Request("GET", f"{ENDPOINT}/media/open")).status == 403


def test_customers_sign_in_without_aws_credentials(clients, world):
    """Cognito's public operations and keys need no signature; its administration does."""
    cognito = clients("cognito-idp")
    pool = cognito.create_user_pool(PoolName="customers")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)["UserPoolClient"]
    wrong = {"USERNAME": "nobody", "PASSWORD": "x"}
    with pytest.raises(ClientError) as caught:
        cognito.initiate_auth(ClientId=made["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=wrong)
    assert caught.value.response["Error"]["Code"] in ("UserNotFoundException", "NotAuthorizedException")
    assert "Authorization" not in clients.sent[-1].headers
    assert world.handle(Request("GET", f"{ENDPOINT}/{pool}/.well-known/jwks.json")).body.startswith(b'{"keys"')
    cognito.list_user_pools(MaxResults=1)
    unsigned = clients.sent[-1]
    del unsigned.headers["Authorization"]
    assert b"MissingAuthenticationToken" in world.handle(unsigned).body


def test_chunk_signed_upload_is_a_streaming_payload(clients, world):
    """A payload hash that is a name enters the signature as it is; changing it breaks the signature."""
    s3 = clients("s3", endpoint=None, request_checksum_calculation="when_supported")
    s3.create_bucket(Bucket="media")
    s3.put_object(Bucket="media", Key="k", Body=b"streamed")
    request = clients.sent[-1]
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    assert b"SignatureDoesNotMatch" in world.handle(request).body
