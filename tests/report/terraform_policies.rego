package main

import rego.v1

# common shapes: tfplan/v2 via conftest
resources contains r if { some r in input.planned_values.root_module.resources }
resources contains r if {
  some m in input.planned_values.root_module.child_modules
  some r in m.resources
}
changes contains c if { some c in input.resource_changes; c.mode == "managed" }

deny contains sprintf("bucket %s blocks no public access", [b.address]) if {
  some b in resources; b.type == "aws_s3_bucket"
  not blocked(b)
}
blocked(b) if {
  some p in input.configuration.root_module.resources
  p.type == "aws_s3_bucket_public_access_block"
  some ref in p.expressions.bucket.references
  ref == b.address
  some v in resources
  v.address == p.address
  v.values.block_public_acls == true
  v.values.block_public_policy == true
  v.values.restrict_public_buckets == true
  v.values.ignore_public_acls == true
}
deny contains sprintf("%s lacks tag %s", [c.address, t]) if {
  some c in changes; c.change.actions != ["delete"]
  some t in {"team"}
  c.type in {"aws_s3_bucket", "aws_dynamodb_table"}
  not c.change.after.tags[t]
}
deny contains sprintf("%s lacks tag_all %s", [c.address, t]) if {
  some c in changes; c.change.actions != ["delete"]
  some t in {"team"}
  c.type in {"aws_s3_bucket"}
  not c.change.after.tags_all[t]
}
deny contains sprintf("%s is open to the world on %d", [c.address, i.from_port]) if {
  some c in changes; c.type == "aws_security_group"
  some i in c.change.after.ingress
  "0.0.0.0/0" in i.cidr_blocks
}
deny contains sprintf("%s would be destroyed", [c.address]) if {
  some c in changes
  c.type in {"aws_db_instance", "aws_dynamodb_table", "aws_s3_bucket"}
  "delete" in c.change.actions
}
warn contains sprintf("%s was %s", [c.address, c.change.before.id]) if {
  some c in changes; "delete" in c.change.actions; c.type in {"aws_db_instance","aws_s3_bucket"}
}
warn contains sprintf("%s is replaced for %s: %s", [c.address, p[0], c.action_reason]) if {
  some c in changes; some p in c.change.replace_paths
}
warn contains sprintf("%s has no id yet", [c.address]) if { some c in changes; c.change.after_unknown.id == true; c.type == "aws_vpc" }
warn contains sprintf("%s arn %s", [c.address, c.change.after.arn]) if { some c in changes; c.type == "aws_sns_topic"; c.change.actions == ["update"] }
warn contains sprintf("%s display_name %s -> %s", [c.address, c.change.before.display_name, c.change.after.display_name]) if { some c in changes; c.type == "aws_sns_topic"; c.change.actions == ["update"] }
deny contains sprintf("%s unencrypted", [r.address]) if { some r in resources; r.type == "aws_db_instance"; not r.values.storage_encrypted }
deny contains sprintf("%s no subnet ref", [r.address]) if {
  some r in input.configuration.root_module.resources; r.type == "aws_subnet"
  not "aws_vpc.main" in r.expressions.vpc_id.references
}
deny contains "wrong region" if { not input.configuration.provider_config.aws.expressions.region.constant_value == "us-east-1" }
deny contains "provider key" if { some r in input.configuration.root_module.resources; not input.configuration.provider_config[r.provider_config_key] }
deny contains "not applyable" if { not input.applyable }
deny contains "incomplete" if { not input.complete }
deny contains "errored" if { input.errored }
deny contains "in the freeze" if { time.parse_rfc3339_ns(input.timestamp) < time.parse_rfc3339_ns("2020-01-01T00:00:00Z") }
deny contains "no timestamp" if { not input.timestamp }
warn contains sprintf("prior %s", [r.address]) if { some r in input.prior_state.values.root_module.resources }
warn contains sprintf("relevant %s.%s", [r.resource, r.attribute[0]]) if { some r in input.relevant_attributes }
deny contains sprintf("wildcard in %s", [c.address]) if {
  some c in changes; c.type == "aws_iam_role"
  p := json.unmarshal(c.change.after.assume_role_policy)
  some s in p.Statement
  s.Principal == "*"
}
warn contains sprintf("%s trusts %s", [c.address, s.Principal.Service]) if {
  some c in changes; c.type == "aws_iam_role"
  p := json.unmarshal(c.change.after.assume_role_policy)
  some s in p.Statement
}
deny contains sprintf("%s: hard-coded password", [r.address]) if { some r in input.configuration.root_module.resources; r.expressions.password.constant_value }
