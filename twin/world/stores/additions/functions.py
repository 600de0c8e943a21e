"""Lambda: who a permission is for, and functions by partial ARNs.

moto knows services as those who are permitted, and writes accounts and users down as nobody can read them.

https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html
"""

from typing import Any

from moto.awslambda.models import LambdaStorage
from moto.awslambda.policy import Policy

from twin.world.function_names import function_named
from twin.world.stores.additions import adds

ACCOUNT_DIGITS = 12
free_by_moto = LambdaStorage.get_function_by_name_forbid_qualifier
named_by_moto = LambdaStorage.get_function_by_name_with_qualifier
principal_by_moto = Policy.principal_formatter


@adds(Policy)
def principal_formatter(policy: Any, obj: Any) -> Any:
    """Return the principal of a statement: an account as its root, a user or role by its ARN."""
    told = str(obj)
    if told.isdigit() and len(told) == ACCOUNT_DIGITS:
        return {"AWS": f"arn:aws:iam::{told}:root"}
    return {"AWS": told} if told.startswith("arn:") else principal_by_moto(policy, obj)


@adds(LambdaStorage)
def get_function_by_name_forbid_qualifier(functions: Any, name: str) -> Any:
    """Return a function by its name or partial ARN, which has no qualifier."""
    return free_by_moto(functions, function_named(name)[1])


@adds(LambdaStorage)
def get_function_by_name_with_qualifier(functions: Any, name: str, qualifier: str | None = None) -> Any:
    """Return a function, or a version of it, by its name or partial ARN."""
    return named_by_moto(functions, function_named(name)[1], qualifier)
