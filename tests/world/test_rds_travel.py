"""Databases on their way go on in a world that was kept in bytes, and thirty idle days cost nothing."""

from databases import make, shown, status, zones
from mounted import Clients

from twin.clock import VirtualClock
from twin.world import snapshot
from twin.world.behaviors.rds_reachability import reachable


def test_failover_and_stop_go_on_in_a_restored_world(clients, world):
    """What was begun before is ended after; what was pending is pending."""
    rds = clients("rds")
    arn = make(rds, "multi", MultiAZ=True, BackupRetentionPeriod=2)["DBInstanceArn"]
    make(rds, "single")
    before = zones(rds, "multi")
    rds.modify_db_instance(DBInstanceIdentifier="multi", AllocatedStorage=40)
    rds.reboot_db_instance(DBInstanceIdentifier="multi", ForceFailover=True)
    rds.stop_db_instance(DBInstanceIdentifier="single")
    kept = snapshot.save(world, b"k" * 32)
    restored = snapshot.restore(kept, b"k" * 32, VirtualClock).world
    later = Clients(restored)("rds")
    assert not reachable(restored.scene, arn)[0]
    restored.agenda.leader.advance(600)
    assert (zones(later, "multi"), status(later, "single")) == (before[::-1], "stopped")
    assert shown(later, "multi")["PendingModifiedValues"] == {"AllocatedStorage": 40}
    restored.agenda.leader.advance(8 * 86_400)
    assert shown(later, "multi")["AllocatedStorage"] == 40
    assert status(later, "single") == "available"
    restored.close()


def test_idle_databases_put_nothing_on_the_agenda(clients, world, clock):
    """Databases, replicas and clusters at rest leave the agenda empty, whatever time passes."""
    rds = clients("rds")
    make(rds, MultiAZ=True)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier="db")
    rds.create_db_cluster(
        DBClusterIdentifier="c", Engine="aurora-mysql", MasterUsername="u", MasterUserPassword="password1"
    )
    assert world.agenda.entries() == []
    happened = len(world.scene.happenings)
    clock.advance(30 * 86_400)
    world.settle()
    assert (len(world.scene.happenings), world.agenda.entries()) == (happened, [])
