"""A GitHub of its own with machines that really carry out the jobs of its workflows, step by step, in a shell."""

import os
import subprocess
import sys
from pathlib import Path

import requests
from zygote import CALLER

from twin.clock import WallClock
from twin.semantics.workflows import evaluate, filled, truthy
from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.accounts import github_organization
from twin.world.saas.github.genesis import first_hub
from twin.world.saas.github.people import mint
from twin.world.saas.github.runner import finish, queued, take
from twin.world.saas.github.server import Github
from twin.world.server import serve

ORIGIN = "github:the-pipelines"
PIP = '#!/bin/sh\ntest "$1" = install\n'
GH = """\
#!/bin/sh -e
test "$1 $2 $4" = "pr comment --body-file"
jq -Rs '{{body: .}}' "$5" | curl -sSf -H "Content-Type: application/json" -H "Authorization: Bearer $GH_TOKEN" \
  -d @- "{url}/repos/{repository}/issues/$3/comments" > /dev/null
"""


class Hub:
    """GitHub on loopback, with an organisation and its people."""

    def __init__(self, organization: str, members: tuple[str, ...]) -> None:
        begun = github_organization(ORIGIN, organization, members)
        self.token = begun.token
        self.hub = first_hub(
            begun, agenda=Agenda(WallClock()), ids=Ids(ORIGIN), origin=ORIGIN, tell=lambda *_, **__: None
        )
        self.server = serve(Github(self.hub).handle)
        self.people = {name: mint(self.hub, name, organization) for name in members}

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.server.url

    def __enter__(self):
        """Answer until the end of the context."""
        return self

    def __exit__(self, *_):
        """Stop answering."""
        self.server.stop()

    def ask(self, who, method, path, body=None, *, status=None):
        """Ask as somebody; returns the answer, which must not be a refusal unless that is what is waited for."""
        token = self.people.get(who, self.token)
        reply = requests.request(
            method, f"{self.url}{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=20
        )
        assert reply.ok if status is None else reply.status_code == status, reply.text
        return reply.json() if reply.content else None


class Machine:
    """Takes jobs and carries them out with bash, jq and curl; `twin` is a call of the zygote."""

    def __init__(self, folder: Path, hub: Hub, repository: str, *, networks=None, secrets=None) -> None:
        self.folder, self.hub, self.repository = folder, hub, repository
        self.secrets = secrets or {}
        self.ended: dict[str, str] = {}
        self.said: dict[str, str] = {}
        path = str(folder / "zygote")
        self.zygote = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "zygote.py"), path], stdout=subprocess.PIPE, text=True
        )
        tools = folder / "tools"
        tools.mkdir()
        texts = {"pip": PIP, "gh": GH.format(url=hub.url, repository=repository)}
        texts["twin"] = CALLER.format(path=path, networks=networks or {})
        for name, text in texts.items():
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        assert self.zygote.stdout.readline() == "ready\n", self.zygote.poll()

    def __enter__(self):
        """Work until the end of the context."""
        return self

    def __exit__(self, *_):
        """End the zygote."""
        self.zygote.terminate()
        self.zygote.communicate(timeout=20)

    def work(self, *only: str) -> dict[str, str]:
        """Carry out the jobs that wait, and those that come after them, but none besides `only` if they are named."""
        self.ended, self.said = {}, {}
        while waiting := [one for one in queued(self.hub.hub) if not only or self._key(one) in only]:
            for repository, key in waiting:
                self._job(take(self.hub.hub, repository, key))
        return self.ended

    def _key(self, one):
        return self.hub.hub.repository(one[0]).jobs[one[1]]["#key"]

    def _job(self, lease) -> None:
        place = self.folder / f"job-{lease.job}"
        place.mkdir()
        contexts = {**lease.contexts, "secrets": {**lease.contexts["secrets"], **self.secrets}, "steps": {}}
        environ, steps, failed, said = self._environ(lease, place), [], False, ""
        for number, step in enumerate(lease.what.steps, 1):
            name = str(step.get("name") or step.get("uses"))
            states = {"success": not failed, "failure": failed, "always": True, "cancelled": False}
            wanted = truthy(evaluate(str(step["if"]), contexts, states)) if "if" in step else not failed
            if not wanted:
                steps.append({"name": name, "conclusion": "skipped"})
                continue
            good, told = self._step(lease, step, (place, environ, contexts, str(step.get("id") or number)))
            failed, said = failed or not good, said + told
            steps.append({"name": name, "conclusion": "success" if good else "failure"})
        self.said[lease.what.key] = said
        self.ended[lease.what.key] = "failure" if failed else "success"
        outputs = {} if failed else {name: filled(text, contexts) for name, text in lease.what.outputs.items()}
        finish(self.hub.hub, lease, self.ended[lease.what.key], steps=steps, outputs=outputs)

    def _environ(self, lease, place) -> dict[str, str]:
        (place / "temp").mkdir()
        environ = {"PATH": f"{self.folder / 'tools'}:{os.environ['PATH']}", "HOME": str(place)}
        environ |= {"RUNNER_TEMP": str(place / "temp"), "AWS_EC2_METADATA_DISABLED": "true", "CI": "true"}
        if lease.request_url:
            path = lease.request_url.partition(".com")[2]
            environ["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{self.hub.url}{path}"
            environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = lease.request_token
        return environ | dict(lease.contexts["env"])

    def _step(self, lease, step, where) -> tuple[bool, str]:
        place, environ, contexts, key = where
        if "uses" in step:
            assert str(step["uses"]).partition("@")[0] == "actions/checkout"
            tree = self.hub.hub.repository(lease.repository).commits[contexts["github"]["sha"]].tree
            for name, text in tree.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(text)
            return True, ""
        own = {name: filled(str(value), contexts) for name, value in (step.get("env") or {}).items()}
        told = {name: place / "temp" / f"{key}.{name}" for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        for file in told.values():
            file.touch()
        script = filled(str(step["run"]), contexts)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=place, env={**environ, **own, **{name: str(file) for name, file in told.items()}},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        environ |= dict(line.split("=", 1) for line in told["GITHUB_ENV"].read_text().splitlines())
        outputs = dict(line.split("=", 1) for line in told["GITHUB_OUTPUT"].read_text().splitlines())
        contexts["steps"][key] = {"outputs": outputs}
        return done.returncode == 0, done.stdout + done.stderr
