"""What traffic carries shows in CloudWatch: bytes of NAT gateways and of log groups, told as it is carried.

https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
"""

from twin.world.behaviors import watches
from twin.world.behaviors.cloudwatch_metrics import Series, publish_metric
from twin.world.scene import Happening, Scene

METRICS = {
    "nat": ("AWS/NATGateway", "BytesInFromDestination", "NatGatewayId"),
    "logs": ("AWS/Logs", "IncomingBytes", "LogGroupName"),
}


@watches("traffic.carried")
def carried(scene: Scene, happening: Happening) -> None:
    """Tell the bytes of a way that CloudWatch has a metric of, where it is said through what they went."""
    told = happening.facts
    if told["way"] in METRICS and "resource" in told:
        namespace, metric, dimension = METRICS[told["way"]]
        place = (told["account"], told["region"], namespace, metric, ((dimension, told["resource"]),))
        publish_metric(scene, Series(*place), float(told["quantity"]), unit="Bytes")
