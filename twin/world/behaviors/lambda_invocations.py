"""Lambda: an invocation whose answer nobody awaits is recorded; the twin runs no function's code, so it makes up none.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene

UNANSWERED = {"Event": 202, "DryRun": 204}


@answers("lambda", "Invoke")
def invoked(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Take an invocation that nobody awaits, refuse another; that a function is not there the store says."""
    given, call = asked.parameters, asked.call
    name = str(given.get("FunctionName", "")).rpartition("function:")[2].partition(":")[0]
    if all(each.function_name != name for each in asked.state().list_functions()):
        return None
    kind = given.get("InvocationType") or "RequestResponse"
    if kind not in UNANSWERED:
        raise AwsError("TwinUnsupportedOperation", "The twin runs no function's code (lambda:Invoke).")
    if kind == "Event":
        scene.emit(
            "lambda.function.invoked", account=call.account, region=call.region, name=name, by=call.principal.arn
        )
    return {"StatusCode": UNANSWERED[kind]}
