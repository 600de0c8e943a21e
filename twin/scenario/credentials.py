"""Credentials in the forms in which they are saved: a reply of AWS, what a secret holds, the world's own."""

import json
from collections.abc import Mapping
from typing import Any

from twin.scenario.vendor_calls import POSTGRES, vendor_call

FORMS = (
    ("access_key_id", "secret_access_key", "session_token"),
    ("AccessKeyId", "SecretAccessKey", "SessionToken"),
)


def credentials(saved: Any) -> Mapping[str, str]:
    """Read credentials; ValueError for what are none."""
    told = _mapping(saved)
    for id_, secret, token in FORMS:
        if id_ in told and secret in told:
            found = {"access_key_id": told[id_], "secret_access_key": told[secret]}
            return found | ({"session_token": told[token]} if told.get(token) else {})
    raise ValueError("these are no credentials: an access key id and a secret access key")


def holder(call: str, saved: Any) -> Mapping[str, str]:
    """Read the credentials for a call: a vendor's are a token, as a text or as the reply that made it.

    A database's are a login, in the form in which Secrets Manager keeps it.
    """
    called = vendor_call(call)
    if called is None:
        return credentials(saved)
    told = _mapping(saved)
    if called.system == POSTGRES:
        if not {"username", "password"} <= told.keys():
            raise ValueError("this is no login: a username and a password")
        return {name: str(told[name]) for name in ("host", "username", "password") if name in told}
    token = told.get("token") or told.get("value") or (saved if isinstance(saved, str) else "")
    if not token:
        raise ValueError("this is no token")
    return {"token": str(token)}


def are_credentials(saved: Any) -> bool:
    """Tell whether a value is credentials."""
    try:
        credentials(saved)
    except ValueError:
        return False
    return True


def _mapping(saved: Any) -> Mapping[str, Any]:
    if isinstance(saved, str) and saved.startswith("{"):
        saved = json.loads(saved)
    return saved if isinstance(saved, Mapping) else {}
