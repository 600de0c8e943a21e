"""An intruder with a repository: its workflow asks for identity tokens, and takes with them what roles of AWS it can.

It is what its own jobs do, so that no machine of the pipeline's carries them out.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import Headers

from twin.resources.call import Refused, github
from twin.resources.github.api import GithubSystem
from twin.scenario.loot import Loot, Looter
from twin.scenario.stage import GITHUB, Stage
from twin.scenario.step import Period, Seconds, Step
from twin.scenario.timeline import Process
from twin.scenario.web_identity import web_session
from twin.wire import Request
from twin.world.saas.github.people import join, mint, sign_up
from twin.world.saas.github.pushes import write
from twin.world.saas.github.repositories import make
from twin.world.saas.github.runner import finish, queued, take

WORKFLOW = """\
name: build
on: {workflow_dispatch: {}}
permissions: {contents: read, id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
"""


class Options(BaseModel):
    """What an intruder is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    repository: str = Field(description="The repository that it can write to, `owner/name`; made when it is not there")
    member: bool = Field(True, description="Whether it is in the organisation, or a stranger with its own account")
    environment: str = Field("", description="The environment that its job names")
    role: str = Field(description="The ARN of the role that it is after")
    at: Seconds = 300.0
    every: Period = 60.0
    use: dict[str, Step] = Field(min_length=1, description="Calls that it makes with every session that it has")


class CiIntruder(Looter):
    """Each time it runs its workflow, takes the role with the job's token, and uses all sessions that it has."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(stage.values.fill(options))
        self.loot = Loot(name, stage)
        self.first: float | None = None
        self.runs = self.taken = self.kept_out = 0
        self.last_taken: float | None = None
        self.system = self._settle_in()

    def _settle_in(self) -> GithubSystem:
        """Have the account, and a repository with a workflow."""
        told, hub = self.options, self.stage.world.vendors.github()
        owner = told.repository.partition("/")[0]
        if told.login.lower() not in hub.accounts:
            sign_up(hub, told.login)
        if told.member and told.login.lower() not in hub.account(owner).members:
            join(hub, owner, told.login)
        if told.repository.lower() not in hub.repositories:
            make(hub, owner, told.repository.partition("/")[2], told.login, private=True, tree={"README.md": "# App\n"})
        repo = hub.repository(told.repository)
        repo.collaborators[told.login.lower()] = "push"
        place = f"    environment: {told.environment}\n" if told.environment else ""
        tree = {**repo.commits[repo.refs["refs/heads/main"]].tree}
        tree[".github/workflows/build.yml"] = f"{WORKFLOW}{place}    steps: [{{run: make build}}]\n"
        write(hub, repo, "main", tree, message="Build", login=told.login, quiet=True)
        return GithubSystem(GITHUB, mint(hub, told.login, owner), handle=self.stage.world.handle)

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        self.first = self.stage.timeline.elapsed
        while True:
            self._take()
            self.loot.dead.clear()
            for step in self.options.use.values():
                yield from self.loot.by_any(step.call or "", self.stage.values.fill(step.with_))
            yield self.stage.timeline.pass_(self.options.every)

    def _take(self) -> None:
        """Run the workflow, and take the role with the token of its job."""
        path = f"/repos/{self.options.repository}/actions/workflows/build.yml/dispatches"
        self.runs += 1
        try:
            self.system.execute(github("POST", path, {"ref": "main"}))
            taken = web_session(self.stage, self.options.role, self._token(), "build")
        except Refused as refused:
            if not self.kept_out:
                self.stage.journal.write(self.name, "is kept out", code=refused.code)
            self.kept_out += 1
            return
        if not self.taken or self.kept_out:
            self.stage.journal.write(self.name, "takes the role", role=self.options.role)
        self.taken, self.kept_out, self.last_taken = self.taken + 1, 0, self.stage.timeline.elapsed
        self.loot.keep(taken)

    def _token(self) -> str:
        """Be the job that was begun, and ask for its token; Refused when it may not run."""
        hub, world = self.stage.world.vendors.github(), self.stage.world
        mine = [one for one in queued(hub) if one[0].lower() == self.options.repository.lower()]
        call = github("GET", "/idtoken")
        if not mine:
            raise Refused(call, "NoJob", "the job was not let into its environment", status=403)
        lease = take(hub, *mine[-1])
        headers = Headers({"Authorization": f"Bearer {lease.request_token}"})
        reply = world.handle(Request("GET", f"{lease.request_url}&audience=sts.amazonaws.com", headers))
        finish(hub, lease, "success", steps=[{"name": "make build", "conclusion": "success"}])
        if reply.status != 200:
            raise Refused(call, str(reply.status), "no token", status=reply.status)
        return str(json.loads(reply.body)["value"])

    @property
    def last(self) -> float | None:
        """When a call of its was let last."""
        let = [deed.at for deed in self.loot.deeds if deed.refused is None]
        return max([*let, *([] if self.last_taken is None else [self.last_taken])], default=None)

    def figures(self) -> Mapping[str, Any]:
        """Count runs, sessions that it took and calls to AWS; when it took one last, when a call was let last."""
        told = {"runs": self.runs, "taken": self.taken, "last_taken": self.last_taken, "last_success": self.last}
        return {**self.loot.figures(), **told, "kept_out": self.kept_out}


ACTOR = CiIntruder
