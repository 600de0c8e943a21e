"""What becomes of an instance when its lifecycle actions are over."""

from twin.world.behaviors import watches
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import find, finish, stamp
from twin.world.behaviors.auto_scaling_hooks import CONTINUE, LAUNCHING
from twin.world.behaviors.auto_scaling_members import enter_service, find_group, member, out_of_service, terminate
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.scene import Happening, Scene


@watches("autoscaling.lifecycle.completed")
def completed(scene: Scene, happening: Happening) -> None:
    """A launched instance enters service or, abandoned, is replaced; one that leaves is terminated either way."""
    facts = happening.facts
    where = {key: facts[key] for key in ("account", "region", "group")}
    group, instance = find_group(**where), facts["instance"]
    state, told = member(group, instance), {"instance_id": instance, "activity_id": facts["activity"]}
    if facts["transition"] != LAUNCHING:
        state.lifecycle_state = "Terminating:Proceed"
        out_of_service(scene, **where, **told)
    elif facts["result"] == CONTINUE:
        state.lifecycle_state = "Pending:Proceed"
        enter_service(scene, group, state, activity_id=facts["activity"], pace=AGAIN)
    else:
        activity = find(scene, group, facts["activity"])
        finish(scene, group, activity, status="Cancelled", message="The lifecycle action was abandoned.")
        why = "in response to a lifecycle action that was abandoned."
        cause = f"At {stamp(scene)} an instance was taken out of service {why}"
        terminate(scene, group, state, cause=cause, at_once=True)
        converge(scene, group, why="", pace=AGAIN)
