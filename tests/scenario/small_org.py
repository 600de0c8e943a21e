"""An org of a user and a queue on an embedded twin, and scenarios on copies of it."""

import json
from collections.abc import Mapping

import yaml
from rig import SCOPE, desired

from twin.resources.aws.iam_user import User
from twin.resources.aws.sqs import Queue
from twin.scenario.document import load, merge
from twin.scenario.rehearsal import build, rehearse

SPEC = """\
id: T1
title: Give a user a key while something is broken
spec: none.yaml
seed: 3
duration: 1h
let: {user: "${aws.iam.user.worker.name}", queue: "${aws.sqs.queue.jobs.name}"}
setup:
  a-key:
    call: iam:CreateAccessKey
    with: {UserName: "${user}"}
    save: {old-id: AccessKey.AccessKeyId, old-secret: AccessKey.SecretAccessKey}
  keep-it:
    call: secretsmanager:CreateSecret
    with: {Name: worker, SecretString: '{"access_key_id":"${old-id}","secret_access_key":"${old-secret}"}'}
actors:
  workers:
    kind: key-consumers
    with:
      names: [one, two]
      config: worker
      every: 2m
      refresh: {least: 5m, most: 10m}
      call: sts:GetCallerIdentity
begin: 10m
runbook:
  a-second-key: {call: "iam:CreateAccessKey", with: {UserName: "${user}"}}
expect:
  nobody-fails: {figure: workers.failed, equals: 0}
  two-keys: {call: "iam:ListAccessKeys", with: {UserName: "${user}"}, value: length(AccessKeyMetadata), equals: 2}
effects:
  somebody-worked: {figure: workers.calls, at_least: 20}
"""


def small_org():
    """Build the org once."""
    org = desired(worker=User(name="worker"), jobs=Queue(name="jobs"))
    return build(org, SCOPE, seed=3, read_secret=lambda source: source)


class Theatre:
    """Plays the scenario above with changes to it, each on a copy of the org."""

    def __init__(self, rehearsal, folder):
        self.rehearsal, self.folder = rehearsal, folder

    def file(self, *changes):
        """Write the scenario with merge patches."""
        values = yaml.safe_load(SPEC)
        for change in changes:
            values = merge(values, change)
        file = self.folder / "mine.yaml"
        file.write_text(yaml.safe_dump(values, sort_keys=False))
        return file

    def __call__(self, change=None, **more):
        """Return the result of the scenario with a merge patch."""
        loaded, values = load(self.file(change or {}, more))
        (result,) = rehearse(loaded, values, self.rehearsal, [None])
        return result


def journal(result, event=None):
    """Return the lines of a journal, of one event or all."""
    lines = [json.loads(line) for line in result.journal.splitlines()]
    return [line for line in lines if event in (None, line["event"])]


def figures(result, prefix):
    """Return the figures of an actor or a fault."""
    found: Mapping = result.figures
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}
