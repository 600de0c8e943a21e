"""Every access key of the world: the bootstrap administrators', the users', the temporary ones."""

import string
from datetime import UTC, datetime
from typing import Any

from twin.clock import Clock
from twin.world.authorisation.session import Session
from twin.world.aws_call import Call
from twin.world.ids import Ids
from twin.world.principals import Credentials, Key, Principal, root_principal
from twin.world.sigv4 import Signature
from twin.world.stores.moto_store import backends

KEY_ALPHABET = string.ascii_uppercase + "234567"
SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"
LAST_USED_GLOBAL = {"iam", "route53", "cloudfront", "organizations", "budgets"}


class KeyRing:
    """Finds the owner of an access key; issues the temporary keys that the store does not."""

    def __init__(self, accounts: tuple[str, ...], *, seed: int | str, clock: Clock) -> None:
        self.accounts = accounts
        self.created = clock.now()
        self._clock = clock
        self._ids = Ids(f"sessions:{seed}")
        self._roots = {key.credentials.access_key_id: key for key in (_root_key(a, seed) for a in accounts)}
        self._sessions: dict[str, Key] = {}
        self._issued: dict[str, datetime] = {}

    def root(self, account: str) -> Credentials:
        """Return the bootstrap administrator's credentials of an account; KeyError when it is not of this world."""
        for key in self._roots.values():
            if key.principal.account == account:
                return key.credentials
        raise KeyError(f"account {account} is not of this world: {', '.join(self.accounts)}")

    def find(self, access_key_id: str) -> Key | None:
        """Find a key by its id, whether it may be used or not; None when the world never issued it."""
        known = self._roots.get(access_key_id) or self._sessions.get(access_key_id)
        if known is not None:
            return known
        for account in (*self.accounts, *(a for a in backends("iam") if a not in self.accounts)):
            found = self._in_account(account, access_key_id)
            if found is not None:
                return found
        return None

    def _in_account(self, account: str, access_key_id: str) -> Key | None:
        state = backends("iam")[account]["aws"]
        if access_key_id.startswith("AKIA"):
            kept = state.access_keys.get(access_key_id)
            return _user_key(state, kept, account) if kept is not None else None
        if access_key_id not in state.access_keys:
            return None
        for role in reversed(backends("sts")[account]["aws"].assumed_roles):
            if role.access_key_id == access_key_id:
                # A session never changes, so it is looked up once.
                self._sessions[access_key_id] = key = _role_key(role, self._issued.get(role.session_token))
                return key
        return None

    def now(self) -> datetime:
        """Return the world's instant."""
        return self._clock.now()

    def issue(
        self, principal: Principal, seconds: int, *, issuer: Principal | None = None, session: Session | None = None
    ) -> Key:
        """Issue temporary credentials for a principal; a federated user's are issued by another."""
        credentials = Credentials(
            "ASIA" + self._ids.word(16, KEY_ALPHABET), self._ids.word(40, SECRET_ALPHABET), self.session_token()
        )
        expires = datetime.fromtimestamp(int(self._clock.now().timestamp()) + seconds, UTC)
        key = Key(credentials, principal, expires=expires, issued=self._clock.now(), issuer=issuer, session=session)
        self._sessions[credentials.access_key_id] = key
        return key

    def session_token(self) -> str:
        """Return a new session token, from the seed; the store asks for one when it starts a role's session."""
        token = "FwoGZXIvYXdzE" + self._ids.word(343, SECRET_ALPHABET)
        self._issued[token] = self._clock.now()
        return token

    def mark_used(self, call: Call, signature: Signature) -> None:
        """Note on a user's key when, for which service and in which Region it was used last."""
        from moto.iam.models import AccessKeyLastUsed

        kept = backends("iam")[call.account]["aws"].access_keys.get(signature.access_key_id)
        if kept is not None:
            region = "us-east-1" if signature.service in LAST_USED_GLOBAL else signature.region
            now = self._clock.now().replace(tzinfo=None, microsecond=0)
            kept.last_used = AccessKeyLastUsed(timestamp=now, service=signature.service, region=region)


def _root_key(account: str, seed: int | str) -> Key:
    ids = Ids(f"root:{seed}:{account}")
    credentials = Credentials("AKIA" + ids.word(16, KEY_ALPHABET), ids.word(40, SECRET_ALPHABET))
    return Key(credentials, root_principal(account, credentials.access_key_id))


def _user_key(state: Any, kept: Any, account: str) -> Key | None:
    owner = state.users.get(kept.user_name)
    if owner is None or kept not in owner.access_keys:
        owner = state.get_user_from_access_key_id(kept.access_key_id)
    if owner is None:
        return None
    principal = Principal("user", account, owner.arn, owner.id, kept.access_key_id)
    return Key(Credentials(kept.access_key_id, kept.secret_access_key), principal, active=kept.status == "Active")


def _role_key(role: Any, issued: datetime | None) -> Key:
    credentials = Credentials(role.access_key_id, role.secret_access_key, role.session_token)
    principal = Principal("assumed-role", role.account_id, role.arn, role.user_id, role.access_key_id)
    expires = role.expiration.replace(tzinfo=UTC)
    return Key(credentials, principal, expires=expires, issued=issued, session=getattr(role, "session", None))
