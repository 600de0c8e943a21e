"""Machines whose release crashes: each pulls its image again and again and writes debug logs, and more are started.

A registry keeps an image's layers in S3, so that they come through a gateway endpoint for S3 where the subnet's route
table has one, and through the NAT gateway of its default route where it has none:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process
from twin.semantics.pricing.bill import Used, bill
from twin.semantics.pricing.usage import Holding, Use, Where
from twin.world.metering.bills import used_by

GIGABYTE = 1024**3
MONTH = timedelta(days=30)
USAGES = {"nat": ("ec2-other", "NatGateway-Bytes"), "logs": ("cloudwatch", "DataProcessing-Bytes")}
Carried = Counter[tuple[str, str]]
"""Bytes by way (`nat`, `logs`) and resource."""


class Options(BaseModel):
    """What the machines are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str = Field(description="The name of their Auto Scaling group")
    log_group: str
    release: str = Field(description="The parameter that names the release which machines start")
    broken: str = Field(description="The release that crashes")
    level: str = Field(description="The parameter with the level of their logs")
    image_bytes: float = Field(gt=0)
    pulls_per_minute: float = Field(1.0, gt=0, description="How often a machine starts the broken release anew")
    debug_bytes: float = Field(gt=0, description="What a machine logs in a second at the level debug")
    sampling: float = Field(1.0, gt=0, le=1, description="The share of it that is kept")
    grows: int = Field(0, ge=0, description="How many machines scaling adds at each look while they crash")
    every: Period = 300.0


class CrashLoop:
    """Each look carries what the machines moved since the last; scaling never asks for more than the group's most."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.carried: Carried = Counter()
        self.pulls = self.most = 0
        self.stormed = self.projected = 0.0
        self.crashing = False

    def processes(self) -> Iterator[Process]:
        """Yield the looks, one after the other."""
        yield self._run()

    def _run(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            self._look()

    def _look(self) -> None:
        group = self._group()
        machines = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
        crashing = self._parameter(self.options.release) == self.options.broken
        if crashing != self.crashing:
            self.stage.journal.write(self.name, "crashes" if crashing else "runs", machines=len(machines))
            self.crashing = crashing
        carried: Carried = Counter()
        if crashing:
            self.stormed += self.options.every
            pulls = self.options.pulls_per_minute * self.options.every / 60
            self.pulls += round(pulls * len(machines))
            for gateway, count in self._gateways(machines).items():
                carried["nat", gateway] += round(count * pulls * self.options.image_bytes)
        if self._parameter(self.options.level) == "debug":
            written = len(machines) * self.options.debug_bytes * self.options.every * self.options.sampling
            carried["logs", self.options.log_group] += round(written)
        self._carry(carried)
        self.most = max(self.most, len(machines))
        self.projected = max(self.projected, self._month(carried))
        if crashing and self.options.grows and group["DesiredCapacity"] < group["MaxSize"]:
            wanted = min(group["DesiredCapacity"] + self.options.grows, group["MaxSize"])
            told = {"AutoScalingGroupName": self.options.group, "DesiredCapacity": wanted}
            self.stage.call("autoscaling:SetDesiredCapacity", told)

    def _group(self) -> Mapping[str, Any]:
        told = self.stage.call("autoscaling:DescribeAutoScalingGroups", {"AutoScalingGroupNames": [self.options.group]})
        found: Mapping[str, Any] = told["AutoScalingGroups"][0]
        return found

    def _parameter(self, name: str) -> str:
        return str(self.stage.call("ssm:GetParameter", {"Name": name})["Parameter"]["Value"])

    def _gateways(self, machines: list[Mapping[str, Any]]) -> Counter[str]:
        """Count the machines whose layers come through each NAT gateway; those with an endpoint for S3 are left out."""
        ids = [one["InstanceId"] for one in machines]
        if not ids:
            return Counter()
        told = self.stage.call("ec2:DescribeInstances", {"InstanceIds": ids})["Reservations"]
        subnets = Counter(one["SubnetId"] for row in told for one in row["Instances"])
        private = self._tables_to_s3()
        found: Counter[str] = Counter()
        for table in self.stage.call("ec2:DescribeRouteTables", {})["RouteTables"]:
            nat = next((one["NatGatewayId"] for one in table["Routes"] if one.get("NatGatewayId")), None)
            here = {one.get("SubnetId") for one in table["Associations"]} & subnets.keys()
            if nat is not None and table["RouteTableId"] not in private:
                found[nat] += sum(subnets[subnet] for subnet in here)
        return found

    def _tables_to_s3(self) -> set[str]:
        """Return the route tables that lead to S3 through a gateway endpoint."""
        endpoints = self.stage.call("ec2:DescribeVpcEndpoints", {})["VpcEndpoints"]
        kept = (one for one in endpoints if one["VpcEndpointType"] == "Gateway" and one["ServiceName"].endswith(".s3"))
        return {table for one in kept for table in one["RouteTableIds"]}

    def _carry(self, carried: Carried) -> None:
        world = self.stage.world
        for (way, resource), quantity in sorted(carried.items()):
            if quantity:
                self.carried[way, resource] += quantity
                place = {"account": world.accounts[0], "region": world.region, "resource": resource}
                world.scene.emit("traffic.carried", way=way, quantity=quantity, **place)

    def _month(self, carried: Carried) -> float:
        """Return what thirty days would cost in USD in which all goes on as in the look that ends now."""
        world, now = self.stage.world, self.stage.timeline.now()
        times = Decimal(str(MONTH.total_seconds() / self.options.every))
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        holdings = used_by(world.scene, world.accounts[0]).holdings
        held = [Holding(one.where, one.amount, start) for one in holdings if one.end is None]
        uses = [
            Use(Where(world.accounts[0], world.region, *USAGES[way], resource), times * quantity / GIGABYTE, start)
            for (way, resource), quantity in carried.items()
        ]
        return float(bill(Used(held, uses), world.scene.prices, start, end=start + MONTH).total)

    def figures(self) -> Mapping[str, Any]:
        """Tell how much was pulled and logged, how long the storm was, and what a month of its height would cost."""
        by_way = {way: sum(n for (one, _), n in self.carried.items() if one == way) / GIGABYTE for way in USAGES}
        return {
            "pulls": self.pulls,
            "nat_gigabytes": round(by_way["nat"], 3),
            "log_gigabytes": round(by_way["logs"], 3),
            "machines_most": self.most,
            "seconds": self.stormed,
            "projected": round(self.projected, 2),
            "crashing": self.crashing,
        }


ACTOR = CrashLoop
