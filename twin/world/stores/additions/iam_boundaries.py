"""Permissions boundaries: moto forgets a user's, and takes a role's from a policy that is not there.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.serialize import never_return
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, User
from moto.iam.responses import IamResponse

from twin.world.stores.additions import adds

create_user_by_moto = IamResponse.create_user
bound_role_by_moto = IAMBackend.put_role_permissions_boundary


def _boundary(user: Any) -> dict[str, str] | None:
    arn = vars(user).get("permissions_boundary_arn")
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None


# The serialiser reads it where it tells of a user.
users: Any = User
users.permissions_boundary = property(_boundary)
IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER["ListUsersResponse.Users.User.PermissionsBoundary"] = never_return


def _known(backend: Any, arn: str) -> str:
    if arn not in backend.managed_policies:
        raise NotFoundException(f"Policy {arn} does not exist or is not attachable.")
    return arn


@adds(IamResponse)
def create_user(response: Any) -> ActionResult:
    """Make a user, with the boundary that the call names."""
    arn = response._get_param("PermissionsBoundary")
    if arn:
        _known(response.backend, arn)
    made = create_user_by_moto(response)
    if arn:
        response.backend.get_user(response._get_param("UserName")).permissions_boundary_arn = arn
    return made


@adds(IamResponse)
def put_user_permissions_boundary(response: Any) -> EmptyResult:
    """Set a user's boundary."""
    user = response.backend.get_user(response._get_param("UserName"))
    user.permissions_boundary_arn = _known(response.backend, response._get_param("PermissionsBoundary"))
    return EmptyResult()


@adds(IamResponse)
def delete_user_permissions_boundary(response: Any) -> EmptyResult:
    """Take a user's boundary away."""
    user = response.backend.get_user(response._get_param("UserName"))
    if not getattr(user, "permissions_boundary_arn", None):
        raise NotFoundException(f"The user with name {user.name} does not have a permissions boundary.")
    user.permissions_boundary_arn = None
    return EmptyResult()


@adds(IAMBackend)
def put_role_permissions_boundary(backend: Any, role_name: str, permissions_boundary: str) -> None:
    """Set a role's boundary, which must be there."""
    bound_role_by_moto(backend, role_name, _known(backend, permissions_boundary))
