"""What keys, buckets, queues, tables and backups become."""

import pytest

from tests.blueprints.built import build, refused, statement

STORAGE = """\
encryption: {keys: {data: {purpose: Data, admins: [ops]}, audit: {purpose: Audit}}}
iam: {roles: {ops: {service: lambda.amazonaws.com}}}
data:
  buckets:
    lake:
      {key: data, logging: logs, replicate_to: copies, lifecycle: [{after: 30d, to: glacier}], expire_old_versions: 9d}
    copies: {}
    logs: {disposable: true}
    audit: {name: acme-audit-records, key: audit}
  queues: {jobs: {key: data, dead_letter: {queue: lost}}, lost: {}}
  tables: {sessions: {hash_key: {name: id}, ttl: expires}}
audit:
  trail: {bucket: audit, key: audit, log_retention: 365d, data_events: [lake]}
  config: {bucket: audit}
  topics: {news: {key: data, subscriptions: [{queue: jobs}]}}
"""


def test_storage_is_as_aws_takes_it() -> None:
    """Nothing that AWS refuses."""
    assert build(STORAGE).problems() == []


def test_buckets_refuse_requests_without_tls_and_all_public_access() -> None:
    """Every bucket, whatever the spec says of it."""
    built = build(STORAGE)
    for name in built.names("aws.s3.bucket"):
        bucket = built.get("aws.s3.bucket", name)
        denied = statement(bucket.policy, "TlsOnly")
        assert denied["Effect"] == "Deny"
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert all(bucket.public_access_block.model_dump().values())


def test_a_bucket_is_open_and_a_key_serves_another_account_only_where_the_spec_says_so() -> None:
    """`public` lifts the whole block, and `accounts` names who else decrypts."""
    told = STORAGE.replace("    audit:", "    site: {public: true}\n    audit:", 1)
    assert told != STORAGE
    assert not any(build(told).get("aws.s3.bucket", "site").public_access_block.model_dump().values())
    keys = "encryption: {keys: {shared: {purpose: Partners, accounts: ['999988887777']}, own: {purpose: Ours}}}\n"
    built = build(keys)
    used = statement(built.get("aws.kms.key", "shared").policy, "Accounts")
    assert used["Principal"] == {"AWS": ["arn:aws:iam::999988887777:root"]}
    assert all(one.get("Sid") != "Accounts" for one in built.get("aws.kms.key", "own").policy["Statement"])


def test_a_bucket_has_a_name_of_its_own_or_the_one_that_it_is_given() -> None:
    """Derived names carry the account, as names of buckets are unique in the world."""
    built = build(STORAGE)
    assert built.get("aws.s3.bucket", "lake").bucket == "acme-test-lake-111122223333"
    assert built.get("aws.s3.bucket", "audit").bucket == "acme-audit-records"


def test_only_this_trail_writes_to_the_audit_bucket() -> None:
    """By the trail's own ARN, below the account's folder."""
    written = statement(build(STORAGE).get("aws.s3.bucket", "audit").policy, "TrailWrites")
    assert written["Resource"] == "arn:aws:s3:::acme-audit-records/AWSLogs/111122223333/*"
    source = "arn:aws:cloudtrail:us-east-1:111122223333:trail/acme-test-trail"
    assert written["Condition"]["StringEquals"]["aws:SourceArn"] == source


def test_only_buckets_of_the_spec_log_into_the_log_bucket() -> None:
    """The statement names the buckets that log, and the bucket goes with the org."""
    bucket = build(STORAGE).get("aws.s3.bucket", "logs")
    assert statement(bucket.policy, "AccessLogs")["Condition"]["ArnLike"] == {
        "aws:SourceArn": ["arn:aws:s3:::acme-test-lake-111122223333"]
    }
    assert bucket.force_destroy


def test_keys_serve_the_services_that_the_spec_makes_write_with_them() -> None:
    """The trail and its log group on one key, topic publishers and queue senders on the other."""
    built = build(STORAGE)
    audit, data = (built.get("aws.kms.key", name).policy for name in ("audit", "data"))
    assert {s.get("Sid") for s in audit["Statement"]} == {"Account", "Logs", "Trail", "TrailDescribes", "Config"}
    assert {s.get("Sid") for s in data["Statement"]} == {"Account", "Administer", "Publishers", "Senders"}
    assert statement(data, "Administer")["Principal"] == {"AWS": ["${aws.iam.role.ops.arn}"]}


def test_copies_are_made_by_a_role_for_this_bucket_alone() -> None:
    """S3 assumes it for the source bucket; it reads there and writes to the target."""
    built = build(STORAGE)
    role = built.get("aws.iam.role", "lake-replication")
    condition = role.trust["Statement"][0]["Condition"]
    assert condition["ArnLike"] == {"aws:SourceArn": "arn:aws:s3:::acme-test-lake-111122223333"}
    replication = built.get("aws.s3.bucket", "lake").replication
    assert replication.role == "${aws.iam.role.lake-replication.arn}"
    assert (
        replication.rules[0].replica_kms_key == "${aws.kms.key.data.arn}"
    )  # else S3 copies nothing of a bucket with a key


def test_a_lock_keeps_what_is_written_and_its_copies() -> None:
    """The mode and the days; the copier may read locks; a target without one, access logs and Config are refused."""
    lock = "object_lock: {mode: compliance, retention: 30d}"
    locked = STORAGE.replace("{key: data, logging: logs,", f"{{{lock}, key: data, logging: logs,")
    built = build(locked.replace("copies: {}", f"copies: {{{lock}}}"))
    assert built.problems() == []
    told = built.get("aws.s3.bucket", "lake").object_lock
    assert (told.mode, told.days) == ("COMPLIANCE", 30)
    assert build(STORAGE).get("aws.s3.bucket", "lake").object_lock is None
    copier = built.get("aws.iam.role", "lake-replication").inline["copy"]
    assert any("s3:GetObjectRetention" in one["Action"] for one in copier["Statement"])
    unread = build(STORAGE).get("aws.iam.role", "lake-replication").inline["copy"]
    assert not any("s3:GetObjectRetention" in one["Action"] for one in unread["Statement"])
    assert [p.code for p in build(locked).problems()] == ["TW0452"]
    logs = STORAGE.replace("logs: {disposable: true}", f"logs: {{{lock}}}")
    assert [p.code for p in build(logs).problems()] == ["TW0454"]
    audit = STORAGE.replace("key: audit}\n  queues", f"key: audit, {lock}}}\n  queues")
    assert [p.code for p in build(audit).problems()] == ["TW0494"]


def test_ages_become_one_lifecycle_rule() -> None:
    """Moves, old versions and unfinished uploads."""
    (rule,) = build(STORAGE).get("aws.s3.bucket", "lake").lifecycle
    assert [(t.days, t.storage_class) for t in rule.transitions] == [(30, "GLACIER")]
    assert (rule.noncurrent_days, rule.abort_uploads_days, rule.expiration_days) == (9, 7, None)


def test_a_queue_takes_messages_of_the_topics_that_it_subscribes_to() -> None:
    """By the topic's ARN; lost messages go to the dead-letter queue."""
    built = build(STORAGE)
    queue = built.get("aws.sqs.queue", "jobs")
    assert statement(queue.policy, "Topics")["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "arn:aws:sns:us-east-1:111122223333:acme-test-news"
    ]
    assert queue.dead_letter_queue == "${aws.sqs.queue.lost.arn}"
    assert "Topics" not in {s.get("Sid") for s in built.get("aws.sqs.queue", "lost").policy["Statement"]}


@pytest.mark.parametrize(
    ("spec", "code", "line"),
    [
        (
            "encryption: {keys: {k: {purpose: P}}}\ndata:\n  buckets:\n    a: {key: k}\n    b:\n      logging: a\n",
            "TW0726",
            "logging: a",
        ),
        (
            "data: {queues: {q: {}}}\nbackup:\n  vault: v\n  plans:\n    p:\n      schedule: rate(1 day)\n"
            "      retention: 9d\n      items:\n        - data.queues.q\n",
            "TW0728",
            "- data.queues.q",
        ),
    ],
)
def test_what_cannot_be_is_told_at_its_line(spec: str, code: str, line: str) -> None:
    """Encrypted log buckets, features that no type carries, backups of queues."""
    assert refused(spec) == [(code, line)]


@pytest.mark.parametrize(("name", "found"), [("acme-records", []), ("Acme_Records", [("TW0450", 10)])])
def test_a_name_that_s3_refuses_points_to_the_very_line(name: str, found: list[tuple[str, int]]) -> None:
    """The line of the name, not of the bucket."""
    built = build(f"data:\n  buckets:\n    lake:\n      name: {name}\n")
    assert [(p.code, p.span.line) for p in built.problems() if p.span] == found


def test_backups_name_what_they_cover() -> None:
    """The selection has the ARNs; cold storage comes with the rule."""
    built = build(
        """\
        data: {tables: {t: {hash_key: {name: id}}}}
        backup:
          vault: main
          plans: {d: {schedule: cron(0 3 * * ? *), retention: 120d, cold_after: 30d, items: [data.tables.t]}}
        """
    )
    assert built.get("aws.backup.selection", "d").resources == [
        "arn:aws:dynamodb:us-east-1:111122223333:table/acme-test-t"
    ]
    (rule,) = built.get("aws.backup.plan", "d").rules
    assert (rule.cold_after_days, rule.delete_after_days) == (30, 120)
    assert built.names("aws.iam.attachment") == ["backup-backup", "backup-restore"]
    assert built.problems() == []
