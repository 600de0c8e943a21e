"""Who signs up at GitHub, and the tokens that they make in its pages, which its API has no calls for."""

import string
from collections.abc import Mapping
from datetime import timedelta

from twin.world.saas.github.state import Account, Hub, Token

WORD = string.ascii_letters + string.digits
PERMISSIONS = (
    "actions", "administration", "checks", "contents", "deployments", "environments", "issues", "members", "metadata",
    "organization_administration", "pull_requests", "repository_hooks", "secrets", "statuses", "variables", "workflows",
)  # fmt: skip
EVERYTHING = dict.fromkeys(PERMISSIONS, "write")


def sign_up(hub: Hub, login: str, *, kind: str = "User", owner: str = "") -> Account:
    """Make an account; an organisation has an owner."""
    if login.lower() in hub.accounts:
        raise ValueError(f"{login} is taken")
    mail = f"{login.lower()}@users.noreply.github.com"
    account = Account(hub.new_id(), login, kind, hub.instant(), login, mail)
    if owner:
        account.members[owner.lower()] = "admin"
    hub.accounts[login.lower()] = account
    return account


def join(hub: Hub, organisation: str, login: str, standing: str = "member") -> None:
    """Have a person accept an organisation's invitation."""
    hub.account(organisation).members[hub.account(login).login.lower()] = standing
    hub.note("org.add_member", login, org=organisation, user=login)


def mint(hub: Hub, login: str, owner: str, permissions: Mapping[str, str] = EVERYTHING, *,
         repositories: tuple[str, ...] | None = None, lasts: timedelta | None = None,
         name: str = "token") -> str:  # fmt: skip
    """Make a token of a person and return its secret: fine-grained for an owner's repositories, without one a classic.

    Fine-grained tokens reach no repository of anybody else, so a stranger's pull request needs a classic one.
    """
    unknown = set(permissions) - set(PERMISSIONS)
    if unknown:
        raise ValueError(f"GitHub has no permission {', '.join(sorted(unknown))}")
    if not owner:
        return place(hub, f"ghp_{hub.ids.word(36, WORD)}", login, "", permissions, lasts=lasts, name=name)
    secret = f"github_pat_{hub.ids.word(22, WORD)}_{hub.ids.word(59, WORD)}"
    return place(hub, secret, login, owner, permissions, repositories=repositories, lasts=lasts, name=name)


def place(hub: Hub, secret: str, login: str, owner: str, permissions: Mapping[str, str], *,
          repositories: tuple[str, ...] | None = None, lasts: timedelta | None = None,
         name: str = "token") -> str:  # fmt: skip
    """Make a token whose secret is given."""
    ends = hub.instant() + lasts if lasts is not None else None
    held = dict(permissions)
    hub.tokens[secret] = Token(str(hub.new_id()), name, login, owner, held, repositories, None, ends)
    return secret
