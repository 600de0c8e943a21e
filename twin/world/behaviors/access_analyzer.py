"""IAM Access Analyzer: analyzers that look again when a policy changes, and their findings of access from outside.

https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from twin.semantics.iam.external import Access, Zone, external_access
from twin.world.analysed_resources import Analysed, analysed
from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.scene import Scene

PROVIDES = {"access-analyzer": "Access Analyzer finds what policies allow from outside the account or organization"}
SERVICE = "accessanalyzer"
KINDS = {"ACCOUNT", "ORGANIZATION"}
PAGE = 100
CHANGES = {
    "s3": ("PutBucketPolicy", "DeleteBucketPolicy", "PutPublicAccessBlock", "DeletePublicAccessBlock", "DeleteBucket"),
    "iam": ("CreateRole", "UpdateAssumeRolePolicy", "DeleteRole"),
    "kms": ("CreateKey", "PutKeyPolicy"),
    "sqs": ("CreateQueue", "SetQueueAttributes", "AddPermission", "RemovePermission", "DeleteQueue"),
    "sns": ("CreateTopic", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"),
    "secretsmanager": ("PutResourcePolicy", "DeleteResourcePolicy"),
    "ec2": ("ModifySnapshotAttribute", "ResetSnapshotAttribute", "DeleteSnapshot"),
    "rds": ("ModifyDBSnapshotAttribute", "DeleteDBSnapshot"),
}  # fmt: skip
Place = tuple[str, str]


def _analyzers(scene: Scene, place: Place) -> dict[str, dict[str, Any]]:
    kept: dict[Place, dict[str, dict[str, Any]]] = scene.memory.setdefault("accessanalyzer", {})
    return kept.setdefault(place, {})


def _place(asked: Asked) -> Place:
    return asked.call.account, asked.call.region


def _by_arn(asked: Asked, scene: Scene) -> dict[str, Any]:
    arn = asked.parameters.get("analyzerArn", "")
    for analyzer in _analyzers(scene, _place(asked)).values():
        if analyzer["arn"] == arn:
            return analyzer
    raise AwsError("ResourceNotFoundException", f"Analyzer {arn} does not exist.", 404)


@answers(SERVICE, "CreateAnalyzer")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make an analyzer of external access, and look at everything at once."""
    wanted, place = asked.parameters, _place(asked)
    name, kind = wanted["analyzerName"], wanted["type"]
    if kind not in KINDS:
        raise AwsError("TwinUnsupportedOperation", f"The twin has no analyzers of the type {kind}.")
    held = _analyzers(scene, place)
    if name in held:
        raise AwsError("ConflictException", f"Analyzer {name} already exists.", 409)
    if any(analyzer["type"] == kind for analyzer in held.values()):
        raise AwsError("ServiceQuotaExceededException", f"There is an analyzer of the type {kind} already.", 402)
    arn = f"arn:aws:access-analyzer:{place[1]}:{place[0]}:analyzer/{name}"
    told = {
        "arn": arn,
        "name": name,
        "type": kind,
        "createdAt": scene.now().isoformat(),
        "tags": wanted.get("tags", {}),
    }
    held[name] = told | {"findings": {}, "scan": None}
    _plan(scene, place)
    return {"arn": arn}


@answers(SERVICE, "GetAnalyzer")
def get(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell an analyzer."""
    name = asked.parameters["analyzerName"]
    held = _analyzers(scene, _place(asked)).get(name)
    if held is None:
        raise AwsError("ResourceNotFoundException", f"Analyzer {name} does not exist.", 404)
    return {"analyzer": _summary(held)}


@answers(SERVICE, "ListAnalyzers")
def list_(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the analyzers of an account and Region."""
    kind = asked.parameters.get("type")
    held = _analyzers(scene, _place(asked)).values()
    return {"analyzers": [_summary(analyzer) for analyzer in held if kind in (None, analyzer["type"])]}


@answers(SERVICE, "DeleteAnalyzer")
def delete(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Delete an analyzer with its findings."""
    name = asked.parameters["analyzerName"]
    if _analyzers(scene, _place(asked)).pop(name, None) is None:
        raise AwsError("ResourceNotFoundException", f"Analyzer {name} does not exist.", 404)
    return {}


def _summary(held: dict[str, Any]) -> dict[str, Any]:
    told = {key: held[key] for key in ("arn", "name", "type", "tags")}
    return told | {"createdAt": datetime.fromisoformat(held["createdAt"]), "status": "ACTIVE"}


@answers(SERVICE, "StartResourceScan")
def start_scan(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Look at a resource soon."""
    _by_arn(asked, scene)
    _plan(scene, _place(asked))
    return {}


@answers(SERVICE, "ListFindings")
def list_findings(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List findings that match the filter, in pages."""
    held, wanted = _by_arn(asked, scene), asked.parameters
    chosen = [f for f in held["findings"].values() if _matches(f, wanted.get("filter") or {})]
    size, start = int(wanted.get("maxResults") or PAGE), int(wanted.get("nextToken") or 0)
    told: dict[str, Any] = {"findings": [_finding(f) for f in chosen[start : start + size]]}
    return told | ({"nextToken": str(start + size)} if start + size < len(chosen) else {})


@answers(SERVICE, "GetFinding")
def get_finding(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell one finding."""
    found = _by_arn(asked, scene)["findings"].get(asked.parameters["id"])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Finding {asked.parameters['id']} does not exist.", 404)
    return {"finding": _finding(found)}


@answers(SERVICE, "UpdateFindings")
def update_findings(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Archive findings, or make them active again."""
    held, wanted = _by_arn(asked, scene), asked.parameters
    for found in held["findings"].values():
        if found["id"] in wanted.get("ids", ()) or found["resource"] == wanted.get("resourceArn"):
            found |= {"status": wanted["status"], "updatedAt": scene.now().isoformat()}
    return {}


def _matches(found: dict[str, Any], filters: dict[str, Any]) -> bool:
    for name, test in filters.items():
        value = str(found.get(name, ""))
        if "eq" in test and value not in test["eq"]:
            return False
        if "neq" in test and value in test["neq"]:
            return False
        if "contains" in test and not any(part in value for part in test["contains"]):
            return False
    return True


def _finding(found: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(found[name]) for name in ("createdAt", "analyzedAt", "updatedAt")}
    return found | times


def _after_change(done: Done, scene: Scene) -> None:
    """Look again when a policy may have changed."""
    _plan(scene, _place(done))


for _service, _operations in CHANGES.items():
    follows(_service, *_operations)(_after_change)


def _plan(scene: Scene, place: Place) -> None:
    for name, held in _analyzers(scene, place).items():
        if held["scan"] is None:
            seconds = scene.delay("accessanalyzer.scan")
            held["scan"] = scene.after(seconds, "accessanalyzer.scan", account=place[0], region=place[1], name=name)


@happens("accessanalyzer.scan")
def scan(scene: Scene, account: str, region: str, name: str) -> None:
    """Compare what policies allow from outside with the findings: some are new, some over, some back."""
    held = _analyzers(scene, (account, region)).get(name)
    if held is None:
        return
    held["scan"] = None
    now = scene.now().isoformat()
    seen = set()
    for resource, access in _outside(scene, account, region, held["type"]):
        key = f"{resource.arn}|{access.principal}|{access.actions}|{access.conditions}"
        seen.add(key)
        known = next((f for f in held["findings"].values() if f["key"] == key), None)
        if known is None:
            _new(scene, held, resource, access, key=key, account=account, region=region)
        elif known["status"] == "RESOLVED":
            known |= {"status": "ACTIVE", "updatedAt": now}
    for found in held["findings"].values():
        found["analyzedAt"] = now
        if found["key"] not in seen and found["status"] != "RESOLVED":
            found |= {"status": "RESOLVED", "updatedAt": now}


def _outside(scene: Scene, account: str, region: str, kind: str) -> Iterator[tuple[Analysed, Access]]:
    zone = Zone(frozenset({account}))
    organization = scene.state("organizations", account, "aws")
    if kind == "ORGANIZATION" and organization.org is not None:
        zone = Zone(frozenset(kept.id for kept in organization.accounts), organization.org.id)
    for resource in analysed(account, region):
        for access in external_access(resource.policy, zone):
            yield resource, access


def _new(
    scene: Scene, held: dict[str, Any], resource: Analysed, access: Access, *, key: str, account: str, region: str
) -> None:
    now, id_ = scene.now().isoformat(), scene.ids("accessanalyzer").uuid()
    found = {
        "id": id_,
        "key": key,
        "principal": dict([access.principal]),
        "action": list(access.actions),
        "resource": resource.arn,
        "isPublic": access.public,
        "resourceType": resource.kind,
        "condition": dict(access.conditions),
        "status": "ACTIVE",
        "resourceOwnerAccount": account,
        **dict.fromkeys(("createdAt", "analyzedAt", "updatedAt"), now),
    }
    held["findings"][id_] = found
    detail = {name: value for name, value in found.items() if name != "key"} | {"isDeleted": False}
    scene.emit(
        "aws.event", account=account, region=region, source="aws.access-analyzer",
        detail_type="Access Analyzer Finding", resources=[held["arn"]], detail=detail,
    )  # fmt: skip
