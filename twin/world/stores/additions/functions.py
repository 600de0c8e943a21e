"""Lambda: who a permission is for; moto knows services, and writes accounts and users down as nobody can read them.

https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html
"""

from typing import Any

from moto.awslambda.policy import Policy

from twin.world.stores.additions import adds

ACCOUNT_DIGITS = 12
principal_by_moto = Policy.principal_formatter


@adds(Policy)
def principal_formatter(policy: Any, obj: Any) -> Any:
    """Return the principal of a statement: an account as its root, a user or role by its ARN."""
    told = str(obj)
    if told.isdigit() and len(told) == ACCOUNT_DIGITS:
        return {"AWS": f"arn:aws:iam::{told}:root"}
    return {"AWS": told} if told.startswith("arn:") else principal_by_moto(policy, obj)
