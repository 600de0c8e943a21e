"""A stranger's path: an empty twin, and Terraform with its AWS provider, unchanged, builds an org on it.

One run takes two minutes of waiting and half a minute of work: the provider sleeps a minute for a load balancer, a
minute for the end of a database and half a minute for each queue, whatever the twin answers meanwhile.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from failover_drill import drill
from served import Shell
from without_spec import verdicts

MIRROR = Path(os.environ.get("TWIN_TF_PLUGINS", "/opt/tf-plugins"))
TERRAFORM = shutil.which("terraform")
ORG = Path(__file__).parent / "terraform" / "org.tf"
INSTALLED = 'provider_installation {{ filesystem_mirror {{ path = "{}" }} }}\ndisable_checkpoint = true\n'

pytestmark = pytest.mark.skipif(
    TERRAFORM is None or not (MIRROR / "registry.terraform.io" / "hashicorp" / "aws").is_dir(),
    reason=f"needs terraform on the PATH and the AWS provider in {MIRROR} (or TWIN_TF_PLUGINS)",
)


class Terraform:
    """Runs Terraform in a folder, with what `twin env` printed and nothing else of the tester's."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder, self.environ = folder, environ

    def __call__(self, *words: str, seconds: int = 240) -> tuple[int, str]:
        done = subprocess.run(
            [TERRAFORM, *words], cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=seconds
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def terraform(home, shell: Shell):
    """Terraform at a twin that was started without a spec, over HTTPS."""
    code, _, err = shell("up", "--seed", "7")
    assert code == 0, err
    told = json.loads(shell("env", "--https", "--json")[1])["variables"]
    assert told["AWS_ENDPOINT_URL"].startswith("https://")
    folder = home / "org"
    folder.mkdir()
    for file in ORG.parent.glob("*.tf"):
        shutil.copy(file, folder)
    (folder / "cli.tfrc").write_text(INSTALLED.format(MIRROR))
    own = {"TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc"), "TF_IN_AUTOMATION": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    run = Terraform(folder, {"PATH": os.environ["PATH"], "HOME": str(home), **told, **own})
    code, said = run("init", "-no-color")
    assert code == 0, said
    yield run
    assert shell("down")[0] == 0


def test_terraform_builds_an_org_that_it_finds_again_and_removes(terraform, shell):
    """Apply, verdicts without a spec, a failover drill, nothing to change but what was changed, destroy."""
    code, said = terraform("apply", "-auto-approve", "-no-color")
    assert code == 0, said[-4000:]
    assert "51 added, 0 changed, 0 destroyed" in said
    verdicts(shell, terraform.folder)
    drill(shell, "main")
    org = terraform.folder / ORG.name
    org.write_text(org.read_text().replace("retention_in_days = 30", "retention_in_days = 60"))
    code, said = terraform("plan", "-detailed-exitcode", "-no-color")
    assert (code, "0 to add, 1 to change, 0 to destroy" in said) == (2, True), said[-4000:]
    code, said = terraform("destroy", "-auto-approve", "-no-color", "-refresh=false")
    assert code == 0, said[-4000:]
    assert "51 destroyed" in said
