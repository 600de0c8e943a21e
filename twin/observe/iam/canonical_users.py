"""Canonical users of S3, by which access lists and policies of buckets name accounts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twin.observe.iam.org import Object, Thing, text

KIND = "CanonicalUser"


def named(one: Object, accounts: Mapping[str, str], gaps: list[str]) -> Object:
    """Return an object whose policy names accounts instead of their canonical users; a gap tells who is unknown.

    Whoever is unknown is of an account outside, of which nothing but the id was told: nobody of the org is meant.
    """
    if not isinstance(one, Thing) or KIND not in one.policy:
        return one
    document = json.loads(one.policy)
    written = document["Statement"]
    statements = [_named(s, one.arn, (accounts, gaps)) for s in (written if isinstance(written, list) else [written])]
    return replace(one, policy=text({**document, "Statement": statements}))


def _named(statement: dict[str, Any], arn: str, known: tuple[Mapping[str, str], list[str]]) -> dict[str, Any]:
    accounts, gaps = known
    found = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        principal = statement.get(element)
        if not isinstance(principal, Mapping) or KIND not in principal:
            continue
        ids = principal[KIND] if isinstance(principal[KIND], list) else [principal[KIND]]
        gaps += [f"{arn}: its policy or list names canonical user {id_}, whose account was not read"
                 for id_ in ids if id_ not in accounts]  # fmt: skip
        listed = principal.get("AWS", [])
        roots = [f"arn:aws:iam::{accounts[id_]}:root" for id_ in ids if id_ in accounts]
        others = {kind: values for kind, values in principal.items() if kind not in ("AWS", KIND)}
        whole = [*(listed if isinstance(listed, list) else [listed]), *roots]
        unknown = {KIND: [id_ for id_ in ids if id_ not in accounts]}
        found[element] = {**others, **({"AWS": whole} if whole else {}), **(unknown if unknown[KIND] else {})}
    return found
