"""What Lambda refuses about the role, the settings and the policy of a function.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from moto.core.utils import get_service_model

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.roles import may_be_assumed_by

SERVICE = "lambda.amazonaws.com"
BOUNDS = (("Timeout", 1, 900), ("MemorySize", 128, 10_240))


@refuses("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def role_trusts_lambda(asked: Asked) -> None:
    """A function's role exists and trusts Lambda."""
    role = asked.parameters.get("Role")
    if role is not None and not may_be_assumed_by(role, SERVICE):
        raise Refusal(
            "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
        )


@refuses("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def settings_of_a_function(asked: Asked) -> None:
    """A function has a runtime that Lambda knows, at most fifteen minutes, and memory within bounds."""
    given = asked.parameters
    known = get_service_model("lambda").shape_for("Runtime").enum
    runtime = given.get("Runtime")
    if runtime is not None and runtime not in known:
        raise Refusal(
            "InvalidParameterValueException",
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(known)}] or be a valid ARN",
        )
    for name, least, most in BOUNDS:
        value = given.get(name)
        if value is not None and not least <= int(value) <= most:
            bound = f"less than or equal to {most}" if int(value) > most else f"greater than or equal to {least}"
            raise Refusal(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy "
                f"constraint: Member must have value {bound}",
            )


@refuses("lambda", "AddPermission")
def statement_of_a_function(asked: Asked) -> None:
    """A statement's id is taken once."""
    name, wanted = str(asked.parameters.get("FunctionName", "")), asked.parameters.get("StatementId")
    bare = name.rpartition("function:")[2].partition(":")[0]
    kept = next((each for each in asked.state().list_functions() if each.function_name == bare), None)
    if kept is not None and any(each.get("Sid") == wanted for each in kept.policy.statements):
        raise Refusal(
            "ResourceConflictException",
            f"The statement id ({wanted}) provided already exists. Please provide a new statement id, or remove the "
            "existing statement.",
            409,
        )
