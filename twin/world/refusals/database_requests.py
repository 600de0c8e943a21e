"""What RDS refuses about the parameters of a new database.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

import re

from twin.world.refusals import Asked, Refusal, refuses

NAME = re.compile(r"(?!.*--)(?!.*-$)[A-Za-z][A-Za-z0-9-]{0,62}")
FORBIDDEN = re.compile(r"[/@\" ]")
SHORTEST, LONGEST_RETENTION = 8, 35
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
SMALLEST = {"gp2": 20, "gp3": 20, "io1": 100, "io2": 100}
ENGINES = ("postgres", "mysql", "mariadb")
# Names that an engine keeps for itself; PostgreSQL's are the ones that users meet.
RESERVED = {"postgres": {"admin", "rdsadmin"}, "mysql": {"rdsadmin"}, "mariadb": {"rdsadmin"}}


@refuses("rds", "CreateDBInstance", "CreateDBCluster")
def name_of_a_database(asked: Asked) -> None:
    """An identifier begins with a letter, and has letters, digits and single hyphens."""
    parameter = "DBInstanceIdentifier" if asked.call.operation == "CreateDBInstance" else "DBClusterIdentifier"
    if not NAME.fullmatch(str(asked.parameters.get(parameter, ""))):
        raise _invalid(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain "
            "only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive "
            "hyphens."
        )


@refuses("rds", "CreateDBInstance", "CreateDBCluster", "ModifyDBInstance", "ModifyDBCluster")
def password_of_a_database(asked: Asked) -> None:
    """A master password has eight printable characters, of which four are kept out; so is a reserved name."""
    word = asked.parameters.get("MasterUserPassword")
    if word is not None and len(word) < SHORTEST:
        raise _invalid(
            "The parameter MasterUserPassword is not a valid password because it is shorter than "
            f"{SHORTEST} characters."
        )
    if word is not None and FORBIDDEN.search(word):
        raise _invalid(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', "
            "'@', '\"', ' ' may be used."
        )
    name, engine = asked.parameters.get("MasterUsername"), str(asked.parameters.get("Engine", ""))
    if name is not None and str(name).lower() in RESERVED.get(engine, ()):
        raise _invalid(f"MasterUsername {name} cannot be used as it is a reserved word used by the engine")


@refuses("rds", "CreateDBInstance", "ModifyDBInstance", "CreateDBCluster", "ModifyDBCluster")
def days_of_backups(asked: Asked) -> None:
    """Backups are kept for at most 35 days."""
    days = asked.parameters.get("BackupRetentionPeriod")
    if days is not None and not 0 <= int(days) <= LONGEST_RETENTION:
        raise _invalid(f"Invalid backup retention period: {days}. It must be between 0 and {LONGEST_RETENTION}.")


@refuses("rds", "CreateDBInstance")
def storage_of_a_database(asked: Asked) -> None:
    """General purpose storage begins at 20 GiB, provisioned at 100."""
    given = asked.parameters
    size, engine, kind = given.get("AllocatedStorage"), str(given.get("Engine")), given.get("StorageType") or "gp2"
    if size is not None and engine in ENGINES and int(size) < SMALLEST.get(kind, 0):
        raise _invalid(f"Invalid storage size for engine name {engine} and storage type {kind}: {size}")


@refuses("rds", "CreateDBInstance")
def groups_of_a_database(asked: Asked) -> None:
    """A subnet group and a parameter group are there."""
    state, given = asked.state(), asked.parameters
    subnets, parameters = given.get("DBSubnetGroupName"), given.get("DBParameterGroupName")
    if subnets is not None and subnets not in state.subnet_groups:
        raise Refusal("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' does not exist.", 404)
    known = parameters is None or parameters in state.db_parameter_groups or str(parameters).startswith("default.")
    if not known:
        raise Refusal("DBParameterGroupNotFound", f"DBParameterGroup not found: {parameters}", 404)


@refuses("rds", "CreateDBInstance")
def place_of_a_database(asked: Asked) -> None:
    """Who wants two zones names none."""
    if asked.parameters.get("MultiAZ") and asked.parameters.get("AvailabilityZone"):
        message = "Requesting a specific availability zone is not valid for Multi-AZ instances."
        raise Refusal("InvalidParameterCombination", message)


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)
