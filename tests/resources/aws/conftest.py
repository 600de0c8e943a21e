"""Runs the verbs of AWS resource types against moto, without the gateway."""

from collections.abc import Iterator
from functools import cache
from typing import ClassVar

import pytest
from botocore.config import Config
from moto import mock_aws

import bench as shared
from twin.resources.aws.api import AwsSystem
from twin.resources.scope import Scope
from twin.world.stores.additions import install

ACCOUNT = "123456789012"
install()  # what moto lacks or does wrongly, as in the world


@cache
def system() -> AwsSystem:
    """One set of clients for all tests: they hold no state, and making them takes longer than most tests.

    Buckets are addressed by path, since the world's settings of moto take host names for hosts only.
    """
    made = AwsSystem(region="us-east-1", access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x")
    made.config = made.config.merge(Config(s3={"addressing_style": "path"}))
    return made


class Bench(shared.Bench):
    """One AWS account in moto; every call is first checked against botocore's model."""

    REPEATS_DELETION: ClassVar[bool] = False

    def __init__(self) -> None:
        self.aws = system()
        super().__init__(Scope(org="acme", environment="test", account=ACCOUNT, region="us-east-1"), aws=self.aws)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A fresh account."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield Bench()
