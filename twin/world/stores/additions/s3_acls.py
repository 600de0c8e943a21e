"""S3: each account has a canonical id of its own, and a canned list keeps its name, for whom it means is the bucket's.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
"""

from functools import cache
from hashlib import sha256
from typing import Any

from moto.s3 import models, responses
from moto.s3.models import FakeGrant

# The one owner that moto knows, whatever the account.
OWNER: str = models.OWNER
canned_by_moto = models.get_canned_acl


@cache
def canonical_id(account: str) -> str:
    """Return the canonical user id of an account."""
    return sha256(f"canonical user of {account}".encode()).hexdigest()


def get_canned_acl(name: str) -> Any:
    """Return a canned list that knows its name."""
    made: Any = canned_by_moto(name)
    # S3 tells each permission as a grant of its own.
    made.grants = [FakeGrant(each.grantees, [one]) for each in made.grants for one in each.permissions]
    made.canned = name
    return made


vars(models)["get_canned_acl"] = vars(responses)["get_canned_acl"] = get_canned_acl
