"""What Lambda refuses about the role of a function."""

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.roles import may_be_assumed_by

SERVICE = "lambda.amazonaws.com"


@refuses("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def role_trusts_lambda(asked: Asked) -> None:
    """A function's role exists and trusts Lambda."""
    role = asked.parameters.get("Role")
    if role is not None and not may_be_assumed_by(role, SERVICE):
        raise Refusal(
            "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
        )
