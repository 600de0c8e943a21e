"""Customer identity: the Cognito user pool of the org's customers, or their Auth0 tenant."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.customer_tenant import CustomerTenant
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Duration, Name, Text, Url
from twin.spec.suggest import suggestion

STANDARD_SCOPES = ("openid", "email", "phone", "profile", "aws.cognito.signin.user.admin")


class CustomerPasswords(Section):
    """Password policy for customers."""

    min_length: int = Field(default=12, ge=6, le=99)
    """The least number of characters."""
    symbols: bool = True
    """Whether a symbol is required."""
    digits: bool = True
    """Whether a digit is required."""


class CustomerClient(Section):
    """An application that customers sign in to."""

    callback_urls: tuple[Url, ...] = ()
    """Where sign-in may return to."""
    logout_urls: tuple[Url, ...] = ()
    """Where sign-out may return to."""
    flows: tuple[Literal["code", "implicit", "client_credentials"], ...] = ("code",)
    """OAuth flows that it may use."""
    scopes: tuple[Text, ...] = ("openid", "email")
    """Standard scopes, or `api/scope` of an API below."""
    secret: bool = False
    """Whether the client has a secret."""
    access_token: Duration = timedelta(hours=1)
    """How long an access token lasts."""
    refresh_token: Duration = timedelta(days=30)
    """How long a refresh token lasts."""

    def problems(self) -> Iterator[Problem]:
        """Refuse flows that cannot work."""
        if "client_credentials" in self.flows and (len(self.flows) > 1 or not self.secret):
            yield Problem("TW0214", ("flows",), "`client_credentials` stands alone and needs `secret: true`")
        if "client_credentials" not in self.flows and not self.callback_urls:
            yield Problem("TW0214", (), "sign-in needs `callback_urls`")


class CustomerApi(Section):
    """An API whose tokens the pool issues."""

    identifier: Text
    """The resource server's identifier, such as `https://api.example.com`."""
    scopes: dict[Text, Text] = Field(min_length=1)
    """Scopes and what each allows."""


class Customers(Section):
    """The user pool, which there is unless `auth0` stands here alone."""

    sign_in_with: Literal["email", "phone", "username"] = "email"
    """What customers sign in with."""
    mfa: Literal["off", "optional", "required"] = "optional"
    """Whether customers use a second factor (an authenticator app)."""
    passwords: CustomerPasswords = CustomerPasswords()
    """Password policy."""
    deletion_protection: bool = True
    """Whether the pool refuses to be deleted."""
    clients: dict[Name, CustomerClient] = Field(default_factory=dict)
    """Applications by name."""
    apis: dict[Name, CustomerApi] = Field(default_factory=dict)
    """APIs by name."""
    auth0: CustomerTenant | None = None
    """What the Auth0 tenant holds."""

    @property
    def pooled(self) -> bool:
        """Whether customers have a user pool of Cognito."""
        return self.auth0 is None or self.model_fields_set != {"auth0"}

    def problems(self) -> Iterator[Problem]:
        """Refuse scopes that no API declares."""
        known = [*STANDARD_SCOPES, *(f"{name}/{scope}" for name, api in self.apis.items() for scope in api.scopes)]
        for name, client in self.clients.items():
            for index, scope in enumerate(client.scopes):
                if scope not in known:
                    place = ("clients", name, "scopes", index)
                    yield Problem("TW0301", place, f"there is no scope named `{scope}`", suggestion(scope, known))
