"""A creation that comes again with its client token is not carried out again, and is answered as it was.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from twin.wire import Response
from twin.world.aws_call import Call, Done
from twin.world.aws_errors import AwsError
from twin.world.scene import Scene

EC2, EKS, DYNAMODB = "ClientToken", "clientRequestToken", "ClientRequestToken"
TOKENED: Mapping[tuple[str, str], str] = {
    **{
        ("ec2", name): EC2
        for name in (
            "CopyImage", "CreateEgressOnlyInternetGateway", "CreateFleet", "CreateFlowLogs", "CreateLaunchTemplate",
            "CreateLaunchTemplateVersion", "CreateNatGateway", "CreateNetworkAcl", "CreateNetworkInterface",
            "CreateRouteTable", "CreateVolume", "CreateVpcEndpoint", "RunInstances",
        )
    },
    **{("eks", name): EKS for name in ("CreateAddon", "CreateCluster", "CreateFargateProfile", "CreateNodegroup")},
    ("dynamodb", "TransactWriteItems"): DYNAMODB,
}  # fmt: skip
KEPT = "client_tokens"
# Assumed: AWS tells only that a token of RunInstances outlives its instances by 24 hours at least, wherefore those end
# by their number alone. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Run_Instance_Idempotency.html
LASTS = timedelta(hours=24)
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
SHORTER = {"TransactWriteItems": timedelta(minutes=10)}
REFUSALS = {"ec2": "IdempotentParameterMismatch", "dynamodb": "IdempotentParameterMismatchException"}
MOST = 1000
Answered = tuple[str, dict[str, Any], datetime]
"""The digest of a request, its result and when it was answered."""
MISMATCH = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."


def answered_before(call: Call, scene: Scene) -> dict[str, Any] | None:
    """Return what the same request, one of TOKENED, was answered; raise AwsError for another one with its token."""
    key = _key(call)
    known = _kept(scene).get(key) if key is not None else None
    if known is None:
        return None
    digest, result, _ = known
    if digest != _digest(call):
        if call.service in REFUSALS:
            raise AwsError(REFUSALS[call.service], MISMATCH)
        # How EKS refuses it is not documented; that its names are taken is.
        return None
    return _as_they_stand(result) if call.operation == "RunInstances" else result


def keep_answer(call: Call, response: Response, scene: Scene) -> None:
    """Remember how a request with a token was answered, for as long as tokens last and among the latest."""
    key = _key(call)
    if key is None:
        return
    kept = _kept(scene)
    kept.pop(key, None)
    kept[key] = (_digest(call), Done(call, response).result, scene.now())
    if len(kept) > MOST:
        del kept[next(iter(kept))]


def _kept(scene: Scene) -> dict[tuple[str, ...], Answered]:
    """Return the tokens that still last, the oldest first."""
    kept: dict[tuple[str, ...], Answered] = scene.memory.setdefault(KEPT, {})
    now = scene.now()
    for key in [key for key, (_, _, at) in kept.items() if key[2] != "RunInstances" and at <= now - _lasts(key[2])]:
        del kept[key]
    return kept


def _lasts(operation: str) -> timedelta:
    return SHORTER.get(operation, LASTS)


def _key(call: Call) -> tuple[str, ...] | None:
    asked = call.parse()
    token = asked.get(TOKENED[call.service, call.operation])
    if not token or asked.get("DryRun"):
        return None
    return call.account, call.region, call.operation, str(token)


def _digest(call: Call) -> str:
    asked = {name: value for name, value in call.parse().items() if name not in (EC2, EKS, DYNAMODB)}
    return sha256(repr(sorted(asked.items())).encode()).hexdigest()


def _as_they_stand(result: dict[str, Any]) -> dict[str, Any]:
    """Return a reservation with its instances in their states of now."""
    from twin.world.behaviors.reachability import find_instance

    told = []
    for instance in result["Instances"]:
        found = find_instance(instance["InstanceId"])
        if found is None or found.state == "terminated":
            raise AwsError("IdempotentInstanceTerminated", f"The instance '{instance['InstanceId']}' is terminated.")
        told.append({**instance, "State": {"Code": found.state_code, "Name": found.state}})
    return {**result, "Instances": told}
