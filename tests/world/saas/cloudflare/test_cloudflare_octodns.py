"""octodns-sync against a served account (without page rules, which the twin lacks): the second run changes nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

octodns = pytest.importorskip("octodns_cloudflare", reason="octodns-cloudflare is a development dependency")

ZONE = """\
'':
  - type: A
    value: 192.0.2.10
    octodns: {cloudflare: {proxied: true, auto-ttl: true}}
  - type: MX
    value: {exchange: mail.example.com., preference: 10}
  - type: TXT
    values: ['v=spf1 -all']
  - type: CAA
    value: {flags: 0, tag: issue, value: letsencrypt.org}
www:
  type: CNAME
  value: example.com.
  octodns: {cloudflare: {proxied: true, auto-ttl: true}}
mail:
  ttl: 600
  type: A
  values: [192.0.2.20, 192.0.2.21]
_sip._tcp:
  type: SRV
  value: {port: 5060, priority: 10, target: mail.example.com., weight: 5}
"""


@pytest.fixture
def run(api, served, tmp_path):
    """Return a function that runs octodns-sync on a configuration and tells how many changes it made."""
    base = served(api.server.handle) + "/client/v4"
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones" / "example.com.yaml").write_text(ZONE)
    config = {
        "providers": {
            "config": {"class": "octodns.provider.yaml.YamlProvider", "directory": str(tmp_path / "zones"),
                       "default_ttl": 300, "enforce_order": False},
            "cloudflare": {"class": "octodns_cloudflare.CloudflareProvider", "token": api.token,
                           "account_id": "a" * 32, "retry_count": 0, "pagerules": False},
        },
        "zones": {"example.com.": {"sources": ["config"], "targets": ["cloudflare"]}},
    }  # fmt: skip
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    # octodns-cloudflare has Cloudflare's address written out; only the address is replaced.
    script = (
        "import octodns_cloudflare as oc, octodns.cmds.sync as sync, sys;"
        f"p = oc.CloudflareProvider; r = p._request; A = 'https://api.cloudflare.com/client/v4'; B = {base!r};"
        "import requests; s = requests.Session.request;"
        "requests.Session.request = lambda self, m, u, *a, **k: s(self, m, u.replace(A, B), *a, **k);"
        "sys.exit(sync.main())"
    )

    def sync():
        done = subprocess.run(
            [sys.executable, "-c", script, f"--config-file={tmp_path / 'config.yaml'}", "--doit", "--force"],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "NO_PROXY": "127.0.0.1"}, cwd=Path(tmp_path),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return sum(int(count) for count in re.findall(r"sync:\s+(\d+) total changes", done.stderr)), done.stderr

    return sync


def test_octodns_sync_makes_the_zone_and_then_changes_nothing(api, zone, run):
    """Eight records are created; the next run finds nothing to do; after a hand-made change it repairs that alone."""
    first, said = run()
    assert first == 7, said[-2000:]
    records = {(row["type"], row["name"], row["content"]) for row in api.ok("GET", f"{zone}/dns_records?per_page=100")}
    assert ("A", "example.com", "192.0.2.10") in records
    assert ("CNAME", "www.example.com", "example.com") in records
    assert len(records) == 8
    assert run()[0] == 0
    www = next(row for row in api.ok("GET", f"{zone}/dns_records?type=CNAME"))
    api.ok("PATCH", f"{zone}/dns_records/{www['id']}", {"content": "evil.example.net"})
    assert run()[0] == 1
    assert api.ok("GET", f"{zone}/dns_records/{www['id']}")["content"] == "example.com"
