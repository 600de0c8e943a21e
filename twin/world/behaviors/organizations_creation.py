"""An organization of all features has service control policies in force from its beginning; other types are enabled.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html (read in botocore 1.44.5,
organizations CreateOrganization)
"""

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.scene import Scene

FROM_THE_BEGINNING = "SERVICE_CONTROL_POLICY"


@follows("organizations", "CreateOrganization")
def created(done: Done, scene: Scene) -> None:
    """Enable service control policies in the root of an organization that has all features."""
    state = done.state("organizations")
    if state.org.feature_set == "ALL":
        root = next(unit for unit in state.ou if unit.id == state.org.root_id)
        root.add_policy_type(FROM_THE_BEGINNING)
