"""A PostgreSQL database knows passwords: its master's and those of roles; copies have the roles of their time."""

import json
from datetime import timedelta

import pytest
from databases import WANTED, make, shown
from mounted import NOW, Clients

from twin.clock import VirtualClock
from twin.semantics.postgres.statements import SqlError
from twin.world.behaviors.rds_roles import execute, log_in
from twin.world.world import World

MASTER = ("u", "password1")


@pytest.fixture
def rds(clients):
    """RDS of the world."""
    return clients("rds")


@pytest.fixture
def sql(world, rds):
    """Send a statement as a user with a password; None, or the code of the refusal."""

    def send(user, password, statement="SELECT 1", name="db"):
        login = {"host": shown(rds, name)["Endpoint"]["Address"], "username": user, "password": password}
        try:
            execute(world.scene, login, statement)
        except SqlError as error:
            return error.code
        return None

    return send


def test_the_master_logs_in_with_the_password_that_rds_was_given_last(rds, sql):
    """At creation, by ModifyDBInstance, and with the secret that RDS manages, which has a password of its own."""
    make(rds)
    assert [sql(*MASTER), sql("u", "password2"), sql("nobody", "password1")] == [None, "28P01", "28P01"]
    rds.modify_db_instance(DBInstanceIdentifier="db", MasterUserPassword="password2", ApplyImmediately=True)
    assert [sql(*MASTER), sql("u", "password2")] == ["28P01", None]


def test_a_password_that_rds_manages_stands_in_its_secret(clients, rds, sql):
    """With the name of the master that was asked for, and another for each DB instance."""
    told = []
    for name in ("db", "other"):
        wanted = {key: value for key, value in WANTED.items() if key != "MasterUserPassword"}
        wanted |= {"DBInstanceIdentifier": name, "MasterUsername": "boss", "ManageMasterUserPassword": True}
        secret = rds.create_db_instance(**wanted)["DBInstance"]["MasterUserSecret"]["SecretArn"]
        told.append(json.loads(clients("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]))
    assert [one["username"] for one in told] == ["boss", "boss"]
    assert sql("boss", told[0]["password"]) is None
    assert sql("boss", told[1]["password"]) == "28P01"


def test_a_role_lives_by_its_statements(rds, sql, world):
    """Made, given a password, shut out and dropped by the master; it changes its own password and nobody else's."""
    make(rds)
    assert sql(*MASTER, "CREATE USER app") is None
    assert [sql("app", "one"), sql("app", "")] == ["28P01", "28P01"]  # it has no password yet
    assert sql(*MASTER, "ALTER USER app PASSWORD 'one'") is None
    assert sql(*MASTER, "CREATE USER app") == "42710"
    assert sql("app", "one", "ALTER USER app PASSWORD 'two'") is None
    assert [sql("app", "one"), sql("app", "two")] == ["28P01", None]
    assert sql("app", "two", "CREATE USER other") == sql("app", "two", "DROP USER app") == "42501"
    assert sql(*MASTER, "ALTER USER app NOLOGIN") is None
    assert sql("app", "two") == "28000"
    assert sql(*MASTER, "DROP USER app") is None
    assert sql(*MASTER, "DROP USER app") == "42704"
    assert sql(*MASTER, "DROP USER IF EXISTS app") is None
    assert "two" not in repr([happening.facts for happening in world.scene.happenings])


def test_a_restore_has_the_passwords_of_its_time(rds, sql, clock):
    """Whoever restores to before a rotation needs the secret from before it; a snapshot keeps its own too."""
    make(rds)
    sql(*MASTER, "CREATE USER app PASSWORD 'one'")
    clock.advance(3600)
    before = clock.now()
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="kept")
    clock.advance(3600)
    sql(*MASTER, "ALTER USER app PASSWORD 'two'")
    clock.advance(3600)
    for name, time in (("old", before), ("new", clock.now() - timedelta(minutes=6))):
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier="db", TargetDBInstanceIdentifier=name, RestoreTime=time
        )
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="copy", DBSnapshotIdentifier="kept")
    clock.advance(7200)
    found = {
        name: (sql("app", "one", name=name), sql("app", "two", name=name)) for name in ("db", "old", "new", "copy")
    }
    after, earlier = ("28P01", None), (None, "28P01")
    assert found == {"db": after, "old": earlier, "new": after, "copy": earlier}


def test_a_replica_has_the_roles_of_its_source_until_it_is_promoted(rds, sql, clock):
    """It takes no statement that changes one; promoted, it has its own."""
    make(rds)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="db")
    clock.advance(3600)
    sql(*MASTER, "CREATE USER app PASSWORD 'one'")
    assert sql("app", "one", name="copy") is None
    assert sql(*MASTER, "DROP USER app", name="copy") == "25006"
    rds.promote_read_replica(DBInstanceIdentifier="copy")
    clock.advance(3600)
    assert sql(*MASTER, "ALTER USER app PASSWORD 'two'") is None
    assert [sql("app", "one", name="copy"), sql("app", "two", name="copy")] == [None, "28P01"]


def test_who_does_not_reach_a_database_is_not_asked_for_a_password(rds, sql, world):
    """A stopped one, a host that is none, and an engine of which the twin knows no log-ins."""
    make(rds)
    make(rds, "mine", Engine="mysql")
    rds.stop_db_instance(DBInstanceIdentifier="db")
    assert [sql(*MASTER), sql(*MASTER, name="mine")] == ["08006", "0A000"]
    with pytest.raises(SqlError, match="could not translate host name"):
        log_in(world.scene, {"host": "db.example", "username": "u", "password": "password1"})


def test_a_managed_password_is_drawn_and_rotated_by_rds_itself(clients, rds, sql, clock):
    """At once and again, by RDS or by Secrets Manager; a restore has the password of its time."""
    secrets, told = clients("secretsmanager"), []

    def current(stage="AWSCURRENT"):
        return json.loads(secrets.get_secret_value(SecretId=secret, VersionStage=stage)["SecretString"])["password"]

    wanted = {key: value for key, value in WANTED.items() if key != "MasterUserPassword"}
    secret = rds.create_db_instance(DBInstanceIdentifier="db", ManageMasterUserPassword=True, **wanted)["DBInstance"][
        "MasterUserSecret"
    ]["SecretArn"]
    for rotate in (
        lambda: None,
        lambda: rds.modify_db_instance(DBInstanceIdentifier="db", RotateMasterUserPassword=True, ApplyImmediately=True),
        lambda: secrets.rotate_secret(SecretId=secret),
    ):
        clock.advance(3600)
        rotate()
        told.append((clock.now(), current()))
    passwords = [password for _, password in told]
    assert (len(set(passwords)), current("AWSPREVIOUS")) == (3, passwords[1])
    assert [sql("u", password) for password in passwords] == ["28P01", "28P01", None]
    clock.advance(3600)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="db", TargetDBInstanceIdentifier="old", RestoreTime=told[2][0] - timedelta(minutes=1)
    )
    clock.advance(7200)
    assert [sql("u", password, name="old") for password in passwords] == ["28P01", None, "28P01"]


def test_a_managed_password_is_another_with_another_seed_and_each_creation():
    """And the same with the same seed; a DB instance of the same name gets another when it is made again."""

    def passwords(seed):
        world = World(seed, clock := VirtualClock(NOW))
        clients = Clients(world)
        rds, secrets = clients("rds"), clients("secretsmanager")
        wanted = {key: value for key, value in WANTED.items() if key != "MasterUserPassword"}
        found = []
        for _ in range(2):
            made = rds.create_db_instance(DBInstanceIdentifier="db", ManageMasterUserPassword=True, **wanted)
            secret = made["DBInstance"]["MasterUserSecret"]["SecretArn"]
            found.append(json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])["password"])
            rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
            clock.advance(3600)
        world.close()
        return found

    one, again, other = passwords(1), passwords(1), passwords(2)
    assert one == again
    assert len({*one, *other}) == 4


def test_what_is_made_of_a_replica_has_the_roles_of_its_source(rds, sql, clock):
    """A replica of a replica that is promoted, and one that is restored, of a source that was a replica itself once."""
    make(rds)
    for name, source in (("near", "db"), ("far", "near"), ("farther", "far")):
        rds.create_db_instance_read_replica(DBInstanceIdentifier=name, SourceDBInstanceIdentifier=source)
        clock.advance(3600)
    rds.promote_read_replica(DBInstanceIdentifier="near")
    clock.advance(3600)
    sql(*MASTER, "CREATE USER app PASSWORD 'one'", name="near")
    clock.advance(3600)
    rds.create_db_snapshot(DBInstanceIdentifier="far", DBSnapshotIdentifier="kept")
    clock.advance(3600)
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="kept")
    rds.promote_read_replica(DBInstanceIdentifier="farther")
    clock.advance(3600)
    found = {name: sql("app", "one", name=name) for name in ("db", "farther", "restored")}
    assert found == {"db": "28P01", "farther": None, "restored": None}


def test_a_promoted_replica_lacks_what_lagged_behind(rds, sql, clock):
    """Its source is deleted in the second after a role was made: the role had not come over."""
    make(rds)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="db")
    clock.advance(3600)
    sql(*MASTER, "CREATE USER app PASSWORD 'one'")
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    clock.advance(3600)
    assert [sql(*MASTER, name="copy"), sql("app", "one", name="copy")] == [None, "28P01"]


def test_a_snapshot_of_a_replica_knows_no_other_source_of_the_same_name(rds, sql, clock):
    """Its source was deleted and another made in its place, whose master has another password."""
    make(rds)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="db")
    clock.advance(3600)
    rds.create_db_snapshot(DBInstanceIdentifier="copy", DBSnapshotIdentifier="kept")
    clock.advance(3600)
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    clock.advance(3600)
    make(rds, MasterUserPassword="password2")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored", DBSnapshotIdentifier="kept")
    clock.advance(3600)
    assert [sql(*MASTER, name=name) for name in ("db", "restored")] == ["28P01", None]
