"""Secrets Manager deletes a secret when its recovery window is over.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
"""

from datetime import UTC, datetime
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.scene import Scene


@follows("secretsmanager", "DeleteSecret")
def plan(done: Done, scene: Scene) -> None:
    """Put the deletion on the agenda, for the date that the reply tells."""
    secret = _pending(scene, done.call.account, done.call.region, done.result["ARN"])
    if secret is not None:
        due = datetime.fromtimestamp(secret.deleted_date, UTC)
        told = {"account": done.call.account, "region": done.call.region, "arn": secret.arn}
        scene.agenda.at(due, "secretsmanager.delete", **told, date=secret.deleted_date)


@happens("secretsmanager.delete")
def delete(scene: Scene, account: str, region: str, arn: str, date: float) -> None:
    """Delete a secret that was not restored, nor restored and deleted again since."""
    secret = _pending(scene, account, region, arn)
    if secret is not None and secret.deleted_date == date:
        scene.state("secretsmanager", account, region).secrets.pop(arn)
        scene.emit("secretsmanager.secret.deleted", account=account, region=region, arn=arn)


def _pending(scene: Scene, account: str, region: str, arn: str) -> Any:
    secret = scene.state("secretsmanager", account, region).secrets.get(arn)
    return secret if secret is not None and secret.is_deleted() else None
