"""The nested blocks and split resources of storage, balancers, scaling, databases and what watches an account."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.report.terraform.equal import Block, Blocks, Text, shapes
from twin.report.terraform.parts import Values, one, some


@shapes("aws.s3.bucket")
def bucket(own: Block, values: Values) -> Iterator[Block]:
    """Each part of a bucket is a resource of its own."""
    reference = f"${{aws.s3.bucket.{own.name}.id}}"
    if values.get("object_lock"):
        own.arguments["object_lock_enabled"] = True
    for name, arguments in _bucket_parts(values):
        yield Block(f"aws_s3_bucket_{name}", own.name, {"bucket": reference, **arguments})


def _bucket_parts(values: Values) -> Iterator[tuple[str, dict[str, Any]]]:
    if values.get("versioning") is not None:
        status = "Enabled" if values["versioning"] else "Suspended"
        yield "versioning", {"versioning_configuration": one(status=status)}
    if lock := values.get("object_lock"):
        retention = some(**{name: lock.get(name) for name in ("mode", "days", "years")})
        yield "object_lock_configuration", {"rule": one(default_retention=one(**retention))} if retention else {}
    if encryption := values.get("encryption"):
        how = one(sse_algorithm=encryption["algorithm"], kms_master_key_id=encryption.get("kms_key"))
        rule = one(bucket_key_enabled=encryption.get("bucket_key"), apply_server_side_encryption_by_default=how)
        yield "server_side_encryption_configuration", {"rule": rule}
    if values.get("public_access_block"):
        yield "public_access_block", dict(values["public_access_block"])
    if values.get("object_ownership"):
        yield "ownership_controls", {"rule": one(object_ownership=values["object_ownership"])}
    if values.get("policy"):
        yield "policy", {"policy": Text(values["policy"])}
    if logging := values.get("logging"):
        yield "logging", {"target_bucket": logging["bucket"], "target_prefix": logging["prefix"]}
    if values.get("lifecycle"):
        yield "lifecycle_configuration", {"rule": Blocks(_lifecycle(rule) for rule in values["lifecycle"])}
    if replication := values.get("replication"):
        rules = Blocks(_replication(rule) for rule in replication["rules"])
        yield "replication_configuration", {"role": replication["role"], "rule": rules}


def _lifecycle(rule: Values) -> dict[str, Any]:
    found = {"id": rule["id"], "status": _status(rule["enabled"]), "filter": one(prefix=rule.get("prefix") or "")}
    found["transition"] = Blocks(dict(move) for move in rule.get("transitions") or ())
    if rule.get("expiration_days"):
        found["expiration"] = one(days=rule["expiration_days"])
    if rule.get("noncurrent_days"):
        found["noncurrent_version_expiration"] = one(noncurrent_days=rule["noncurrent_days"])
    if rule.get("abort_uploads_days"):
        found["abort_incomplete_multipart_upload"] = one(days_after_initiation=rule["abort_uploads_days"])
    return found


def _replication(rule: Values) -> dict[str, Any]:
    target = some(bucket=rule["bucket"], storage_class=rule.get("storage_class"))
    found = some(id=rule["id"], priority=rule["priority"], status=_status(rule["enabled"]))
    found["filter"] = one(prefix=rule.get("prefix") or "")
    found["delete_marker_replication"] = one(status=_status(rule.get("delete_markers")))
    if rule.get("replica_kms_key"):
        target["encryption_configuration"] = one(replica_kms_key_id=rule["replica_kms_key"])
        objects = one(sse_kms_encrypted_objects=one(status="Enabled"))
        found["source_selection_criteria"] = objects
    return {**found, "destination": Blocks([target])}


def _status(enabled: object) -> str:
    return "Enabled" if enabled else "Disabled"


@shapes("aws.elbv2.load_balancer")
def load_balancer(own: Block, values: Values) -> Iterator[Block]:
    """Write the access logs as a block."""
    if logs := values.get("access_logs"):
        own.arguments["access_logs"] = one(bucket=logs["bucket"], prefix=logs.get("prefix"), enabled=True)
    yield from ()


HEALTH = {
    "health_protocol": "protocol", "health_port": "port", "health_path": "path", "health_interval": "interval",
    "health_timeout": "timeout", "healthy_threshold": "healthy_threshold",
    "unhealthy_threshold": "unhealthy_threshold", "health_codes": "matcher",
}  # fmt: skip


@shapes("aws.elbv2.target_group")
def target_group(own: Block, values: Values) -> Iterator[Block]:
    """Write the health check as a block."""
    own.arguments["health_check"] = one(**{HEALTH[n]: v for n, v in values.items() if n in HEALTH})
    yield from ()


@shapes("aws.elbv2.listener")
def listener(own: Block, values: Values) -> Iterator[Block]:
    """Write what the listener does as a block."""
    if redirect := values.get("redirect"):
        code = "HTTP_301" if redirect["permanent"] else "HTTP_302"
        to = one(protocol=redirect["protocol"], port=redirect["port"], status_code=code)
        own.arguments["default_action"] = one(type="redirect", redirect=to)
    elif fixed := values.get("fixed_response"):
        answer = one(status_code=fixed["status"], content_type=fixed["content_type"], message_body=fixed["body"])
        own.arguments["default_action"] = one(type="fixed-response", fixed_response=answer)
    else:
        own.arguments["default_action"] = one(type="forward", target_group_arn=values.get("target_group"))
    yield from ()


@shapes("aws.acm.certificate")
def certificate(own: Block, _: Values) -> Iterator[Block]:
    """Certificates are proved by DNS."""
    own.arguments["validation_method"] = "DNS"
    yield from ()


@shapes("aws.rds.cluster")
def database_cluster(own: Block, values: Values) -> Iterator[Block]:
    """Aurora's standard storage has no name at the provider, and the password is kept as an instance's is."""
    if values.get("storage_type") == "aurora":
        own.arguments["storage_type"] = ""
    if not values.get("global_cluster"):
        yield from database(own, values)


@shapes("aws.rds.instance")
def database(own: Block, values: Values) -> Iterator[Block]:
    """Without a password of the spec's, RDS keeps one itself."""
    if not values.get("password"):
        own.arguments["manage_master_user_password"] = True
    yield from ()


@shapes("aws.cloudtrail.trail")
def trail(own: Block, values: Values) -> Iterator[Block]:
    """Write the selectors as blocks."""
    selectors = values.get("selectors") or ()
    own.arguments["event_selector"] = Blocks(
        {
            "read_write_type": selector["read_write"],
            "include_management_events": selector["management"],
            "data_resource": Blocks(dict(data) for data in selector["data"]),
        }
        for selector in selectors
    )
    yield from ()


@shapes("aws.config.recorder")
def recorder(own: Block, values: Values) -> Iterator[Block]:
    """Write what is recorded as a block."""
    types = values.get("resource_types")
    own.arguments["recording_group"] = one(
        all_supported=not types, include_global_resource_types=values.get("global_types"), resource_types=types or None
    )
    yield from ()


@shapes("aws.config.delivery_channel")
def delivery_channel(own: Block, values: Values) -> Iterator[Block]:
    """Whether the recorder runs is a resource of its own."""
    if values.get("snapshots"):
        own.arguments["snapshot_delivery_properties"] = one(delivery_frequency=values["snapshots"])
    status = {"name": values["recorder"], "is_enabled": bool(values.get("recording"))}
    yield Block("aws_config_configuration_recorder_status", own.name, status)


@shapes("aws.config.rule")
def config_rule(own: Block, values: Values) -> Iterator[Block]:
    """Write the rule's source and its scope as blocks."""
    own.arguments["source"] = one(owner="AWS", source_identifier=values["identifier"])
    if values.get("resource_types"):
        own.arguments["scope"] = one(compliance_resource_types=values["resource_types"])
    yield from ()


@shapes("aws.backup.plan")
def backup_plan(own: Block, values: Values) -> Iterator[Block]:
    """Write the rules as blocks."""
    own.arguments["rule"] = Blocks(_backup_rule(rule) for rule in values["rules"])
    yield from ()


def _backup_rule(rule: Values) -> dict[str, Any]:
    found = some(
        rule_name=rule["name"], target_vault_name=rule["vault"], schedule=rule["schedule"],
        schedule_expression_timezone=rule.get("timezone"), start_window=rule.get("start_window"),
        completion_window=rule.get("completion_window"), enable_continuous_backup=rule.get("continuous"),
    )  # fmt: skip
    lives = _lives(rule)
    copies = Blocks(
        {"destination_vault_arn": copy["vault_arn"], **({"lifecycle": Blocks([age])} if (age := _lives(copy)) else {})}
        for copy in rule.get("copies") or ()
    )
    return {**found, **({"lifecycle": Blocks([lives])} if lives else {}), "copy_action": copies}


def _lives(rule: Values) -> dict[str, Any]:
    return some(cold_storage_after=rule.get("cold_after_days"), delete_after=rule.get("delete_after_days"))


@shapes("aws.budgets.budget")
def budget(own: Block, values: Values) -> Iterator[Block]:
    """Write the amount as text, as the provider does, and the notifications as blocks."""
    own.arguments["limit_amount"] = f"{values['amount']:g}"
    counted: Mapping[str, list[str]] = values.get("filters") or {}
    own.arguments["cost_filter"] = Blocks({"name": name, "values": wanted} for name, wanted in counted.items())
    own.arguments["notification"] = Blocks(
        {
            "notification_type": told["kind"],
            "comparison_operator": told["comparison"],
            "threshold": told["threshold"],
            "threshold_type": told["threshold_type"],
            "subscriber_email_addresses": told["emails"],
            "subscriber_sns_topic_arns": told["topics"],
        }
        for told in values.get("notifications") or ()
    )
    yield from ()


PASSWORDS = {
    "minimum_length": "minimum_length", "uppercase": "require_uppercase", "lowercase": "require_lowercase",
    "numbers": "require_numbers", "symbols": "require_symbols", "temporary_days": "temporary_password_validity_days",
}  # fmt: skip


@shapes("aws.cognito.user_pool")
def user_pool(own: Block, values: Values) -> Iterator[Block]:
    """Write the password policy and who signs people up as blocks."""
    own.arguments["deletion_protection"] = "ACTIVE" if values.get("deletion_protection") else "INACTIVE"
    if policy := values.get("password_policy"):
        own.arguments["password_policy"] = one(**{PASSWORDS[n]: v for n, v in policy.items()})
    own.arguments["admin_create_user_config"] = one(allow_admin_create_user_only=not values.get("sign_up", True))
    yield from ()


@shapes("aws.cognito.client")
def app_client(own: Block, values: Values) -> Iterator[Block]:
    """Say in which units tokens live."""
    own.arguments["allowed_oauth_flows_user_pool_client"] = bool(values.get("oauth_flows"))
    hidden = values.get("hide_unknown_users", True)
    own.arguments["prevent_user_existence_errors"] = "ENABLED" if hidden else "LEGACY"
    units = {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
    own.arguments["token_validity_units"] = one(**units)
    yield from ()


@shapes("aws.cognito.resource_server")
def resource_server(own: Block, values: Values) -> Iterator[Block]:
    """Write the scopes as blocks."""
    scopes: Mapping[str, str] = values.get("scopes") or {}
    own.arguments["scope"] = Blocks({"scope_name": n, "scope_description": text} for n, text in scopes.items())
    yield from ()


@shapes("aws.route53.record")
def record(own: Block, values: Values) -> Iterator[Block]:
    """Write where an alias points, and how answers are chosen, as blocks."""
    if alias := values.get("alias"):
        health = bool(alias.get("evaluate_health"))
        own.arguments["alias"] = one(name=alias["name"], zone_id=alias["zone"], evaluate_target_health=health)
    if values.get("weight") is not None:
        own.arguments["weighted_routing_policy"] = one(weight=values["weight"])
    if values.get("failover"):
        own.arguments["failover_routing_policy"] = one(type=values["failover"])
    if values.get("latency_region"):
        own.arguments["latency_routing_policy"] = one(region=values["latency_region"])
    yield from ()


@shapes("aws.autoscaling.policy")
def scaling_policy(own: Block, values: Values) -> Iterator[Block]:
    """Write what is tracked, or the steps, as blocks."""
    own.arguments["policy_type"] = "StepScaling" if values.get("target") is None else "TargetTrackingScaling"
    if steps := values.get("steps"):
        own.arguments["step_adjustment"] = Blocks(
            some(metric_interval_lower_bound=step["low"], metric_interval_upper_bound=step["high"],
                 scaling_adjustment=step["change"])
            for step in steps
        )  # fmt: skip
    if values.get("target") is not None:
        tracked = some(target_value=values["target"], disable_scale_in=values.get("scale_in") is False)
        if metric := values.get("metric"):
            named = Blocks({"name": key, "value": value} for key, value in sorted(metric["dimensions"].items()))
            tracked["customized_metric_specification"] = one(
                namespace=metric["namespace"], metric_name=metric["name"], statistic=metric["statistic"],
                unit=metric["unit"], metric_dimension=named,
            )  # fmt: skip
        if values.get("predefined"):
            kind, label = values["predefined"], values.get("resource_label")
            tracked["predefined_metric_specification"] = one(predefined_metric_type=kind, resource_label=label)
        own.arguments["target_tracking_configuration"] = one(**tracked)
    yield from ()
