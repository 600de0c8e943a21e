"""The code and status with which a call is refused."""

import pytest
from botocore.exceptions import ClientError


def refusal(call, *args, **kwargs):
    """Return the code and status with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
