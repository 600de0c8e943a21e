"""A shop on an embedded twin: a load balancer, servers in three zones, a database; and scenarios on copies of it."""

from pathlib import Path

import yaml

from twin.cli.compiled import compile_file
from twin.scenario.document import load, merge
from twin.scenario.rehearsal import build, rehearse

SPEC = """\
version: 1
org: {name: shop, domain: shop.example, contact: ops@shop.example}
aws: {account: "111122223333", alias: shop, region: us-east-1}
cloudflare: {account: 0123456789abcdef0123456789abcdef, plan: free}
network:
  cidr: 10.20.0.0/16
  azs: 3
  subnets: {public: {exposure: public}, private: {exposure: private}, data: {exposure: isolated}}
  nat: per-az
encryption: {keys: {data: {purpose: Data at rest}}}
data:
  buckets: {carts: {purpose: Carts, key: data}}
  secrets: {payments: {description: Key of the payment provider, key: data}}
compute:
  alb: {hosts: [shop.example], subnets: public, deletion_protection: false}
  workers:
    web:
      image: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
      subnets: private
      min: 3
      max: 6
      behind_alb: true
  databases:
    orders:
      engine: postgres
      version: "16.9"
      instance_class: db.t4g.medium
      subnets: data
      storage: 50GiB
      replicas: 1
      deletion_protection: false
edge:
  zone: shop.example
  records: [{name: "@", type: CNAME, target: compute.alb, proxied: true}]
dns:
  zones:
    internal:
      domain: shop.internal
      private: true
      records: [{name: db, type: CNAME, target: compute.databases.orders}]
"""
SCENARIO = """\
id: T2
title: Sell while something is broken
spec: shop.yaml
seed: 3
duration: 20m
control: none
let: {database: "${aws.rds.instance.orders.name}"}
setup:
  where-it-is:
    call: rds:DescribeDBInstances
    with: {DBInstanceIdentifier: "${database}"}
    save: {zone: "DBInstances[0].AvailabilityZone"}
actors:
  customers:
    kind: customers
    with:
      host: shop.example
      rate: 60
      capacity: 30
      requests:
        browse: {share: 70, needs: ["database:db.shop.internal"]}
        assets: {share: 20, path: /assets/app.js, cached: 0.95}
        order: {share: 10, needs: ["outside:payments.example", "secret:shop-base-payments"],
                writes: ["database:db.shop.internal", "bucket:shop-base-carts-111122223333"]}
expect:
  served: {figure: customers.settled_availability, at_least: 0.99}
  nothing-lost: {figure: customers.rpo, equals: 0}
"""


def stand_up(folder: Path, change=None):
    """Build the shop, or another one by a merge patch on its spec."""
    file = folder / "shop.yaml"
    file.write_text(yaml.safe_dump(merge(yaml.safe_load(SPEC), change or {}), sort_keys=False))
    compiled = compile_file(file, None)
    return build(compiled.desired, compiled.scope, seed=3, read_secret=lambda source: source)


def play(rehearsal, folder: Path, *changes):
    """Return the result of the scenario with merge patches, on a copy of the shop."""
    values = yaml.safe_load(SCENARIO)
    for change in changes:
        values = merge(values, change)
    file = folder / "play.yaml"
    file.write_text(yaml.safe_dump(values, sort_keys=False))
    loaded, plain = load(file)
    (result,) = rehearse(loaded, plain, rehearsal, [None])
    return result


def customers(result):
    """Return the customers' figures."""
    return {
        name.removeprefix("customers."): value
        for name, value in result.figures.items()
        if name.startswith("customers.")
    }


def dark(zone, at="2m", for_="15m"):
    """Return the patch by which a zone loses its power."""
    return {"faults": {"dark": {"kind": "zone-loss", "with": {"zone": zone}, "at": at, "for": for_}}}
