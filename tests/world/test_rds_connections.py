"""How many are connected to a database is told while it serves, as a sum over those who hold connections."""

import pytest
from databases import make

from twin.world.behaviors.cloudwatch_metrics import Series, samples
from twin.world.behaviors.rds_connections import hold_connections

ALARM = {
    "Namespace": "AWS/RDS", "MetricName": "DatabaseConnections", "Statistic": "Maximum", "Period": 60,
    "EvaluationPeriods": 3, "Threshold": 1, "ComparisonOperator": "LessThanThreshold",
}  # fmt: skip


@pytest.fixture
def database(clients, clock):
    """The ARN of a DB instance that stands for a while."""
    arn = make(clients("rds"))["DBInstanceArn"]
    clock.advance(3600)
    return arn


@pytest.fixture
def told(world, clock, database):
    """Tell what has been said of the last minutes."""
    account, region, name = database.split(":")[4], database.split(":")[3], database.split(":")[6]
    series = Series(account, region, "AWS/RDS", "DatabaseConnections", (("DBInstanceIdentifier", name),))

    def found(minutes):
        world.settle()
        now = clock.now().timestamp()
        return {one.sum for one in samples(world.scene, series, now - 60 * minutes, end=now)}

    return found


def test_holders_add_up_and_a_restart_ends_their_connections(world, clients, clock, database, told):
    """Nothing is told before, nor while it restarts; then nobody is connected until somebody says so."""
    assert told(60) == set()
    hold_connections(world.scene, database, "web", 15)
    hold_connections(world.scene, database, "jobs", 2)
    clock.advance(120)
    assert told(1) == {17}
    clients("rds").reboot_db_instance(DBInstanceIdentifier="db")
    clock.advance(19)
    assert told(0.3) == set()
    clock.advance(300)
    world.settle()
    hold_connections(world.scene, database, "web", 15)
    clock.advance(60)
    assert told(1) == {15}


@pytest.mark.parametrize(("missing", "expected"), [("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")])
def test_a_dead_database_is_heard_of_where_silence_counts(world, clients, clock, database, missing, expected):
    """Its host dies: no connection is told, not even none, and the alarm says what it makes of that."""
    clients("cloudwatch").put_metric_alarm(
        AlarmName="left",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "db"}],
        TreatMissingData=missing,
        **ALARM,
    )
    hold_connections(world.scene, database, "web", 15)
    clock.advance(600)
    world.scene.break_("host", database)
    clock.advance(420)
    (alarm,) = clients("cloudwatch").describe_alarms(AlarmNames=["left"])["MetricAlarms"]
    assert alarm["StateValue"] == expected
