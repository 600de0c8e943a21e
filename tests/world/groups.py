"""A VPC over zones and an Auto Scaling group in it, as tests make them with boto3 alone."""

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


def network(clients, zones=ZONES):
    """Make a VPC with one subnet in each zone; returns the VPC's id and the subnets' ids by zone."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = {
        zone: ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(zones)
    }
    return vpc, subnets


def template(clients, name="web", **data):
    """Make a launch template."""
    ec2 = clients("ec2")
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["amazon-eks-node-linux"]}])
    wanted = {"ImageId": image["Images"][0]["ImageId"], "InstanceType": "t3.micro", **data}
    return ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=wanted)["LaunchTemplate"]


def group(clients, subnets, name="web", size=(1, 6, 3), **more):
    """Make a group over subnets; its sizes are least, most, desired."""
    least, most, wanted = size
    clients("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": name, "Version": "$Default"},
        MinSize=least,
        MaxSize=most,
        DesiredCapacity=wanted,
        VPCZoneIdentifier=",".join(subnets),
        **more,
    )


def told(clients, name="web"):
    """What DescribeAutoScalingGroups tells of a group."""
    [found] = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found


def spread(clients, name="web"):
    """The zones of a group's members, sorted."""
    return sorted(member["AvailabilityZone"] for member in told(clients, name)["Instances"])


def activities(clients, name="web"):
    """A group's activities, the first one first."""
    pages = clients("autoscaling").get_paginator("describe_scaling_activities").paginate(AutoScalingGroupName=name)
    latest_first = [activity for page in pages for activity in page["Activities"]]
    latest_first.reverse()
    return sorted(latest_first, key=lambda activity: activity["StartTime"])
