"""Termination protection that an instance is launched with holds until it is taken off."""

from refused import refusal


def test_protected_instance_is_terminated_after_its_protection(clients):
    """A launch with DisableApiTermination refuses the end; without protection, or after it, the end comes."""
    ec2 = clients("ec2")
    found = ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn2-ami-hvm-2.0*"]}])["Images"]
    launch = {"ImageId": found[0]["ImageId"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    free = ec2.run_instances(**launch)["Instances"][0]["InstanceId"]
    kept = ec2.run_instances(**launch, DisableApiTermination=True)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[free])
    assert refusal(ec2.terminate_instances, InstanceIds=[kept]) == ("OperationNotPermitted", 400)
    ec2.modify_instance_attribute(InstanceId=kept, DisableApiTermination={"Value": False})
    ended = ec2.terminate_instances(InstanceIds=[kept])["TerminatingInstances"][0]["CurrentState"]["Name"]
    assert ended in ("shutting-down", "terminated")
