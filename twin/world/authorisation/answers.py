"""The operations that authorisation answers itself, instead of the store."""

from collections.abc import Callable
from typing import Any

from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.role_sessions import RoleSessions
from twin.world.aws_call import Call

Behavior = Callable[[Call], dict[str, Any] | None]


def authorised_answers(authorisation: Authorisation) -> dict[tuple[str, str], Behavior]:
    """Return each operation's answer."""
    return RoleSessions(authorisation).behaviors()
