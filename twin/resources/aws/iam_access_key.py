"""Access keys of IAM users, whose secret goes straight into Secrets Manager."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE, entities
from twin.resources.aws.secretsmanager import all_secrets
from twin.resources.call import Steps, aws
from twin.resources.canonical import text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

VERSION = "twin-access-key-"
"""What the id of a secret's version begins with when it holds the key named after it (32 characters at least)."""


class AccessKey(Resource):
    """A user's access key; its two halves are stored as JSON in a secret and shown nowhere else.

    The secret's version is named after the key, so that ListSecrets tells which secret holds which key. A key that no
    secret's current version holds was made by others, or its creation was cut short.
    """

    TYPE: ClassVar[str] = "aws.iam.access_key"
    KEY: ClassVar[tuple[str, ...]] = ("user", "store")
    INCOMPLETE: ClassVar[Literal["update", "replace"]] = "replace"

    user: Annotated[str, RefTo("aws.iam.user"), IMMUTABLE] = Field(description="The user's name (id)")
    store: Annotated[str, RefTo("aws.secretsmanager.secret"), IMMUTABLE] = Field(
        description="ARN of the secret that takes access_key_id and secret_access_key"
    )
    status: Literal["Active", "Inactive"] = Field("Active", description="Whether requests signed with it are accepted")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the access keys of our users, one call per user, and where they are stored."""
        named = {key[0] for key in wanted.keys}
        users = yield from entities("User")
        ours = [u["UserName"] for u in users if u["UserName"] in named or scope.own(plain_tags(u.get("Tags")))]
        stores = (yield from _stores()) if ours else {}
        found = []
        for user in ours:
            reply = yield aws("iam", "ListAccessKeys", {"UserName": user}, pages=True, absent=GONE)
            for key in (reply or {}).get("AccessKeyMetadata") or ():
                id_ = key["AccessKeyId"]
                fields = {"user": user, "store": stores.get(id_), "status": key["Status"]}
                found.append(Observed(id_, fields, {"id": id_}, member_of=("aws.iam.user", user)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the key and store it."""
        reply = yield aws("iam", "CreateAccessKey", {"UserName": self.user})
        key = reply["AccessKey"]
        id_ = key["AccessKeyId"]
        yield aws(
            "secretsmanager",
            "PutSecretValue",
            {
                "SecretId": self.store,
                "SecretString": text({"access_key_id": id_, "secret_access_key": key["SecretAccessKey"]}),
                "ClientRequestToken": f"{VERSION}{id_}",
            },
        )
        if self.status == "Inactive":
            yield aws("iam", "UpdateAccessKey", {"UserName": self.user, "AccessKeyId": id_, "Status": self.status})
        return {"id": id_}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Activate or deactivate the key."""
        if "status" in changed:
            params = {"UserName": self.user, "AccessKeyId": observed.id, "Status": self.status}
            yield aws("iam", "UpdateAccessKey", params)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the key; what the secret holds dies with the secret."""
        params = {"UserName": observed.fields["user"], "AccessKeyId": observed.id}
        yield aws("iam", "DeleteAccessKey", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A user has at most two access keys, and a secret that another source fills cannot be a store."""
        same = sorted(a for a, r in peers.of(self.TYPE) if getattr(r, "user", None) == self.user)
        limit = facts("iam")["access_keys_per_user"]
        if len(same) > limit and address == same[limit]:
            yield Problem("TW0449", f"{len(same)} access keys of one user; the quota is {limit}", "user")
        store = peers.get(self.store)
        if store is not None and (getattr(store, "value", None) or getattr(store, "generate", None)):
            yield Problem(
                "TW0458", "the store has a value of its own", "store", "give the key a secret without value or generate"
            )


def _stores() -> Steps[dict[str, str]]:
    """Return the ARN of the secret whose current version holds a key, by the key's id."""
    secrets = yield from all_secrets()
    return {
        version.removeprefix(VERSION): secret["ARN"]
        for secret in secrets
        for version, stages in (secret.get("SecretVersionsToStages") or {}).items()
        if version.startswith(VERSION) and "AWSCURRENT" in stages and not secret.get("DeletedDate")
    }
