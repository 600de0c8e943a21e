"""What the functions of the language compute; a missing value is None."""

from collections.abc import Callable, Mapping
from typing import Any

from twin.semantics.rules.functions import collections, json_lookup, networks, signatures, texts, urls

IMPLEMENTED: Mapping[str, Callable[..., Any]] = {
    "any": any,
    "all": all,
    "cidr": networks.cidr,
    "cidr6": networks.cidr6,
    "concat": collections.concat,
    "decode_base64": texts.decode_base64,
    "encode_base64": texts.encode_base64,
    "ends_with": bytes.endswith,
    "has_key": collections.has_key,
    "has_value": collections.has_value,
    "is_timed_hmac_valid_v0": signatures.is_timed_hmac_valid,
    "join": collections.join,
    "len": len,
    "lookup_json_integer": json_lookup.lookup_integer,
    "lookup_json_string": json_lookup.lookup_string,
    "lower": bytes.lower,
    "regex_replace": texts.regex_replace,
    "remove_bytes": texts.remove_bytes,
    "remove_query_args": urls.remove_query_args,
    "sha256": texts.sha256,
    "split": collections.split,
    "starts_with": bytes.startswith,
    "substring": texts.substring,
    "to_string": texts.to_string,
    "upper": bytes.upper,
    "url_decode": urls.url_decode,
    "uuidv4": texts.uuidv4,
    "wildcard_replace": texts.wildcard_replace,
}
