"""`twin cost` and `twin plan --cost`: from a spec alone and from the running twin."""

import csv
import json
import sys
from datetime import datetime
from decimal import Decimal

import pytest
from pyarrow import parquet
from served import raw

SPEC = raw("""\
aws.kms.key:
  data: {description: Data}
aws.ec2.elastic_ip:
  spare: {}
""")  # fmt: skip


@pytest.fixture
def spec(home):
    """A spec with a key and an address."""
    (home / "spec.yaml").write_text(SPEC)
    return home / "spec.yaml"


def test_cost_of_a_spec_after_some_days(spec, twin):
    """Ten quiet days of an address that nobody uses, by usage, as JSON."""
    code, out, err = twin("cost", spec, "--days", "10", "--by", "usage", "--format", "json")
    assert code == 0, err
    groups = {group["name"]: group["month_to_date"] for group in json.loads(out)["groups"]}
    assert groups["PublicIPv4:IdleAddress"] == "1.20"


def test_table_and_focus(spec, twin):
    """The table ends with the sum; FOCUS has a header and a row per day."""
    assert twin("cost", spec, "--days", "10")[1].strip().splitlines()[-1].split()[0] == "total"
    rows = twin("cost", spec, "--days", "10", "--format", "focus")[1].splitlines()
    assert rows[0].startswith("AvailabilityZone,BilledCost,")
    assert len([row for row in rows if "PublicIPv4:IdleAddress" in row]) == 11


def test_parquet_says_what_the_csv_says(spec, twin, home):
    """Each column has its type, each value is that of the CSV, and an empty field is null."""
    for name in ("costs.csv", "costs.parquet"):
        assert twin("cost", spec, "--days", "10", "-o", name)[0] == 0
    table = parquet.read_table(home / "costs.parquet")
    with (home / "costs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert table.column_names == list(rows[0])
    assert (str(table.schema.field("BilledCost").type), str(table.schema.field("ChargePeriodStart").type)) == (
        "decimal128(38, 18)", "timestamp[us, tz=UTC]",
    )  # fmt: skip
    for typed, row in zip(table.to_pylist(), rows, strict=True):
        assert typed["BilledCost"] == round(Decimal(row["BilledCost"]), 18)
        assert typed["ChargePeriodStart"] == datetime.fromisoformat(row["ChargePeriodStart"])
        assert (typed["SkuId"] or "", typed["AvailabilityZone"]) == (row["SkuId"], None)


def test_parquet_without_its_extra_says_what_to_install(spec, twin, home, monkeypatch):
    """Nothing is written, and the command exits with 2."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = twin("cost", spec, "--days", "1", "-o", "costs.parquet")
    assert (code, "twin[parquet]" in err, (home / "costs.parquet").exists()) == (2, True, False)


def test_own_prices_are_named_in_the_spec_or_on_the_command_line(spec, twin, home):
    """Both ways lead to the same price, and a wrong file is refused with its line."""
    (home / "own.yaml").write_text(
        "services:\n  vpc:\n    groups: [{unit: Hrs, prices: {'PublicIPv4:IdleAddress': 1}}]\n"
    )
    ask = ("cost", spec, "--days", "1", "--by", "usage", "--format", "json")
    code, out, err = twin(*ask, "--prices", "own.yaml")
    assert code == 0, err
    spec.write_text(SPEC + "billing: {prices: own.yaml}\n")
    assert json.loads(twin(*ask)[1])["groups"][0] == json.loads(out)["groups"][0]
    assert json.loads(out)["groups"][0]["month_to_date"] == "24.00"
    (home / "own.yaml").write_text("service: {}\n")
    code, _, err = twin(*ask)
    assert (code, "TW0104" in err, "own.yaml:1" in err) == (2, True, True)


def test_plan_shows_what_a_change_costs(spec, twin):
    """A whole month of the wanted org beside the empty twin."""
    code, out, err = twin("plan", spec, "--cost")
    assert code == 0, err
    assert "AWS Key Management Service" in out
    assert "+1.00" in out
    assert "Key Management" not in twin("plan", spec)[1]


def test_unknown_grouping_is_refused(spec, twin):
    """A word that is no grouping is a usage error, before anything is built."""
    assert twin("cost", spec, "--by", "colour")[0] == 2
