"""People who plan, rehearse and approve with keys of their own, from a folder, with the credentials of an account."""

import io
import os
import shutil
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from twin.attestation.envelope import public_text
from twin.attestation.signing import signing_key
from twin.cli import run

HERE = Path(__file__).parent
CLEARED = ("AWS_", "CLOUDFLARE_", "OKTA_", "LOCALSTACK_", "TWIN_", "REQUESTS_")
PEOPLE = ("ana", "ben")


class Desk:
    """A folder with the org's spec, from which people go to the accounts."""

    def __init__(self, folder: Path, accounts: dict) -> None:
        self.folder, self.accounts = folder, accounts
        self.keys = {name: signing_key(folder, {"XDG_DATA_HOME": str(folder / name)}) for name in PEOPLE}
        self.people = "{" + ", ".join(f"{n}: {public_text(k.public_key())}" for n, k in self.keys.items()) + "}"
        (folder / "scenarios").mkdir()
        shutil.copy(HERE / "p1.yaml", folder / "scenarios")
        self.write()

    def write(self, change=lambda text: text) -> None:
        """Write the spec, changed."""
        text = (HERE / "shop_org.yaml").read_text().replace("PEOPLE", self.people)
        (self.folder / "org.yaml").write_text(change(text))

    def __call__(self, *arguments, at=None, by="ana", **environ) -> tuple[int, str, str]:
        """Run a command with the credentials of an account and the key of a person; code, stdout, stderr."""
        out, err = io.StringIO(), io.StringIO()
        more = {**(self.accounts[at].environ if at else {}), "TWIN_HOME": str(self.folder / "home"), **environ}
        more["TWIN_SIGNING_KEY"] = str(self.folder / by / "twin" / "signing.pem")
        with environment(self.folder, more), redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
        return code, out.getvalue(), err.getvalue()

    def good(self, *arguments, **options) -> str:
        """Run a command that must succeed; returns stdout."""
        code, out, err = self(*arguments, **options)
        assert code == 0, out + err
        return out

    def plan(self, environment, file="plan.json") -> Path:
        """Save a live plan of an environment."""
        self.good("plan", "org.yaml", "-e", environment, "--live", "-o", file, at=environment)
        return self.folder / file


@contextmanager
def environment(folder, values):
    """Be in a folder with these variables, and nothing else of the tester's that means an account."""
    kept, here = dict(os.environ), Path.cwd()
    for name in list(os.environ):
        if name.startswith(CLEARED):
            del os.environ[name]
    os.environ.update(values, AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull)
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(kept)
