"""A scenario for an org that no spec describes: its customers, and one zone after another that goes dark."""

import json


def zone_loss(host, database, zone, **others):
    """Return the scenario's text: a zone is lost under customers of a balancer; `others` are variants' zones."""
    variants = {
        name: {"title": f"{other} instead", "patch": {"faults": {"zone": {"with": {"zone": other}}}}}
        for name, other in others.items()
    }
    store = f"database:{database}"
    customers = {
        "host": host,
        "rate": 20,
        "requests": {
            "browse": {"share": 80, "needs": [store]},
            "order": {"share": 20, "needs": ["outside:payments.example"], "writes": [store]},
        },
    }
    return json.dumps({
        "id": "S9",
        "title": "Lose a zone of what no spec describes",
        "spec": "none.yaml",
        "duration": "20m",
        "requires": ["rds-failover", "target-health", "zone-loss"],
        "actors": {"customers": {"kind": "customers", "with": customers}},
        "faults": {"zone": {"kind": "zone-loss", "with": {"zone": zone}, "at": "3m"}},
        "expect": {
            "served": {"figure": "customers.settled_availability", "at_least": 0.99},
            "kept": {"figure": "customers.rpo", "equals": 0},
        },
        "effects": {"asked": {"figure": "customers.requests", "at_least": 1000}},
        "variants": variants,
    })  # fmt: skip
