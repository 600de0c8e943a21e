"""The condition keys of a request: where, when and how it was made, and the tags that it hands over.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html

A request to the loopback endpoint stands for one over TLS, as clients make it to AWS; what comes in plain text names
an AWS host by `http://`, or says so with `X-Twin-Secure-Transport: false`.
"""

from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from twin.world.authorisation.ask import Asking, Context
from twin.world.authorisation.bound import Bound
from twin.world.authorisation.endpoints import endpoint_facts
from twin.world.authorisation.published import EXCEPTIONS, parameter_names
from twin.world.sigv2 import PRESIGNED
from twin.world.sigv4 import ALGORITHM
from twin.world.source import LOOPBACK, SOURCE_HEADER
from twin.world.stores.moto_routes import aws_host

TRANSPORT = "x-twin-secure-transport"
SOURCE = SOURCE_HEADER.lower()
# The interface or gateway endpoint through which an actor calls, by its id.
ENDPOINT = "x-twin-vpc-endpoint"
TLS = 1.2
GLOBAL_SERVICES = {"iam", "organizations", "route53", "cloudfront", "budgets", "sts"}
TAGS = ("tags", "addtags", "taglist", "backupvaulttags", "backupplantags", "userpooltags", "hostedzonetags")
TAG_KEYS = ("tagkeys", "tagkeylist", "removetagkeys")


def facts_of(asking: Asking, bound: Bound | None, now: datetime) -> Context:
    """Return what every question of a call knows."""
    call, headers = asking.call, asking.headers
    facts: Context = dict(bound.facts) if bound is not None else {}
    # Through an endpoint there is no public address, and what it tells is of the network.
    facts["aws:VpcSourceIp" if ENDPOINT in headers else "aws:SourceIp"] = headers.get(SOURCE, LOOPBACK)
    if ENDPOINT in headers:
        facts |= endpoint_facts(headers[ENDPOINT])
    facts["aws:SecureTransport"] = _secure(asking)
    facts |= times(now)
    facts["aws:RequestedRegion"] = "us-east-1" if call.service in GLOBAL_SERVICES else call.region
    facts["aws:ViaAWSService"] = "false"
    if agent := headers.get("user-agent"):
        facts["aws:UserAgent"] = agent
    if referer := headers.get("referer"):
        facts["aws:Referer"] = referer
    key = call.key
    if key is not None and key.session is not None and key.session.mfa is not None:
        facts["aws:MultiFactorAuthAge"] = str(int((now - key.session.mfa).total_seconds()))
    if call.service == "s3":
        facts |= _signature(asking)
    return facts


def requested_keys(asking: Asking) -> Context:
    """Return the parameters of a request that are condition keys of its service."""
    known = _key_parameters(asking.call.service, asking.call.operation)
    if not known:
        return {}
    parameters = asking.parameters
    return {key: parameters[name] for name, key in known if _plain(parameters.get(name))}


@cache
def _key_parameters(service: str, operation: str) -> tuple[tuple[str, str], ...]:
    known = parameter_names(service, operation).values()
    return tuple(pair for pair in EXCEPTIONS["request_keys"].get(service, {}).items() if pair[0] in known)


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str | int | float | bool)


@lru_cache(maxsize=64)
def times(now: datetime) -> Context:
    """Return the instant of a request, in both of its forms."""
    return {"aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "aws:EpochTime": str(int(now.timestamp()))}


def requested_tags(asking: Asking) -> Context:
    """Return the tags of a request; nothing when its operation takes none."""
    names = _tag_parameters(asking.call.service, asking.call.operation)
    found: dict[str, str] = {}
    keys: list[str] = []
    for name, is_keys in names:
        value = asking.parameters.get(name)
        if is_keys:
            keys += [str(each) for each in value or ()]
        elif isinstance(value, dict):
            found |= {str(k): str(v) for k, v in value.items()}
        elif isinstance(value, list):
            found |= dict(_pair(tag) for tag in value if isinstance(tag, dict))
    keys += [name for name in found if name]
    if not keys:
        return {}
    told: Context = {f"aws:RequestTag/{name}": value for name, value in found.items() if name}
    if asking.call.service == "rds":
        told |= {f"rds:req-tag/{name}": value for name, value in found.items()}
    return {"aws:TagKeys": keys} | told


@cache
def _tag_parameters(service: str, operation: str) -> tuple[tuple[str, bool], ...]:
    known = parameter_names(service, operation)
    tags = [(known[name], False) for name in TAGS if name in known]
    return tuple(tags + [(known[name], True) for name in TAG_KEYS if name in known])


def _pair(tag: dict[str, Any]) -> tuple[str, str]:
    lowered = {name.lower(): value for name, value in tag.items()}
    name = lowered.get("key", lowered.get("tagkey", ""))
    return str(name), str(lowered.get("value", lowered.get("tagvalue", "")))


def _secure(asking: Asking) -> str:
    told = asking.headers.get(TRANSPORT)
    if told is not None:
        return "false" if told.lower() == "false" else "true"
    url = asking.call.request.url
    plain = url.startswith("http:") and aws_host(urlsplit(url).hostname or "")
    return "false" if plain else "true"


def _signature(asking: Asking) -> Context:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html."""
    call = asking.call
    if call.key is None:
        return {}
    second = PRESIGNED.search(call.request.url) is not None
    presigned = second or "X-Amz-Signature=" in call.request.url
    facts: Context = {"s3:signatureversion": "AWS" if second else ALGORITHM}
    facts["s3:authType"] = "REST-QUERY-STRING" if presigned else "REST-HEADER"
    if call.request.url.startswith("https:") or _secure(asking) == "true":
        facts["s3:TlsVersion"] = str(TLS)
    return facts
