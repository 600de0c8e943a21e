"""The LocalStack that .ci/localstack starts; without LOCALSTACK_ENDPOINT every test here is skipped, saying so."""

import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "world"))

ENDPOINT = os.environ.get("LOCALSTACK_ENDPOINT")
WHY = "LOCALSTACK_ENDPOINT is not set: .ci/localstack starts a LocalStack and runs these tests"


@pytest.fixture
def endpoint():
    """The address of the running LocalStack."""
    if not ENDPOINT:
        pytest.skip(WHY)
    return ENDPOINT
