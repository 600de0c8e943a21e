"""What Okta knows of the device of a sign-in: what runs on it, and whether it is registered, managed, assured."""

import re
from typing import Any

from twin.world.saas.okta.state import Org, Record

# The first that fits: an iPhone also says Mac OS X, an Android phone also says Linux.
SYSTEMS = (
    ("IOS", "iPhone|iPad"),
    ("ANDROID", "Android"),
    ("CHROMEOS", "CrOS"),
    ("WINDOWS", "Windows"),
    ("MACOS", "Mac OS X|Macintosh"),
    ("LINUX", "Linux"),
)


def system_of(agent: str) -> str:
    """Return the operating system that a user agent names, OTHER when none is known."""
    return next((system for system, form in SYSTEMS if re.search(form, agent)), "OTHER")


def device_of(org: Org, user: Record, token: str) -> dict[str, Any]:
    """Return a device as the semantics read it: what the org holds of its token, and whether it is remembered."""
    known = org.devices.get(token, {}) if token else {}
    remembered = bool(token) and token in user.get("#devices", {})
    return {"platform": system_of(org.caller.agent), **known, "remembered": remembered}
