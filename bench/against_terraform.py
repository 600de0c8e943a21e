"""Builds, plans again and removes the same resources with `twin` and with Terraform, each on an empty served twin.

    python bench/apply.py --terraform 1000

One org makes the spec and the configuration: the one of the other benches (`team_org.py`), written for Terraform as
`twin plan --format terraform` writes it, and both find it clean afterwards. Left out are queues, for each of which
Terraform's provider sleeps half a minute, whatever the server answers, what subscribes them, and Okta's groups, for
want of its provider. `--mix plain` takes topics, log groups, roles and policies in equal parts instead. Both are
commands in processes of their own, timed from start to end, with the parallelism that each takes by itself (Terraform
ten); planning again is done three times, of which the median counts. Both speak HTTP to a server that counts what they
send, and holds neither back. On a machine that others use too, compare the CPU: the client's is that of its processes,
the server's is that of this one.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from team_org import READ, TRUST, org

from twin.clock import WallClock
from twin.engine.workspace import Served, Workspace
from twin.report.terraform.equal import Text, blocks, table
from twin.resources.aws.iam_policy import Policy
from twin.resources.aws.iam_role import Role
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.sns import Topic
from twin.resources.declaration import Desired
from twin.resources.reference import Reference, resolve
from twin.wire import Request, Response
from twin.world.server import serve
from twin.world.world import World

MIRROR = Path(os.environ.get("TWIN_TF_PLUGINS", "/opt/tf-plugins"))
GOALS = {"apply": 6, "plan again": 20, "destroy": 10}
TIMES = {"plan again": 3}
"""Of what can be done again and again the median counts."""
ACCOUNT = "123456789012"
LEFT_OUT = ("aws.sqs.queue", "aws.sns.subscription", "okta.group")
MIXES = ("team", "plain")
HEAD = {
    "version": 1,
    "org": {"name": "bench", "domain": "bench.example", "contact": "ops@bench.example"},
    "aws": {"account": ACCOUNT, "alias": "bench", "region": "us-east-1"},
}


@dataclass
class Counted:
    """A served world that counts what it is asked."""

    world: World
    calls: int = 0

    def handle(self, request: Request) -> Response:
        """Count a request and answer it."""
        self.calls += 1
        return self.world.handle(request)


@dataclass(frozen=True)
class Contender:
    """One of the two: where it works, with which environment, and its command for each part."""

    folder: Path
    environ: Mapping[str, str]
    parts: Mapping[str, list[str]]

    def run(self, part: str) -> tuple[float, float]:
        """Run a part to its end; returns the seconds it took, and those of CPU."""
        began, spent = time.perf_counter(), cpu(resource.RUSAGE_CHILDREN)
        done = subprocess.run(self.parts[part], cwd=self.folder, env=self.environ, capture_output=True, text=True)
        if done.returncode:
            said = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if "rror" in line or "failed" in line]
            raise RuntimeError(f"{self.parts[part]}: {said[:10]}")
        return time.perf_counter() - began, cpu(resource.RUSAGE_CHILDREN) - spent


def cpu(who: int) -> float:
    """Return the seconds of CPU that this process, or those that it waited for, took so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def lacking() -> str:
    """Say what this bench lacks here; nothing when it can run."""
    if shutil.which("terraform") is None:
        return "terraform is not on the PATH"
    if not (MIRROR / "registry.terraform.io" / "hashicorp" / "aws").is_dir():
        return f"the AWS provider is not in {MIRROR} (or TWIN_TF_PLUGINS)"
    return ""


def plain(size: int) -> Desired:
    """Return topics, log groups, roles and policies in equal parts."""
    desired = Desired()
    for n in range(size):
        name = f"bench-{n}"
        kinds = (Topic(name=name), LogGroup(name=name, retention_days=30), Role(name=name, trust=TRUST),
                 Policy(name=name, policy=READ))  # fmt: skip
        desired.add(f"r{n}", kinds[n % 4], ())
    return desired


def write(desired: Desired, folder: Path) -> None:
    """Write the spec and the configuration of the same resources."""
    spec: dict[str, dict[str, object]] = {}
    theirs: dict[str, dict[str, object]] = {}
    for one in desired:
        spec.setdefault(one.address.type, {})[one.address.name] = one.values
        for block in blocks(one.address, one.values, {}):
            theirs.setdefault(block.type, {})[block.name] = {k: _argument(v) for k, v in block.arguments.items()}
    (folder / "spec.yaml").write_text(json.dumps({**HEAD, "resources": spec}))
    provider = {
        "region": "us-east-1", "skip_credentials_validation": True, "skip_metadata_api_check": True,
        "skip_requesting_account_id": True, "s3_use_path_style": True,
    }  # fmt: skip
    required = {"required_providers": {"aws": {"source": "hashicorp/aws"}}}
    made = {"terraform": required, "provider": {"aws": provider}, "resource": theirs}
    (folder / "main.tf.json").write_text(json.dumps(made, indent=1))
    installed = f'provider_installation {{ filesystem_mirror {{ path = "{MIRROR}" }} }}\ndisable_checkpoint = true\n'
    (folder / "cli.tfrc").write_text(installed)


def _argument(value: object) -> object:
    """Return an argument as a configuration has it, its references by Terraform's names."""
    if isinstance(value, Text):
        return json.dumps(_argument(value.value))
    if isinstance(value, list):
        return [_argument(item) for item in value]
    if isinstance(value, dict):
        return {name: _argument(item) for name, item in value.items()}
    return resolve(value, _theirs)


def _theirs(reference: Reference) -> str:
    row = table()[reference.address.type]
    return f"${{{row.type}.{reference.address.name}.{row.outputs.get(reference.attribute, reference.attribute)}}}"


def contenders(folder: Path, served: Served) -> tuple[Contender, Contender]:
    """Return twin and Terraform, both at the served twin."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    home = folder / ".twin"
    Workspace(home).save_served(served)
    command = [sys.executable, "-m", "twin.cli"]
    ours = {
        "apply": [*command, "apply", "spec.yaml"],
        "plan again": [*command, "plan", "spec.yaml", "--exit-code"],
        "destroy": [*command, "destroy", "spec.yaml"],
    }
    theirs = {
        "init": ["terraform", "init", "-no-color"],
        "apply": ["terraform", "apply", "-auto-approve", "-no-color"],
        "plan again": ["terraform", "plan", "-detailed-exitcode", "-no-color"],
        "destroy": ["terraform", "destroy", "-auto-approve", "-no-color"],
    }
    aws = {
        "AWS_ENDPOINT_URL": served.url, "AWS_ACCESS_KEY_ID": served.access_key_id,
        "AWS_SECRET_ACCESS_KEY": served.secret_access_key, "AWS_EC2_METADATA_DISABLED": "true",
        "TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "TF_IN_AUTOMATION": "1",
    }  # fmt: skip
    return Contender(folder, {**plain, "TWIN_HOME": str(home)}, ours), Contender(folder, {**plain, **aws}, theirs)


@contextmanager
def ground() -> Iterator[tuple[Counted, Served]]:
    """Serve an empty world."""
    world = World(1, WallClock(), accounts=(ACCOUNT,))
    counted = Counted(world)
    with serve(counted.handle) as server:
        yield (
            counted,
            Served(
                pid=os.getpid(),
                url=server.url,
                seed=1,
                account=ACCOUNT,
                region="us-east-1",
                **world.keys_told(),
                cloudflare_account=world.cloudflare.account_id,
            ),
        )
    world.close()


@dataclass(frozen=True)
class Figures:
    """What a part took: seconds from start to end, seconds of CPU of the client and of the server, and calls."""

    seconds: float
    client: float
    server: float
    calls: int

    @property
    def cpu(self) -> float:
        """The CPU of both ends."""
        return self.client + self.server


def compare(size: int, mix: str) -> list[dict[str, object]]:
    """Return a row for each part: what both took, and how many times as long Terraform takes."""
    desired = plain(size) if mix == "plain" else org(size, without=LEFT_OUT)
    told = [play(desired, who) for who in (0, 1)]
    rows: list[dict[str, object]] = []
    for part, goal in GOALS.items():
        mine, other = (figures[part] for figures in told)
        row: dict[str, object] = {"resources": size, "mix": mix, "what": part}
        for name, figures in (("twin", mine), ("terraform", other)):
            row |= {f"{name} s": round(figures.seconds, 1), f"{name} client CPU s": round(figures.client, 1)}
            row |= {f"{name} server CPU s": round(figures.server, 1), f"{name} calls": figures.calls}
        ratios = {"ratio": round(other.seconds / mine.seconds, 1), "CPU ratio": round(other.cpu / mine.cpu, 1)}
        rows.append({**row, **ratios, "goal": goal})
    return rows


def play(desired: Desired, who: int) -> dict[str, Figures]:
    """Let one of the two build, plan again and remove everything on an empty twin; the figures of each part."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, ground() as (counted, served):
        folder, told = Path(scratch), {}
        write(desired, folder)
        contender = contenders(folder, served)[who]
        if "init" in contender.parts:
            contender.run("init")
        for part in GOALS:
            took = [run(contender, part, counted) for _ in range(TIMES.get(part, 1))]
            told[part] = sorted(took, key=lambda figures: figures.seconds)[len(took) // 2]
    return told


def run(contender: Contender, part: str, counted: Counted) -> Figures:
    """Let a contender do a part once."""
    calls, server = counted.calls, cpu(resource.RUSAGE_SELF)
    seconds, client = contender.run(part)
    return Figures(seconds, client, cpu(resource.RUSAGE_SELF) - server, counted.calls - calls)
