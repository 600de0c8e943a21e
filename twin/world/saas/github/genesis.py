"""GitHub as a world finds it: one organisation, its owner, and the owner's token."""

from typing import Protocol

from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.github.people import EVERYTHING, join, place, sign_up
from twin.world.saas.github.repositories import make
from twin.world.saas.github.state import Hub, Tell


class Beginning(Protocol):
    """What a world knows of its organisation."""

    @property
    def login(self) -> str:
        """The organisation's name."""

    @property
    def owner(self) -> str:
        """The login of who owns it."""

    @property
    def members(self) -> tuple[str, ...]:
        """The logins of who else is in it."""

    @property
    def repositories(self) -> tuple[str, ...]:
        """The names of the repositories that it has."""

    @property
    def token(self) -> str:
        """The secret of the owner's token."""


def first_hub(begun: Beginning, *, agenda: Agenda, ids: Ids, origin: str, tell: Tell) -> Hub:
    """Make GitHub with the organisation of a world."""
    hub = Hub(agenda, ids, origin, tell)
    sign_up(hub, begun.owner)
    sign_up(hub, begun.login, kind="Organization", owner=begun.owner)
    for login in begun.members:
        sign_up(hub, login)
        join(hub, begun.login, login)
    for name in begun.repositories:
        make(hub, begun.login, name, begun.owner, private=True, tree={"README.md": f"# {name}\n"})
    place(hub, begun.token, begun.owner, begun.login, EVERYTHING, name="owner")
    return hub
