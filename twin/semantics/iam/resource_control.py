"""What a resource control policy of a customer may hold besides what the language allows.

"RCP syntax": only RCPFullAWSAccess allows; an action names its service; there is no NotAction and no NotPrincipal.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from collections.abc import Iterator, Mapping
from typing import Any


def unfit(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one statement."""
    if statement.get("Effect") != "Deny":
        yield "an RCP denies; only AWS's own RCPFullAWSAccess allows"
    if statement.get("Principal") not in ("*", {"AWS": "*"}, {"AWS": ["*"]}):
        yield 'an RCP binds everybody: its Principal is "*"'
    for element in ("NotAction", "NotPrincipal"):
        if element in statement:
            yield f"an RCP knows no {element}"
    actions = statement.get("Action")
    if "*" in (actions if isinstance(actions, list) else [actions]):
        yield 'an action of an RCP names its service, as in "s3:*"'
