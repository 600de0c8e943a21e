"""AWS Backup selections: what a plan backs up."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.backup import GONE
from twin.resources.aws.limits import matches
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.tags import owned_tags, sought
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class Selection(Resource):
    """Resources, by ARN or by tag, that a plan backs up; AWS Backup has no way to change one."""

    TYPE: ClassVar[str] = "aws.backup.selection"
    KEY: ClassVar[tuple[str, ...]] = ("plan", "name")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    plan: Annotated[str, RefTo("aws.backup.plan"), IMMUTABLE] = Field(description="Id of the plan")
    name: Annotated[str, IMMUTABLE]
    role: Annotated[str, RefTo("aws.iam.role"), IMMUTABLE] = Field(description="ARN of the role that backs up")
    resources: Annotated[list[str], UNORDERED, IMMUTABLE] = Field(default_factory=list, description="ARNs or patterns")
    with_tags: Annotated[dict[str, str], IMMUTABLE] = Field(
        default_factory=dict, description="Resources that carry any of these tags"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the selections of our plans; those of other plans are theirs."""
        plans = (yield aws("backup", "ListBackupPlans", pages=True))["BackupPlansList"]
        ours = {arn.rsplit(":", 1)[1] for arn in (yield from owned_tags(scope)) if ":backup-plan:" in arn}
        ours |= {id_.partition("/")[0] for id_ in sought(wanted)}
        found = []
        for id_ in sorted(ours & {plan["BackupPlanId"] for plan in plans if "DeletionDate" not in plan}):
            reply = yield aws("backup", "ListBackupSelections", {"BackupPlanId": id_}, pages=True)
            for item in reply.get("BackupSelectionsList") or ():
                params = {"BackupPlanId": id_, "SelectionId": item["SelectionId"]}
                selection = yield aws("backup", "GetBackupSelection", params, absent=GONE)
                if selection is not None:
                    found.append(_observed(selection))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the selection."""
        tags = [
            {"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value}
            for key, value in sorted(self.with_tags.items())
        ]
        selection = {
            "SelectionName": self.name,
            "IamRoleArn": self.role,
            **({"Resources": self.resources} if self.resources else {}),
            **({"ListOfTags": tags} if tags else {}),
        }
        params = {"BackupPlanId": self.plan, "BackupSelection": selection}
        reply = yield aws("backup", "CreateBackupSelection", params)
        return {"id": f"{self.plan}/{reply['SelectionId']}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Nothing of a selection changes in place."""
        yield from ()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the selection."""
        plan, _, selection = observed.id.partition("/")
        params = {"BackupPlanId": plan, "SelectionId": selection}
        yield aws("backup", "DeleteBackupSelection", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Something is selected, and AWS Backup may assume the role."""
        yield from matches("services", "backup.rule_name", self.name, "name")
        yield from untrusting(peers, self.role, "backup.amazonaws.com", "role")
        if not self.resources and not self.with_tags:
            yield Problem("TW0494", "the selection selects nothing", "resources", 'give ARNs, "*" or with_tags')


def _observed(reply: Mapping[str, Any]) -> Observed:
    item, plan = reply["BackupSelection"], reply["BackupPlanId"]
    id_ = f"{plan}/{reply['SelectionId']}"
    return Observed(
        id=id_,
        fields={
            "plan": plan,
            "name": item["SelectionName"],
            "role": item["IamRoleArn"],
            "resources": item.get("Resources") or [],
            "with_tags": {tag["ConditionKey"]: tag["ConditionValue"] for tag in item.get("ListOfTags") or ()},
        },
        outputs={"id": id_},
        member_of=("aws.backup.plan", plan),
    )
