"""S3: who pays for a bucket's requests, which moto does not keep; a new bucket's owner pays.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html
"""

from typing import Any

import xmltodict
from moto.s3.exceptions import MalformedXML
from moto.s3.responses import S3Response

from twin.world.stores.additions import adds

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
PAYERS = ("BucketOwner", "Requester")
get_by_moto = S3Response._bucket_response_get
put_by_moto = S3Response._bucket_response_put


@adds(S3Response)
def _bucket_response_get(response: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Answer a GET on a bucket; `?requestPayment` asks who pays."""
    if "requestPayment" not in querystring:
        return get_by_moto(response, bucket_name, querystring)
    payer = getattr(response.backend.get_bucket(bucket_name), "payer", PAYERS[0])
    told = {"RequestPaymentConfiguration": {"@xmlns": XMLNS, "Payer": payer}}
    return 200, {"Content-Type": "application/xml"}, xmltodict.unparse(told)


@adds(S3Response)
def _bucket_response_put(response: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """Answer a PUT on a bucket; `?requestPayment` says who pays."""
    if "requestPayment" not in querystring:
        return put_by_moto(response, request, bucket_name, querystring)
    bucket = response.backend.get_bucket(bucket_name)
    asked = (xmltodict.parse(response.body) if response.body else {}).get("RequestPaymentConfiguration") or {}
    if asked.get("Payer") not in PAYERS:
        raise MalformedXML
    bucket.payer = asked["Payer"]
    return 200, {}, ""
