"""Plans for proofs: a minimal spec with raw resources, and what is found in it."""

import json
from datetime import date
from pathlib import Path

from twin.analysis.plan.case import Case
from twin.analysis.plan.judgement import judge
from twin.analysis.plan.planned import Planned
from twin.analysis.proofs import proofs
from twin.blueprints.compile import compile_spec
from twin.spec.load import parse

ACCOUNT, STRANGER = "111122223333", "999988887777"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TODAY = date(2026, 11, 28)
BASE = {
    "version": 1,
    "org": {"name": "acme", "domain": "acme.example", "contact": "ops@acme.example"},
    "aws": {"account": ACCOUNT, "alias": "acme", "region": "us-east-1"},
}


def spec_of(resources, **sections):
    """A checked spec with raw resources."""
    return parse(json.dumps({**BASE, "resources": resources, **sections}).encode(), Path("org.yaml"), environ={})


def case_of(resources, usage=None, **sections):
    """The plan of a spec with raw resources."""
    return Case(Planned(*compile_spec(spec_of(resources, **sections))), usage)


def found(proof, resources, usage=None, **sections):
    """What one proof finds: rule, level and address of each."""
    return [(f.rule, f.level, f.address) for f in proofs()[proof](case_of(resources, usage, **sections))]


def judged(resources, **sections):
    """Everything that is said of a spec, waivers counted."""
    spec = spec_of(resources, **sections)
    return judge(spec, Case(Planned(*compile_spec(spec))), TODAY)


def document(*statements):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, **({"Resource": resource} if resource else {}), **more}


def deny(action, resource="*", **more):
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def role(trust, inline=()):
    """A role of the name `it`."""
    return {
        "aws.iam.role": {
            "it": {"name": "it", "trust": document(trust), "inline": {"p": document(*inline)} if inline else {}}
        }
    }


def taken_by(principal, action="sts:AssumeRole", **more):
    """A trust's statement."""
    return allow(action, None, Principal=principal, **more)


def when(operator, key, *values):
    """A condition."""
    return {"Condition": {operator: {key: values[0] if len(values) == 1 else list(values)}}}
