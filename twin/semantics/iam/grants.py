"""A KMS grant: it allows its grantee some operations on one key, without the key's policy saying so.

From "Grants in AWS KMS" and the API reference of CreateGrant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam.case import Case
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.principals import Grade, Principals, compile_principals

_PREFIX = "kms:encryptioncontext:"
_OPERATIONS = frozenset(
    {
        "CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey",
        "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac",
        "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """A compiled grant on the key that a request is about."""

    grantee: Principals
    actions: frozenset[str]
    equals: Mapping[str, str] | None
    subset: Mapping[str, str] | None

    def grade(self, case: Case) -> Grade:
        """Return how directly the grant allows the request, NONE when it does not."""
        if case.action not in self.actions:
            return Grade.NONE
        grade = self.grantee.grade(case.caller, case.facts)
        if grade is Grade.NONE or (self.equals is None and self.subset is None):
            return grade
        given = {key.removeprefix(_PREFIX): v[0] for key, v in case.facts.items() if v and key.startswith(_PREFIX)}
        if self.equals is not None and given != self.equals:
            return Grade.NONE
        return Grade.NONE if self.subset is not None and not self.subset.items() <= given.items() else grade


def compile_grant(written: Any) -> Grant:
    """Compile a grant as ListGrants returns it: GranteePrincipal, Operations, Constraints."""
    if not isinstance(written, Mapping):
        raise PolicyError("a grant is an object")
    operations = written.get("Operations")
    if not isinstance(operations, list) or not operations or not _OPERATIONS.issuperset(map(str, operations)):
        raise PolicyError("a list of operations that grants support is wanted", "Operations")
    grantee = written.get("GranteePrincipal")
    if not isinstance(grantee, str):
        raise PolicyError("a principal is wanted", "GranteePrincipal")
    kind = "AWS" if grantee.startswith("arn:") else "Service"
    constraints = written.get("Constraints") or {}
    return Grant(
        compile_principals("GranteePrincipal", {kind: grantee}),
        frozenset(f"kms:{operation}".lower() for operation in operations),
        _context(constraints, "EncryptionContextEquals"),
        _context(constraints, "EncryptionContextSubset"),
    )


def _context(constraints: Mapping[str, Any], name: str) -> Mapping[str, str] | None:
    """Return the pairs of a constraint; keys in lower case, as those of the request are."""
    pairs = constraints.get(name)
    if pairs is None:
        return None
    if not isinstance(pairs, Mapping):
        raise PolicyError(f"{name} wants an object", "Constraints")
    return {str(key).lower(): str(value) for key, value in pairs.items()}
