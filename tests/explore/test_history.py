"""When two walks have sent the same to a world, and when they have not."""

import pytest

from twin.explore.history import BLOCKED, History
from twin.resources.call import aws, okta


def digest(*calls):
    """Return the name of some calls in their order."""
    history = History()
    for call in calls:
        history.add(call)
    return history.digest


def put(operation, bucket="lake", **params):
    """Return a call that sets a part of a bucket."""
    return aws("s3", operation, {"Bucket": bucket, **params})


MAKE, OTHER = put("CreateBucket"), put("CreateBucket", "sea")
VERSIONS, SEALED = put("PutBucketVersioning", Status="Enabled"), put("PutBucketEncryption", Rule="AES256")
CLOSED = put("PutPublicAccessBlock", PublicAccessBlockConfiguration=dict.fromkeys(BLOCKED, True))
OPEN = put("PutPublicAccessBlock", PublicAccessBlockConfiguration=dict.fromkeys(BLOCKED, False))

ONE, TWO = okta("PUT", "/a", {"x": 1}), okta("PUT", "/a", {"x": 2})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([MAKE, VERSIONS, SEALED], [MAKE, SEALED, VERSIONS], id="another-order"),
        pytest.param([MAKE, VERSIONS, VERSIONS, SEALED], [MAKE, VERSIONS, SEALED], id="twice"),
        pytest.param([MAKE, CLOSED], [MAKE], id="new-buckets-are-closed"),
    ],
)
def test_settings_count_once_and_in_any_order(one, other):
    """What a recovery sets again, or in the order of an update, leaves the same bucket."""
    assert digest(*one) == digest(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param([MAKE, OTHER], [OTHER, MAKE], id="makers-in-another-order"),
        pytest.param([MAKE, MAKE], [MAKE], id="made-twice"),
        pytest.param([OPEN, CLOSED], [CLOSED, OPEN], id="the-later-setting-counts"),
        pytest.param([MAKE, OPEN, CLOSED], [MAKE, OPEN], id="closed-again"),
        pytest.param([CLOSED], [], id="a-bucket-that-stood"),
        pytest.param([VERSIONS, MAKE], [MAKE, VERSIONS], id="set-before-it-is-made"),
        pytest.param([ONE, TWO], [TWO, ONE], id="one-path"),
    ],
)
def test_what_may_leave_another_world_has_another_name(one, other):
    """Only what is known to commute does."""
    assert digest(*one) != digest(*other)
