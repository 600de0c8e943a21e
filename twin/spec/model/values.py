"""The small values of a spec: durations, sizes, names, addresses, money."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from twin.address import NAME
from twin.spec.model.form import Form, refusal

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 36525 * SECONDS["d"]
DURATION = re.compile(r"(?:[0-9]{1,6}[smhdw])+")
GIB = 2**30
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": GIB, "TiB": 2**40}
SIZE = re.compile(r"([0-9]{1,9}) ?([KMGT]iB)")
LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
HOST = re.compile(rf"(?:\*\.)?{LABEL}(?:\.{LABEL})*")
EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{LABEL}(?:\.{LABEL})+")
PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
TOP_PORT = 65535


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """An amount of storage."""

    bytes: int

    @property
    def gib(self) -> int:
        """The amount in GiB, rounded up."""
        return -(-self.bytes // GIB)

    def __str__(self) -> str:
        return f"{self.gib}GiB"


@dataclass(frozen=True, slots=True, order=True)
class Ports:
    """A range of TCP or UDP ports, both ends included."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def duration(text: str) -> timedelta:
    """Read `8h`, `90d` or `1h30m`."""
    if not DURATION.fullmatch(text):
        raise refusal("TW0203", f"`{text}` is not a duration", "write a number and a unit: 30s, 15m, 8h, 90d, 2w")
    parts = re.findall(r"([0-9]+)([smhdw])", text)
    seconds = sum(int(number) * SECONDS[unit] for number, unit in parts)
    if not 0 < seconds <= LONGEST:
        raise refusal("TW0203", f"`{text}` is not a duration between 1s and 100 years", "write one like 8h or 90d")
    return timedelta(seconds=seconds)


def days(text: str) -> timedelta:
    """Read a duration of whole days, at least one."""
    length = duration(text)
    if length < timedelta(days=1) or length % timedelta(days=1):
        raise refusal("TW0203", f"`{text}` is not a number of whole days", "write days or weeks: 30d, 2w")
    return length


def size(text: str) -> Size:
    """Read `20GiB`."""
    match = SIZE.fullmatch(text)
    if not match:
        raise refusal("TW0204", f"`{text}` is not a size", "write a number and a unit: 512MiB, 20GiB, 1TiB")
    return Size(int(match[1]) * UNITS[match[2]])


def network(text: str) -> IPv4Network | IPv6Network:
    """Read a CIDR block whose host bits are zero."""
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        raise refusal("TW0205", f"`{text}` is not a CIDR block", "write it like 10.20.0.0/16") from None
    if "/" not in text:
        raise refusal("TW0205", f"`{text}` lacks a prefix length", f"write {loose} for this one address")
    if not text.rpartition("/")[2].isdigit():
        raise refusal("TW0205", f"`{text}` has a mask, not a prefix length", f"did you mean `{loose}`?")
    if loose.network_address != ip_address(text.partition("/")[0]):
        raise refusal("TW0205", f"`{text}` has host bits set", f"did you mean `{loose}`?")
    return loose


def cidr(text: str) -> IPv4Network:
    """Read an IPv4 CIDR block."""
    block = network(text)
    if isinstance(block, IPv6Network):
        raise refusal("TW0205", f"`{text}` is an IPv6 block", "only IPv4 blocks are supported here")
    return block


def email(text: str) -> str:
    """Read an e-mail address."""
    if not EMAIL.fullmatch(text):
        raise refusal("TW0206", f"`{text}` is not an e-mail address", "write it like ada@example.com")
    return text


def host(text: str) -> str:
    """Read a host name, in lower case, without the final dot."""
    name = text.removesuffix(".").lower()
    if not HOST.fullmatch(name) or len(name) > 253:
        raise refusal("TW0207", f"`{text}` is not a host name", "letters, digits and hyphens, in labels split by dots")
    return name


def domain(text: str) -> str:
    """Read a domain name of at least two labels, no wildcard, no underscore."""
    name = host(text)
    if "." not in name or "*" in name or "_" in name:
        raise refusal("TW0207", f"`{text}` is not a domain name", "write it like example.com")
    return name


def name(text: str) -> str:
    """Read a name that can be the last part of a resource's address."""
    if not NAME.fullmatch(text) or len(text) > 64:
        advice = "letters, digits, - and _, beginning with a letter or digit, at most 64"
        raise refusal("TW0208", f"`{text}` is not a name", advice)
    return text


def ports(value: Any) -> Ports:
    """Read a port (`443`) or a range (`"1024-65535"`)."""
    match = PORTS.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
    if not 0 <= first <= last <= TOP_PORT:
        advice = f"write a port from 0 to {TOP_PORT}, or a range like 1024-65535"
        raise refusal("TW0209", f"`{value}` is not a port or a range of ports", advice)
    return Ports(first, last)


def url(text: str) -> str:
    """Read an http or https URL with a host."""
    match = re.fullmatch(r"(https?)://([^/:?#\s]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?", text)
    if not match or not HOST.fullmatch(match[2]):
        raise refusal("TW0212", f"`{text}` is not a web address", "write it like https://app.example.com/callback")
    return text


def usd(value: Any) -> Decimal:
    """Read a positive amount of US dollars."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("TW0113", "expected an amount of US dollars", "write a number such as 250 or 12.50")
    amount = Decimal(str(value))
    if not amount.is_finite() or amount <= 0:
        raise refusal("TW0201", f"`{value}` is not an amount above 0", "write a number such as 250 or 12.50")
    return amount


def pattern(code: str, form: str, meaning: str, example: str) -> Form:
    """Return the form of texts that match `form` and are used as they are."""
    compiled = re.compile(form)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refusal(code, f"`{text}` is not {meaning}", f"write it like {example}")
        return text

    return Form(parse, {"pattern": f"^(?:{form})$", "examples": [example]})


PORTS_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": TOP_PORT}, {"type": "string"}]}

Duration = Annotated[timedelta, Form(duration, {"pattern": f"^{DURATION.pattern}$", "examples": ["8h"]})]
Days = Annotated[timedelta, Form(days, {"pattern": "^(?:[0-9]{1,6}[smhdw])+$", "examples": ["90d"]})]
StorageSize = Annotated[Size, Form(size, {"pattern": f"^{SIZE.pattern}$", "examples": ["20GiB"]})]
Cidr = Annotated[IPv4Network, Form(cidr, {"examples": ["10.20.0.0/16"]})]
IpRange = Annotated[IPv4Network | IPv6Network, Form(network, {"examples": ["203.0.113.0/24"]})]
Email = Annotated[str, Form(email, {"format": "email"})]
Host = Annotated[str, Form(host, {"examples": ["www.example.com"]})]
Domain = Annotated[str, Form(domain, {"examples": ["example.com"]})]
Name = Annotated[str, Form(name, {"pattern": f"^{NAME.pattern}$", "maxLength": 64})]
Url = Annotated[str, Form(url, {"format": "uri"})]
PortRange = Annotated[Ports, PlainValidator(ports), WithJsonSchema(PORTS_SCHEMA)]
Port = Annotated[int, Field(ge=1, le=TOP_PORT)]
Usd = Annotated[Decimal, PlainValidator(usd), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Text = Annotated[str, Field(min_length=1)]
AccountId = Annotated[str, pattern("TW0213", r"[0-9]{12}", "an AWS account id", '"123456789012"')]
HexId = Annotated[str, pattern("TW0213", r"[0-9a-f]{32}", "a Cloudflare id", '"0123456789abcdef0123456789abcdef"')]
RepositoryName = Annotated[str, pattern("TW0213", r"[\w.-]+/[\w.-]+", "a GitHub repository", "owner/name")]
Schedule = Annotated[str, pattern("TW0213", r"(?:cron|rate)\([^()]+\)", "a schedule", "cron(0 3 * * ? *)")]
Action = Annotated[str, pattern("TW0213", r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+", "an IAM action", "s3:GetObject")]
