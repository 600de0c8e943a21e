"""A stranger's path: an empty twin, and what any shell has builds an org on it; the authority behind its HTTPS."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
BEGIN = """
set -e
eval "$({bin}/twin env {options})"
case "$AWS_ENDPOINT_URL" in {scheme}://127.0.0.1:*) ;; *) exit 9 ;; esac
{bin}/aws s3 mb s3://{bucket}
"""
BUILD = """
vpc=$({bin}/aws ec2 create-vpc --cidr-block 10.30.0.0/16 --query Vpc.VpcId --output text)
{bin}/aws ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.30.1.0/24 --query Subnet.SubnetId --output text
echo hello | {bin}/aws s3 cp - s3://{bucket}/hello
{bin}/aws s3 cp s3://{bucket}/hello -
{bin}/python -c '
import os, sys, urllib.request
asked = urllib.request.Request(os.environ["CLOUDFLARE_BASE_URL"] + "/user/tokens/verify")
asked.add_header("Authorization", "Bearer " + os.environ["CLOUDFLARE_API_TOKEN"])
sys.stdout.write(urllib.request.urlopen(asked).read().decode())
'
"""


@pytest.fixture
def sh(shell):
    """Runs a script in a shell of the user's."""

    def run(script):
        return subprocess.run(
            ["/bin/sh", "-c", script], env=shell.environ, cwd=shell.folder, capture_output=True, text=True, timeout=120
        )

    return run


def test_a_shell_builds_an_org_on_an_empty_twin(shell, twin, sh):
    """`twin up`, `eval "$(twin env)"`, `aws ...`, over HTTP and over HTTPS into one world; `twin down` ends both."""
    code, out, err = shell("up")
    assert code == 0, err
    served = shell.served
    assert served["url"] in out
    assert served["https_url"] in out
    done = sh(BEGIN.format(bin=BIN, options="", scheme="http", bucket="plain"))
    assert done.returncode == 0, done.stderr
    done = sh((BEGIN + BUILD).format(bin=BIN, options="--https", scheme="https", bucket="secure"))
    assert done.returncode == 0, done.stderr
    assert "hello\n" in done.stdout
    assert '"status":"active"' in done.stdout.replace(" ", "")
    done = sh(f'eval "$({BIN}/twin env)" && {BIN}/aws s3api list-buckets --query "Buckets[].Name" --output json')
    assert json.loads(done.stdout) == ["plain", "secure"]
    assert twin("down")[0] == 0
    code, _, err = twin("env")
    assert (code, "no twin is running here" in err) == (2, True)


def test_an_authority_that_others_could_have_read_is_refused(shell, twin, home):
    """Exit code 2 and a sentence that says what to do, before anything is started; doing it helps."""
    assert shell("up")[0] == 0
    assert shell.served["ca_file"] == str(home / "ca" / "ca.pem")
    assert (home / "ca").stat().st_mode & 0o777 == 0o700
    assert (home / "ca" / "ca-key.pem").stat().st_mode & 0o777 == 0o600
    assert twin("down")[0] == 0
    (home / "ca" / "ca-key.pem").chmod(0o644)
    for command in (("up",), ("serve",)):
        code, _, err = twin(*command)
        assert (code, "can be read by others" in err, f"remove the folder {home / 'ca'}" in err) == (2, True, True), err
    assert not (shell.home / "served.json").exists()
    for file in (home / "ca").iterdir():
        file.unlink()
    (home / "ca").rmdir()
    assert shell("up")[0] == 0


def test_the_authority_lives_with_the_users_data(shell, tmp_path):
    """Without TWIN_CA_DIR it is below XDG_DATA_HOME, and below the home folder when that says nothing."""
    from twin.cli.certificates import authority_folder

    assert authority_folder({"TWIN_CA_DIR": "/somewhere", "XDG_DATA_HOME": "/data"}) == Path("/somewhere")
    assert authority_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/twin/ca")
    for environ in ({}, {"XDG_DATA_HOME": ""}, {"XDG_DATA_HOME": "relative"}):
        assert authority_folder(environ) == Path.home() / ".local" / "share" / "twin" / "ca"
