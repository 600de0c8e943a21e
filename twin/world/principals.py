"""Who makes a call: the keys of the world and the principals behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from twin.world.authorisation.session import Session

Kind = Literal["root", "user", "assumed-role", "federated-user", "session", "anonymous", "service"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key pair as a client holds it; `session_token` only for temporary ones."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(access_key_id={self.access_key_id!r})"

    def environment(self) -> Mapping[str, str]:
        """Return the environment variables by which AWS clients take these credentials."""
        pairs = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return pairs | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


@dataclass(frozen=True, slots=True)
class Principal:
    """The identity behind a call, as GetCallerIdentity tells it."""

    kind: Kind
    account: str
    arn: str
    user_id: str
    access_key_id: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """An access key that the world knows: its secret, its owner, whether it may be used.

    `issued` is the start of a session, `issuer` who asked for a federated user's, `session` how it was asked for.
    """

    credentials: Credentials
    principal: Principal
    active: bool = True
    expires: datetime | None = None
    issued: datetime | None = None
    issuer: Principal | None = None
    session: "Session | None" = None


def root_principal(account: str, access_key_id: str) -> Principal:
    """Return the root identity of an account, which the bootstrap administrator key belongs to."""
    return Principal("root", account, f"arn:aws:iam::{account}:root", account, access_key_id)


def anonymous_principal(account: str) -> Principal:
    """Return the identity of a call that AWS takes without a signature."""
    return Principal("anonymous", account, "*", "anonymous")


def service_principal(name: str, account: str) -> Principal:
    """Return the identity of a service of AWS (`autoscaling.amazonaws.com`) that acts in an account."""
    return Principal("service", account, name, name)
