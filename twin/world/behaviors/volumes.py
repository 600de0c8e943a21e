"""EBS: a volume whose key does not work is not attached; it stays available.

https://docs.aws.amazon.com/kms/latest/developerguide/unusable-kms-keys.html
"""

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.scene import Scene
from twin.world.stores.kms_keys import ENABLED, Where, find_key

PROVIDES = {"ebs-encryption": "a volume under a key that does not work cannot be attached"}


@follows("ec2", "AttachVolume")
def attach(done: Done, scene: Scene) -> None:
    """Undo an attachment for which EBS could not get the volume's data key."""
    call, asked = done.call, done.parameters
    state = scene.state("ec2", call.account, call.region)
    volume = state.volumes[asked["VolumeId"]]
    if not volume.encrypted or not volume.kms_key_id:
        return
    key = find_key(volume.kms_key_id, Where(call.account, call.region))
    if key is None or key.key_state != ENABLED:
        state.detach_volume(volume.id, asked["InstanceId"], asked.get("Device"))
        scene.emit("ec2.volume.refused", account=call.account, region=call.region, id=volume.id, because="its key")
