"""The FinOps Foundation's validator judges the export of an org with credits, as CSV and as Parquet: .ci/focus."""

import csv
import io
import os
import re
import subprocess
from pathlib import Path

import pytest

from twin.cli import run

VALIDATOR = os.environ.get("FOCUS_VALIDATOR")
SPEC = Path(__file__).parents[2] / "specs/mini-org.yaml"
PRICES = 'accounts: {"111122223333": {created: 2025-12-01, credits: 5}}\n'
# What applies to the vendors of the twin: everything but commitments, reservations and virtual currencies.
CRITERIA = ",".join(
    f"{name}_SUPPORTED"
    for name in (
        "ACCOUNT_NAMING", "AVAILABILITY_ZONE", "BILLING_BASED_ON_PROVISIONED_RESOURCES", "NEGOTIATED_PRICING",
        "PRICING_BILLING_CURRENCY_DIFFERENCES", "PUBLIC_PRICE_LIST", "REGION", "RESOURCE_TYPE_ASSIGNMENT",
        "SUB_ACCOUNT", "TAGGING", "UNIT_PRICING", "USAGE_MEASUREMENT",
    )
)  # fmt: skip
# "MUST be null without an invoice" and "MUST NOT be null with one" are alternatives, of which InvoiceId-C-003-C demands
# one; the validator tells the other as failed, whatever the data.
ALWAYS = {"InvoiceId-C-004-C"}

pytestmark = pytest.mark.skipif(
    not VALIDATOR, reason="FOCUS_VALIDATOR is not set: .ci/focus installs it and runs these"
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return the folder with twenty days of the mini org, in both forms."""
    folder = tmp_path_factory.mktemp("focus")
    (folder / "prices.yaml").write_text(PRICES)
    for name in ("costs.csv", "costs.parquet"):
        words = ["cost", str(SPEC), "--days", "20", "--format", "focus", "--prices", str(folder / "prices.yaml")]
        assert run([*words, "-o", str(folder / name)]) == 0
    return folder


def judged(file):
    """Return what the validator says of a file: rule to PASS, FAIL or SKIPPED."""
    words = [VALIDATOR, "--data-file", str(file), "--validate-version", "1.2", "--block-download"]
    # It reads its list of currencies from a path below the folder in which it stands.
    (home,) = Path(VALIDATOR).parents[1].glob("lib/python3.*/site-packages")
    told = subprocess.run(
        [*words, "--applicability-criteria", CRITERIA], cwd=home, capture_output=True, text=True, check=False
    ).stdout
    verdicts = dict(re.findall(r"^\W+ ([\w-]+): (PASS|FAIL|SKIPPED)", told, re.MULTILINE))
    assert len(verdicts) == 578, told[-2000:]
    return verdicts


def failed(verdicts):
    """Return the rules that failed."""
    return {rule for rule, verdict in verdicts.items() if verdict == "FAIL"}


@pytest.mark.parametrize("name", ["costs.csv", "costs.parquet"])
def test_every_rule_that_applies_and_can_pass_does(exported, name):
    """All that is judged passes, but for the alternative that no data can meet."""
    verdicts = judged(exported / name)
    assert failed(verdicts) == ALWAYS
    assert verdicts["InvoiceId-C-003-C"] == "PASS"
    assert sum(verdict == "PASS" for verdict in verdicts.values()) >= 280


def test_an_export_that_breaks_rules_is_refused(exported, tmp_path):
    """The judge sees a currency of our own, and usage without a unit."""
    rows = list(csv.DictReader(io.StringIO((exported / "costs.csv").read_text())))
    assert {row["ChargeCategory"] for row in rows} == {"Usage", "Credit"}
    rows[0] |= {"BillingCurrency": "XQX", "ConsumedUnit": ""}
    with (tmp_path / "broken.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert {"BillingCurrency-C-006-M", "ConsumedUnit-C-006-C"} <= failed(judged(tmp_path / "broken.csv"))
