"""Three servers in processes of their own that behave as real accounts: late, throttled, slow to be consistent."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
import requests
from botocore.config import Config

SEEDS = {"dev": 31, "staging": 32, "prod": 33}
NUMBERS = {"dev": "100000000001", "staging": "100000000002", "prod": "100000000003"}
OKTA = {"dev": "https://dev-acme.okta.com", "staging": "https://staging-acme.okta.com", "prod": "https://acme.okta.com"}
FAULTS = (
    {"kind": "throttling", "with": {"rate": 5, "burst": 1}, "name": "busy"},
    {"kind": "latency", "with": {"seconds": 0.02, "share": 0.2}, "name": "far"},
    {"kind": "iam-propagation-delay", "with": {"seconds": 1}, "name": "later"},
)


@dataclass
class Account:
    """One server: its process, how its clients reach it, its way to be broken."""

    name: str
    process: subprocess.Popen
    served: dict

    @property
    def environ(self) -> dict[str, str]:
        """What a user of the account has in the environment: credentials, and the roots that vouch for the server."""
        url, bundle = self.served["https_url"], self.served["bundle_file"]
        return {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": self.served["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.served["secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CA_BUNDLE": bundle,
            "REQUESTS_CA_BUNDLE": bundle,
            "OKTA_CLIENT_ORGURL": url,
            "OKTA_CLIENT_TOKEN": self.served["okta_token"],
        }

    def client(self, service):
        """Return a client of the account's owner."""
        return boto3.client(
            service,
            endpoint_url=self.served["https_url"],
            region_name="us-east-1",
            verify=self.served["bundle_file"],
            config=Config(retries={"mode": "standard", "total_max_attempts": 30}),
            aws_access_key_id=self.served["access_key_id"],
            aws_secret_access_key=self.served["secret_access_key"],
        )

    def control(self, method, path, body=None):
        """Ask the server's control endpoint."""
        reply = requests.request(
            method,
            f"{self.served['url']}/_twin/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.served['control_token']}"},
            timeout=20,
        )
        assert reply.ok, reply.text
        return reply.json()

    def effects(self):
        """Return what came of each fault."""
        return {fault["id"]: fault["effects"]["total"] for fault in self.control("GET", "faults")["faults"]}


def start(folder: Path, *more: str, names=tuple(SEEDS), faults=FAULTS) -> dict[str, Account]:
    """Start the servers side by side, with more options, give each account its alias, and make it behave."""
    started = {name: _serve(folder, name, *more) for name in names}
    accounts = {}
    for name, process in started.items():
        while not process.stderr.readline().startswith("twin serves"):
            assert process.poll() is None, name
        account = Account(name, process, json.loads((folder / name / "served.json").read_text()))
        account.client("iam").create_account_alias(AccountAlias=f"acme-{name}")
        for fault in faults:
            account.control("POST", "faults", fault)
        accounts[name] = account
    return accounts


def _serve(folder: Path, name: str, *more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [
            sys.executable, "-m", "twin.cli", "serve", "--account", NUMBERS[name], "--seed", str(SEEDS[name]),
            "--okta-url", OKTA[name], "--provisioning", "real", *more,
        ],
        env={**os.environ, "TWIN_HOME": str(folder / name), "TWIN_CA_DIR": str(folder / "ca")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def end(accounts: dict[str, Account]) -> None:
    """End the servers."""
    for account in accounts.values():
        account.process.terminate()
    for account in accounts.values():
        account.process.communicate(timeout=20)
