"""By which name the applier calls AWS, so that its own calls are told from other people's in the trail."""

NAME = "twin-applier"
EMBEDDED = "twin"
"""The whole name where calls go into a world of this process, whose ids must not tell of the machine."""


def ours(user_agent: str) -> bool:
    """Tell whether a call's user agent is the applier's."""
    return NAME in user_agent or user_agent.partition(" ")[0] == EMBEDDED
