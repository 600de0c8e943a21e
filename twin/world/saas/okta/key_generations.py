"""How the signing keys of an authorization server succeed each other: each rotation moves ACTIVE, NEXT and EXPIRED on.

https://developer.okta.com/docs/concepts/key-rotation/
"""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from twin.world.saas.okta.state import Org, Record, stamp
from twin.world.saas.rsa_keys import base64url

FIGURES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "oauth.json").read_text())
ROTATION = timedelta(seconds=FIGURES["key_rotation"]["seconds"])
OWN = ""


def kid_of(org: Org, server_id: str, generation: int) -> str:
    """Return the id of a key: nothing of it is stored, so that who asks first changes no id."""
    return base64url(hashlib.sha256(f"{org.secret}:{server_id}:{generation}".encode()).digest())


def generation(org: Org, server: Record | None) -> int:
    """Return how often a server's keys were rotated, after the rotations that are due."""
    key = OWN if server is None else str(server["id"])
    count = org.oauth.generations.get(key, 0)
    if server is None:
        return count
    signing = server["credentials"]["signing"]
    while signing["rotationMode"] == "AUTO" and signing.get("nextRotation", "") <= org.now():
        count = rotate(org, server, datetime.fromisoformat(signing["nextRotation"]))
    return count


def rotate(org: Org, server: Record, instant: datetime) -> int:
    """Move a server's keys on by one at an instant; return how often that was done."""
    key = str(server["id"])
    org.oauth.generations[key] = count = org.oauth.generations.get(key, 0) + 1
    signing = server["credentials"]["signing"]
    signing |= {
        "kid": kid_of(org, key, count),
        "lastRotated": stamp(instant),
        "nextRotation": stamp(instant + ROTATION),
    }
    return count


def statuses(org: Org, server: Record | None) -> dict[str, str]:
    """Return the ids of a server's keys with their statuses: the one that signs first, then the next, then the last."""
    count, key = generation(org, server), OWN if server is None else str(server["id"])
    found = {kid_of(org, key, count): "ACTIVE", kid_of(org, key, count + 1): "NEXT"}
    return found | ({kid_of(org, key, count - 1): "EXPIRED"} if count else {})


def first_keys(org: Org, server_id: str, mode: str = "AUTO") -> Record:
    """Return what a new server tells of its signing."""
    now = org.clock.now()
    signing = {"kid": kid_of(org, server_id, 0), "rotationMode": mode, "lastRotated": stamp(now)}
    return signing | {"nextRotation": stamp(now + ROTATION)}


def set_mode(org: Org, server: Record, mode: str) -> None:
    """Let a server rotate its keys itself, or wait to be told; a change starts the time to the next rotation anew."""
    generation(org, server)
    signing = server["credentials"]["signing"]
    if signing["rotationMode"] != mode:
        signing |= {"rotationMode": mode, "nextRotation": stamp(org.clock.now() + ROTATION)}
