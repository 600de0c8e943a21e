"""What a pipeline's steps call besides twin: each really does what it says, on the world."""

import re
from urllib.parse import quote

from twin.scenario.delivery.workplace import Commands, StepFailed, Workplace, filled

command = Commands()


@command(r'pip install "[^"]*twin[^"]*"')
def install(_work: Workplace, _found: re.Match[str]) -> None:
    """Install twin: it is there."""


@command(r'curl -sSf -H "Authorization: Bearer \$\w+" "\$\w+&audience=(\S+)" \| jq -rj \.value > "(\S+)"')
def sign_on(work: Workplace, found: re.Match[str]) -> None:
    """Ask GitHub for an identity token."""
    if not work.lease.request_url:
        raise StepFailed("curl: (3) URL rejected: the job has no permission id-token: write")
    url = f"{work.lease.request_url}&audience={quote(found[1])}"
    work.files[filled(work, found[2])] = work.ask("GET", url, work.lease.request_token)["value"]


@command(r'echo "(\w+)=(.*)" >> "\$GITHUB_(ENV|OUTPUT)"')
def tell(work: Workplace, found: re.Match[str]) -> None:
    """Tell the steps, or the jobs, that come after."""
    value = filled(work, found[2])
    if found[3] == "ENV":
        work.env[found[1]] = value
    else:
        work.told.setdefault(work.step, {})[found[1]] = value


@command(r'test "(.+)" = "(.+)"')
def compare(work: Workplace, found: re.Match[str]) -> None:
    """Compare two texts."""
    if filled(work, found[1]) != filled(work, found[2]):
        raise StepFailed("the plan is another than the one that was approved")


@command(r'gh pr comment (\d+) --body-file "(\S+)"')
def comment(work: Workplace, found: re.Match[str]) -> None:
    """Write a file's text under a pull request."""
    at = f"https://api.github.com/repos/{work.lease.repository}/issues/{found[1]}/comments"
    work.ask("POST", at, work.env.get("GH_TOKEN", ""), {"body": work.files.get(filled(work, found[2]), "")})
