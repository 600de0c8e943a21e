"""What moto's S3 takes apart at each call and finds the same each time: URLs, and the list of an object."""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from moto.s3 import models
from moto.s3 import responses as s3_responses
from moto.s3.responses import S3Response

from twin.world.stores.additions.s3_acls import get_canned_acl
from twin.world.stores.sent_headers import SentHeaders

MODULE: Any = s3_responses
RESPONSES: Any = S3Response
MODELS: Any = models
URLS = ("urlparse", "unquote", "bucketpath_bucket_name_from_url", "bucketpath_parse_key_name")
ACL, GRANT = "HTTP_X_AMZ_ACL", "HTTP_X_AMZ_GRANT_"
STOCK: dict[tuple[Any, str], Any] = {
    **{(MODULE, name): vars(MODULE)[name] for name in (*URLS, "parse_qs")},
    (MODULE, "get_canned_acl"): get_canned_acl,
    (MODELS, "get_canned_acl"): get_canned_acl,
    (RESPONSES, "_acl_from_headers"): RESPONSES._acl_from_headers,
}


def query_of(query: str, *given: Any, **named: Any) -> dict[str, list[str]]:
    """Return the parameters of a query, which most calls do not have."""
    return parse_qs(query, *given, **named) if query else {}


def acl_of(response: Any, headers: Any) -> Any:
    """Return the list that headers give an object; None where none of them does."""
    if isinstance(headers, SentHeaders) and not headers.environ.get(ACL) and GRANT not in " ".join(headers.environ):
        return None
    return STOCK[(RESPONSES, "_acl_from_headers")](response, headers)


# Nobody changes a list of moto's: another one takes its place.
_canned = lru_cache(64)(get_canned_acl)
REMEMBERING: dict[tuple[Any, str], Any] = {
    **{(MODULE, name): lru_cache(4096)(STOCK[(MODULE, name)]) for name in URLS},
    (MODULE, "parse_qs"): query_of,
    (MODULE, "get_canned_acl"): _canned,
    (MODELS, "get_canned_acl"): _canned,
    (RESPONSES, "_acl_from_headers"): acl_of,
}
