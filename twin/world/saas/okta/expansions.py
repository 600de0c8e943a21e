"""What a call asks to have embedded (`expand`): served, refused by name, or, as Okta does, not looked at."""

from twin.world.saas.okta.errors import OktaError
from twin.world.saas.router import Hit


def expanded(hit: Hit, served: str = "", *, refused: tuple[str, ...] = ()) -> bool:
    """Tell whether the one expansion that is served is asked for; `refused` are documented ones, or how they begin."""
    asked = hit.query.get("expand", "")
    if asked and asked.startswith(refused):
        raise OktaError("E0000060", f"expand={asked} is documented by Okta and not simulated here")
    return bool(served) and asked == served
