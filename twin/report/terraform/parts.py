"""What Terraform writes as nested blocks, or as resources of their own, beside the arguments that pass as they are."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.report.terraform.equal import Block, Blocks, Text, shapes

Values = Mapping[str, Any]


def some(**arguments: Any) -> dict[str, Any]:
    """Leave out what is not set."""
    return {name: value for name, value in arguments.items() if value is not None}


def one(**arguments: Any) -> Blocks:
    """Return a nested block that stands once."""
    return Blocks([some(**arguments)])


@shapes("aws.iam.attachment")
def attachment(own: Block, values: Values) -> Iterator[Block]:
    """Attach to a role, a user or a group, which are three types."""
    kind = next(name for name in ("role", "user", "group") if values.get(name))
    own.type = f"aws_iam_{kind}_policy_attachment"
    yield from ()


def _inline(kind: str, own: Block, values: Values) -> Iterator[Block]:
    for name, policy in (values.get("inline") or {}).items():
        reference = f"${{aws.iam.{kind}.{own.name}.id}}"
        yield Block(
            f"aws_iam_{kind}_policy", f"{own.name}-{name}", {"name": name, kind: reference, "policy": Text(policy)}
        )


@shapes("aws.iam.role")
def role(own: Block, values: Values) -> Iterator[Block]:
    """Give inline policies their own resources."""
    yield from _inline("role", own, values)


@shapes("aws.iam.group")
def group(own: Block, values: Values) -> Iterator[Block]:
    """Give inline policies their own resources."""
    yield from _inline("group", own, values)


@shapes("aws.iam.user")
def user(own: Block, values: Values) -> Iterator[Block]:
    """Give inline policies and memberships their own resources."""
    yield from _inline("user", own, values)
    if values.get("groups"):
        reference = f"${{aws.iam.user.{own.name}.id}}"
        yield Block("aws_iam_user_group_membership", own.name, {"user": reference, "groups": values["groups"]})


def _range(rule: Values) -> dict[str, Any]:
    protocol = {"all": "-1"}.get(rule["protocol"], rule["protocol"])
    low, high = rule.get("from_port"), rule.get("to_port")
    return {"protocol": protocol, "from_port": 0 if low is None else low, "to_port": 0 if high is None else high}


@shapes("aws.ec2.security_group")
def security_group(own: Block, values: Values) -> Iterator[Block]:
    """Write the rules into the group; Terraform takes away what EC2 lets out by itself."""
    for way in ("ingress", "egress"):
        if values.get(way) is not None:
            own.arguments[way] = Blocks(_rule(rule) for rule in values[way])
    yield from ()


def _rule(rule: Values) -> dict[str, Any]:
    peer = rule.get("group")
    return {
        **_range(rule),
        "description": rule.get("description") or "",
        "cidr_blocks": [rule["cidr"]] if rule.get("cidr") else [],
        "ipv6_cidr_blocks": [rule["ipv6_cidr"]] if rule.get("ipv6_cidr") else [],
        "prefix_list_ids": [rule["prefix_list"]] if rule.get("prefix_list") else [],
        "security_groups": [peer] if peer and peer != "self" else [],
        "self": peer == "self",
    }


@shapes("aws.ec2.network_acl")
def network_acl(own: Block, values: Values) -> Iterator[Block]:
    """Write the numbered entries into the list."""
    for way in ("ingress", "egress"):
        entries = values.get(way)
        if entries is not None:
            own.arguments[way] = Blocks(
                {
                    "rule_no": entry["number"],
                    "action": entry["action"],
                    **_range(entry),
                    **some(cidr_block=entry.get("cidr"), ipv6_cidr_block=entry.get("ipv6_cidr")),
                }
                for entry in entries
            )
    yield from ()


ROUTES = {
    "gateway": "gateway_id",
    "nat_gateway": "nat_gateway_id",
    "transit_gateway": "transit_gateway_id",
    "peering": "vpc_peering_connection_id",
    "interface": "network_interface_id",
}


@shapes("aws.ec2.route_table")
def route_table(own: Block, values: Values) -> Iterator[Block]:
    """Write the routes into the table; each subnet has an association."""
    own.arguments["route"] = Blocks(
        {"cidr_block": route["destination"], **{ROUTES[k]: v for k, v in route.items() if k in ROUTES and v}}
        for route in values.get("routes") or ()
    )
    for place, subnet in enumerate(values.get("subnets") or ()):
        table = f"${{aws.ec2.route_table.{own.name}.id}}"
        yield Block(
            "aws_route_table_association", f"{own.name}-{place}", {"route_table_id": table, "subnet_id": subnet}
        )


@shapes("aws.ec2.elastic_ip")
def elastic_ip(own: Block, _: Values) -> Iterator[Block]:
    """An address of a VPC."""
    own.arguments["domain"] = "vpc"
    yield from ()


@shapes("aws.ec2.flow_log")
def flow_log(own: Block, values: Values) -> Iterator[Block]:
    """Terraform names the destination by its ARN."""
    if values.get("log_group"):
        own.arguments["log_destination"] = values["log_group"].replace(".id}", ".arn}")
    elif values.get("bucket"):
        own.arguments["log_destination"] = values["bucket"].replace(".id}", ".arn}")
    yield from ()


@shapes("aws.ec2.launch_template")
def launch_template(own: Block, values: Values) -> Iterator[Block]:
    """Write the instance's metadata service, profile, volume and tags as blocks."""
    tokens = "required" if values.get("imds_v2") else "optional"
    own.arguments["metadata_options"] = one(http_endpoint="enabled", http_tokens=tokens)
    own.arguments["monitoring"] = one(enabled=bool(values.get("monitoring")))
    if values.get("instance_profile"):
        own.arguments["iam_instance_profile"] = one(arn=values["instance_profile"])
    if volume := values.get("volume"):
        ebs = one(
            volume_size=volume["size"], volume_type=volume["type"], encrypted=str(volume["encrypted"]).lower(),
            kms_key_id=volume.get("kms_key"),
        )  # fmt: skip
        own.arguments["block_device_mappings"] = one(device_name=volume["device"], ebs=ebs)
    if values.get("instance_tags"):
        own.arguments["tag_specifications"] = one(resource_type="instance", tags=values["instance_tags"])
    yield from ()


@shapes("aws.autoscaling.group")
def autoscaling_group(own: Block, values: Values) -> Iterator[Block]:
    """Write the template and the tags, which are handed on, as blocks."""
    own.arguments["launch_template"] = one(id=values["launch_template"], version="$Latest")
    tags = (values.get("tags") or {}).items()
    own.arguments["tag"] = Blocks({"key": k, "value": v, "propagate_at_launch": True} for k, v in tags)
    yield from ()


@shapes("aws.eks.cluster")
def cluster(own: Block, values: Values) -> Iterator[Block]:
    """Write the network and the encryption of secrets as blocks."""
    own.arguments["vpc_config"] = one(
        subnet_ids=values["subnets"], security_group_ids=values.get("security_groups"),
        endpoint_public_access=values.get("endpoint_public"), endpoint_private_access=values.get("endpoint_private"),
        public_access_cidrs=values.get("public_access_cidrs"),
    )  # fmt: skip
    if values.get("secrets_key"):
        provider = one(key_arn=values["secrets_key"])
        own.arguments["encryption_config"] = one(resources=["secrets"], provider=provider)
    if values.get("service_cidr"):
        own.arguments["kubernetes_network_config"] = one(service_ipv4_cidr=values["service_cidr"])
    yield from ()


@shapes("aws.eks.node_group")
def node_group(own: Block, values: Values) -> Iterator[Block]:
    """Write the sizes as a block."""
    sizes = {name: values.get(name) for name in ("min_size", "desired_size", "max_size")}
    own.arguments["scaling_config"] = one(**sizes)
    yield from ()


@shapes("aws.ecr.repository")
def repository(own: Block, values: Values) -> Iterator[Block]:
    """Write the scan and the encryption as blocks; the lifecycle is a resource of its own."""
    own.arguments["image_tag_mutability"] = "IMMUTABLE" if values.get("immutable_tags") else "MUTABLE"
    own.arguments["image_scanning_configuration"] = one(scan_on_push=bool(values.get("scan_on_push")))
    if values.get("kms_key"):
        own.arguments["encryption_configuration"] = one(encryption_type="KMS", kms_key=values["kms_key"])
    if values.get("lifecycle_policy"):
        reference = f"${{aws.ecr.repository.{own.name}.name}}"
        policy = Text(values["lifecycle_policy"])
        yield Block("aws_ecr_lifecycle_policy", own.name, {"repository": reference, "policy": policy})


@shapes("aws.dynamodb.table")
def table(own: Block, values: Values) -> Iterator[Block]:
    """Write keys, encryption, recovery and expiry as blocks."""
    own.arguments["attribute"] = Blocks({"name": k, "type": t} for k, t in (values.get("attributes") or {}).items())
    own.arguments["global_secondary_index"] = Blocks(
        {
            "name": name,
            "hash_key": index["hash_key"],
            "range_key": index.get("range_key"),
            "projection_type": index["projection"],
            "non_key_attributes": index.get("include") or None,
        }
        for name, index in (values.get("indexes") or {}).items()
    )
    if values.get("kms_key"):
        own.arguments["server_side_encryption"] = one(enabled=True, kms_key_arn=values["kms_key"])
    if values.get("point_in_time_recovery") is not None:
        own.arguments["point_in_time_recovery"] = one(enabled=values["point_in_time_recovery"])
    if values.get("ttl_attribute"):
        own.arguments["ttl"] = one(attribute_name=values["ttl_attribute"], enabled=True)
    yield from ()


@shapes("aws.sqs.queue")
def queue(own: Block, values: Values) -> Iterator[Block]:
    """Write the redrive policy as text."""
    if values.get("dead_letter_queue"):
        redrive = {"deadLetterTargetArn": values["dead_letter_queue"], "maxReceiveCount": values["max_receive_count"]}
        own.arguments["redrive_policy"] = Text(redrive)
    yield from ()


@shapes("aws.organizations.scp")
def scp(own: Block, values: Values) -> Iterator[Block]:
    """Attach the policy to each target."""
    yield from _control(own, values, ("SERVICE_CONTROL_POLICY", "scp"))


@shapes("aws.organizations.rcp")
def rcp(own: Block, values: Values) -> Iterator[Block]:
    """Attach the policy to each target."""
    yield from _control(own, values, ("RESOURCE_CONTROL_POLICY", "rcp"))


def _control(own: Block, values: Values, what: tuple[str, str]) -> Iterator[Block]:
    own.arguments["type"], kind = what
    for place, target in enumerate(values.get("targets") or ()):
        policy = f"${{aws.organizations.{kind}.{own.name}.id}}"
        yield Block(
            "aws_organizations_policy_attachment", f"{own.name}-{place}", {"policy_id": policy, "target_id": target}
        )


@shapes("aws.route53.zone")
def zone(own: Block, values: Values) -> Iterator[Block]:
    """A private zone names its networks."""
    if values.get("vpcs"):
        own.arguments["vpc"] = Blocks({"vpc_id": vpc} for vpc in values["vpcs"])
    yield from ()


@shapes("aws.events.rule")
def rule(own: Block, values: Values) -> Iterator[Block]:
    """Give each target its own resource."""
    own.arguments["state"] = "ENABLED" if values.get("enabled", True) else "DISABLED"
    for target in values.get("targets") or ():
        reference = f"${{aws.events.rule.{own.name}.id}}"
        wanted = some(rule=reference, target_id=target["id"], arn=target["arn"], role_arn=target.get("role"),
                      input=target.get("input"))  # fmt: skip
        yield Block("aws_cloudwatch_event_target", f"{own.name}-{target['id']}", wanted)


@shapes("aws.logs.metric_filter")
def metric_filter(own: Block, values: Values) -> Iterator[Block]:
    """Write what it counts as a block."""
    own.arguments["metric_transformation"] = one(
        name=values["metric"], namespace=values["namespace"], value=values.get("value"),
        default_value=values.get("default"),
    )  # fmt: skip
    yield from ()
