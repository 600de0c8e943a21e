"""What `twin env` tells each vendor's clients of the running twin."""

import subprocess
from dataclasses import replace

import pytest

from twin.cli.commands.env import SHELL, variables
from twin.engine.workspace import Served

TWIN = Served(
    pid=1, url="http://127.0.0.1:5000", seed=7, account="123456789012", region="us-east-1", access_key_id="AKIA",
    cloudflare_account="c", okta_url="https://twin.okta.com", secret_access_key="s", cloudflare_token="t",
    okta_token="o", auth0_client_id="a", auth0_client_secret="b", pagerduty_token="p", datadog_api_key="d",
    datadog_app_key="e", https_url="https://127.0.0.1:5001",
)  # fmt: skip


def test_auth0s_clients_are_told_a_host_that_speaks_https():
    """They know no plain addresses, so that without --https nothing is said of them."""
    told = variables(TWIN, https=True)
    assert (told["AUTH0_DOMAIN"], told["AUTH0_CLIENT_ID"], told["AUTH0_CLIENT_SECRET"]) == ("127.0.0.1:5001", "a", "b")
    assert told["OKTA_CLIENT_ORGURL"] == "https://127.0.0.1:5001"
    assert not [name for name in variables(TWIN) if name.startswith("AUTH0")]


def test_pagerdutys_key_is_told():
    """Its clients take a token; a twin that has none says nothing."""
    assert variables(TWIN)["PAGERDUTY_TOKEN"] == "p"
    assert "PAGERDUTY_TOKEN" not in variables(replace(TWIN, pagerduty_token=""))


def test_datadogs_keys_and_host_are_told():
    """Its clients take both keys; a twin of before says nothing."""
    told = variables(TWIN)
    assert (told["DD_API_KEY"], told["DD_APP_KEY"], told["DD_HOST"]) == ("d", "e", "http://127.0.0.1:5000")
    assert not [name for name in variables(replace(TWIN, datadog_api_key="")) if name.startswith("DD_")]


def test_githubs_token_is_told():
    """With the address of the API, which its clients take from GITHUB_API_URL; a twin that has none says nothing."""
    told = variables(replace(TWIN, github_token="g"))
    assert (told["GITHUB_TOKEN"], told["GITHUB_API_URL"]) == ("g", "http://127.0.0.1:5000")
    assert "GITHUB_TOKEN" not in variables(TWIN)


def test_secrets_of_the_twin_do_not_show_when_it_is_printed():
    """Its representation, which ends up in messages, holds none of them."""
    assert "auth0_client_secret" not in repr(TWIN)
    assert "okta_token" not in repr(TWIN)
    assert "pagerduty_token" not in repr(TWIN)
    assert "datadog" not in repr(TWIN)


@pytest.mark.parametrize(
    ("address", "told"), [("http://127.0.0.1:5000", ["--endpoint-url=http://127.0.0.1:5000"]), ("", [])]
)
def test_aws_in_the_shell_goes_to_the_twin_with_every_service(tmp_path, address, told):
    """AWS CLI 1 sends SQS and RDS to addresses of its own, whatever AWS_ENDPOINT_URL says; empty, it adds nothing."""
    tool = tmp_path / "aws"
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    tool.chmod(0o755)
    script = "\n".join(["set -e", *SHELL, 'aws sqs list-queues --queue-name-prefix "a b"'])
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "AWS_ENDPOINT_URL": address}
    done = subprocess.run(["/bin/sh", "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [*told, "sqs", "list-queues", "--queue-name-prefix", "a b"]
