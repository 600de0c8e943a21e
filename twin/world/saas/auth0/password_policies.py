"""What a database connection demands of passwords, by the level that its options name."""

import json
import string
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.saas.auth0.errors import invalid
from twin.world.saas.auth0.state import Record

KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)


@cache
def levels() -> dict[str, Any]:
    """Return what each level demands, by its name."""
    return dict(json.loads((Path(__file__).parent / "data" / "passwords.json").read_text())["levels"])


def check_password(connection: Record, password: str) -> None:
    """Refuse a password that is weaker than the connection wants: 400 `PasswordStrengthError`."""
    options = connection.get("options") or {}
    level = levels()[options.get("passwordPolicy") or "none"]
    least = (options.get("password_complexity_options") or {}).get("min_length") or level["least"]
    kinds = [any(letter in kind for letter in password) for kind in KINDS]
    kinds.append(any(letter not in "".join(KINDS) for letter in password))
    enough = sum(kinds) >= level["kinds"] and all(kinds[: level["demanded"]])
    run = level["run"]
    repeated = run and any(password[at] * (run + 1) == password[at : at + run + 1] for at in range(len(password)))
    if len(password) < least or not enough or repeated:
        raise invalid("PasswordStrengthError: Password is too weak")
