"""Organizations: the role by which the management account administers a new account may do everything there.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
"""

from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import FakeDelegatedAdministrator, OrganizationsBackend

from twin.world.stores.additions import adds
from twin.world.stores.managed_policies import seed_policy

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ROLE = "OrganizationAccountAccessRole"
# https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-securityhub.html
FakeDelegatedAdministrator.SUPPORTED_SERVICES.append("securityhub.amazonaws.com")
create_by_moto = OrganizationsBackend.create_account


@adds(OrganizationsBackend)
def create_account(backend: Any, **named: Any) -> Any:
    """Make an account, and give its role AWS's administrator policy."""
    status = create_by_moto(backend, **named)
    account = status["CreateAccountStatus"]["AccountId"]
    seed_policy(account, ADMINISTRATOR)
    iam_backends[account]["aws"].attach_role_policy(ADMINISTRATOR, named.get("RoleName") or ROLE)
    return status
