"""Who may call what: AWS's authorisation, enforced in the gateway by the policies that the org has put there."""

from twin.world.authorisation.authorisation import Authorisation
from twin.world.authorisation.session import Session

__all__ = ["Authorisation", "Session"]
