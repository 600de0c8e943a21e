"""People of the organisation at GitHub: their account, their role in a repository, and a token of their own."""

from typing import Any

from twin.resources.call import Refused, github
from twin.resources.github.api import GithubSystem
from twin.scenario.stage import GITHUB, Stage
from twin.world.saas.github.people import join, mint, sign_up


class Colleague:
    """Somebody who works at GitHub with a token of theirs; `role` is what they may do in the repository."""

    def __init__(self, stage: Stage, login: str, repository: str, role: str) -> None:
        self.stage, self.login, self.repository = stage, login, repository
        hub, world = stage.world.vendors.github(), stage.world
        organisation = repository.partition("/")[0]
        if login.lower() not in hub.accounts:
            sign_up(hub, login)
        if login.lower() not in hub.account(organisation).members:
            join(hub, organisation, login)
        owner = GithubSystem(GITHUB, world.github.token, handle=world.handle)
        owner.execute(github("PUT", f"/repos/{repository}/collaborators/{login}", {"permission": role}))
        self.system = GithubSystem(GITHUB, mint(hub, login, organisation), handle=world.handle)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Make a call below the repository; Refused when GitHub says no."""
        return self.system.execute(github(method, f"/repos/{self.repository}{path}", body, **options))

    def tries(self, method: str, path: str, body: Any = None) -> Refused | None:
        """Make a call below the repository; returns the refusal, None when it was let."""
        try:
            self.ask(method, path, body)
        except Refused as refused:
            return refused
        return None
