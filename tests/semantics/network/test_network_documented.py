"""What AWS documents of each gateway and filter, row by row: question, fate of the packet, fate of its reply, page."""

import estate
import pytest

from twin.semantics.network.decide import decide
from twin.semantics.network.index import Index
from twin.semantics.network.question import parse

VPC = "docs.aws.amazon.com/vpc/latest/userguide/"
IGW, EIGW = f"{VPC}VPC_Internet_Gateway.html", f"{VPC}egress-only-internet-gateway.html"
NAT = f"{VPC}nat-gateway-basics.html"
NAT64, PRIORITY = f"{VPC}nat-gateway-nat64-dns64.html", f"{VPC}route-tables-priority.html"
ROUTES, SUBNETS = f"{VPC}RouteTables.html", f"{VPC}configure-subnets.html"
GROUPS, RULES = f"{VPC}vpc-security-groups.html", f"{VPC}security-group-rules.html"
ACLS, ACL_RULES = f"{VPC}vpc-network-acls.html", f"{VPC}nacl-rules.html"
EPHEMERAL, MIDDLEBOX = f"{VPC}custom-network-acl.html", f"{VPC}middlebox-routing-examples.html"
PEERING = "docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"
PEER_GROUPS = "docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html"
NOT_TRANSITIVE = "docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html"
TGW = "docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html"
TGW_VPC = "docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"
S3 = "docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"
LINK = "docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
VPN = "docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html"
VPN_PRIORITY = "docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"
ENI = "docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html"
NAT_INSTANCE = f"{VPC}VPC_NAT_Instance.html"
ALB = "docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html"
HEALTH = "docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
NLB = "docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html"
STOP = "docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html"

OK, IN, OUT, NO, NULL = "accepted", "denied_in", "denied_out", "no_route", "null_routed"
EXIT, ALONE = "exits_network", "neighbor_unreachable"
GATEWAYS = ("vgw-", "vpn-", "tgw-", "pcx-", "igw-")

ROWS = """
internet        198.51.100.10        tcp   443   OK    back  IGW
internet        i-web                tcp   443   OK    back  IGW
internet        2001:db8:a:1::10     tcp   443   OK    back  IGW
internet        10.0.1.10            tcp   443   NO    -     IGW
internet        i-web                tcp   80    IN    -     GROUPS
internet        198.51.100.12        tcp   443   IN    -     GROUPS
internet        i-plain              tcp   443   NO    -     IGW
internet        198.51.100.20        tcp   22    OK    back  ENI
internet        203.0.113.9          tcp   443   EXIT  -     IGW
internet        198.51.100.200       tcp   443   IN    -     NAT
internet        198.51.100.31        tcp   443   IN    -     ACLS
internet        198.51.100.90        tcp   443   OK    lost  IGW
internet        2001:db8:a:9::10     tcp   443   OK    back  IGW
internet        2001:db8:b:1::10     tcp   80    NO    -     IGW
internet=203.0.113.5  i-web          tcp   22    OK    back  RULES
internet=192.0.2.5    i-web          tcp   22    IN    -     RULES
internet        i-web                icmp  8     OK    back  RULES
internet        i-web                icmp  13    IN    -     RULES
internet        i-web                udp   443   IN    -     RULES
internet        i-web                -     -     OK    back  RULES
eni-web         8.8.8.8              tcp   443   EXIT  back  IGW
eni-web         8.8.8.8              icmp  8     EXIT  back  IGW
eni-web         2600::1              tcp   443   EXIT  back  IGW
eni-plain       8.8.8.8              tcp   443   OUT   -     IGW
eni-two=10.0.1.20     8.8.8.8        tcp   443   EXIT  back  ENI
eni-two=10.0.1.21     8.8.8.8        tcp   443   OUT   -     ENI
eni-two         8.8.8.8              tcp   443   EXIT  back  ENI
eni-plain=10.9.9.9    8.8.8.8        tcp   443   OUT   -     NAT_INSTANCE
eni-web         198.51.100.20        tcp   22    OK    back  IGW
eni-plain       198.51.100.20        tcp   22    OUT   -     IGW
eni-six         8.8.8.8              tcp   443   NULL  -     IGW
eni-six         2600::1              tcp   443   EXIT  back  IGW
eni-app         8.8.8.8              tcp   443   EXIT  back  NAT
eni-app         8.8.8.8              udp   53    EXIT  back  NAT
eni-app         8.8.8.8              icmp  8     EXIT  back  NAT
eni-esp         8.8.8.8              50    -     OUT   -     NAT
eni-app2        8.8.8.8              tcp   443   EXIT  back  NAT
eni-app         i-app                tcp   7000  OK    back  RULES
eni-app         64:ff9b::808:808     tcp   443   EXIT  back  NAT64
eni-plain       10.0.1.200           tcp   443   IN    -     NAT
eni-plain       10.9.8.1             tcp   443   NULL  -     NAT
eni-app         2600::1              tcp   443   EXIT  back  EIGW
internet        2001:db8:a:2::60     icmpv6 128  IN    -     EIGW
eni-db          8.8.8.8              tcp   443   OUT   -     ACLS
eni-db          10.0.2.10            tcp   8080  IN    -     GROUPS
eni-esp         2600::1              icmpv6 128  EXIT  back  EIGW
eni-app         52.216.0.1           tcp   443   EXIT  back  S3
eni-app         52.218.0.1           tcp   443   EXIT  back  S3
eni-plain       52.216.0.1           tcp   443   OUT   -     S3
eni-plain       10.0.2.50            tcp   443   OK    back  LINK
eni-plain       10.0.2.50            tcp   80    IN    -     LINK
eni-peer        10.0.2.50            tcp   443   IN    -     LINK
eni-plain       10.9.1.1             tcp   443   EXIT  back  VPN
eni-plain       10.9.7.1             tcp   443   EXIT  back  VPN
eni-plain       10.9.5.1             tcp   443   NULL  -     PRIORITY
eni-plain       10.9.6.1             tcp   443   NULL  -     PEERING
eni-plain       10.0.200.1           tcp   443   NULL  -     VPN_PRIORITY
vgw-a=10.9.1.1        10.0.1.11      tcp   443   OK    back  VPN
vpn-a=10.9.1.1        10.0.1.11      tcp   443   OK    back  VPN
vgw-a=10.9.1.1        i-app          tcp   9005  OK    lost  VPN
vgw-a=10.9.1.1        10.1.1.10      tcp   443   NO    -     NOT_TRANSITIVE
vgw-a=10.9.1.1        8.8.8.8        tcp   443   NO    -     NOT_TRANSITIVE
vgw-a=10.9.1.1        10.0.1.99      tcp   443   ALONE -     VPN
eni-app         10.1.1.10            tcp   443   OK    back  PEER_GROUPS
eni-plain       10.1.1.10            tcp   443   IN    -     PEER_GROUPS
eni-plain       10.1.1.10            tcp   80    OK    back  PEERING
eni-plain       10.1.1.10            icmp  8     OK    back  PEERING
eni-app         2001:db8:b:1::10     tcp   80    OK    back  PEERING
eni-db2         10.1.1.10            tcp   80    OUT   -     ACLS
eni-six         10.1.1.10            tcp   80    NULL  -     IGW
eni-insp        10.1.1.10            tcp   80    NO    -     PEERING
eni-peer        10.0.2.10            tcp   6000  OK    back  PEER_GROUPS
eni-peer        10.2.1.10            tcp   80    OK    back  PEERING
eni-peer        8.8.8.8              tcp   443   NULL  -     NOT_TRANSITIVE
eni-peer        10.0.1.10            tcp   443   OK    back  PEERING
eni-peer        10.3.1.10            tcp   443   NULL  -     NOT_TRANSITIVE
eni-far         10.1.1.10            tcp   80    IN    -     PEERING
eni-app         10.2.1.10            tcp   80    OK    back  TGW
eni-app         10.2.1.10            tcp   443   IN    -     TGW
eni-app         10.2.200.1           tcp   80    NULL  -     TGW
eni-app         10.3.1.10            tcp   80    NULL  -     TGW
eni-app         10.7.1.1             tcp   80    NO    -     TGW
eni-app         10.8.1.1             tcp   80    EXIT  back  TGW
eni-app2        10.2.1.10            tcp   80    NULL  -     TGW_VPC
eni-lone        10.0.2.10            tcp   9000  NO    -     TGW
eni-far         10.0.2.10            tcp   9000  OK    back  TGW
eni-far         10.0.1.11            tcp   80    OK    lost  TGW
eni-far         10.8.1.1             tcp   443   EXIT  back  TGW
tgw-attach-vpn=10.8.1.1  10.0.2.10   tcp   9000  OK    back  TGW
vpn-t=10.8.1.1        10.2.1.10      tcp   80    OK    back  TGW
tgw-attach-vpn=10.8.1.1  10.0.2.10   tcp   9011  IN    -     TGW
tgw-attach-vpn=10.8.1.1  10.6.1.1    tcp   80    NO    -     TGW
eni-plain       10.0.1.10            tcp   443   OK    back  SUBNETS
eni-plain       10.0.1.99            tcp   443   ALONE -     SUBNETS
eni-plain       10.0.100.1           tcp   443   NULL  -     ROUTES
eni-plain       10.0.2.61            tcp   443   ALONE -     STOP
eni-off         10.0.1.11            tcp   443   ALONE -     STOP
eni-insp        8.8.8.8              tcp   443   NO    -     ROUTES
eni-web         10.0.2.10            tcp   8080  OK    back  RULES
eni-plain       10.0.2.10            tcp   8080  IN    -     RULES
eni-appb        10.0.2.10            tcp   7000  OK    back  RULES
eni-plain       10.0.2.10            tcp   9010  OK    back  RULES
eni-plain       10.0.2.10            tcp   9011  IN    -     RULES
eni-plain       10.0.2.10            udp   9000  IN    -     RULES
eni-mute        10.0.2.10            tcp   9000  OUT   -     GROUPS
eni-plain       10.0.2.13            tcp   1     OK    back  GROUPS
eni-narrow      10.0.1.10            tcp   443   OK    back  RULES
eni-narrow      10.0.1.11            tcp   80    OUT   -     RULES
eni-narrow      10.0.3.10            tcp   5432  IN    -     RULES
eni-app         10.0.3.10            tcp   5432  OK    back  RULES
eni-plain       10.0.2.60            50    -     OK    back  RULES
eni-plain       10.0.2.60            51    -     IN    -     RULES
eni-web         2001:db8:a:2::60     icmpv6 128  OK    back  RULES
eni-web         10.0.2.60            icmp  8     IN    -     RULES
eni-mute        169.254.169.254      tcp   80    OK    back  GROUPS
eni-mute        169.254.169.253      udp   53    OK    back  GROUPS
eni-mute        10.0.0.2             udp   53    OK    back  GROUPS
eni-db          10.0.3.11            tcp   22    OK    back  ACLS
eni-app2        10.0.3.10            tcp   5432  IN    -     ACL_RULES
eni-app         10.0.3.11            tcp   22    IN    -     ACL_RULES
eni-plain       10.0.5.10            tcp   22    IN    -     ACL_RULES
eni-app         10.0.5.10            tcp   22    OK    back  ACL_RULES
eni-app         10.0.5.10            tcp   85    OK    back  ACL_RULES
eni-plain       10.0.5.10            tcp   80    OK    lost  EPHEMERAL
eni-plain       10.0.5.10            tcp   443   IN    -     ACL_RULES
eni-plain       10.0.5.10            icmp  8     OK    back  ACL_RULES
eni-app         10.0.5.10            udp   53    OK    lost  EPHEMERAL
eni-acl         10.0.1.11            tcp   443   OK    back  EPHEMERAL
eni-acl         10.0.8.10            tcp   443   OK    lost  EPHEMERAL
eni-acl         10.0.1.11            tcp   80    OUT   -     ACL_RULES
eni-acl         10.0.5.11            tcp   1     OK    back  ACLS
eni-acl         10.0.1.11            icmp  8     OUT   -     ACL_RULES
eni-insp        10.0.2.10            tcp   9000  OK    back  MIDDLEBOX
eni-insp        10.0.2.10            tcp   8080  IN    -     MIDDLEBOX
eni-insp        10.0.3.10            tcp   22    IN    -     NAT_INSTANCE
eni-insp        10.0.1.11            tcp   80    OK    back  ROUTES
internet        198.51.100.80        tcp   443   OK    back  ALB
internet        198.51.100.80        tcp   80    OK    back  ALB
internet        198.51.100.80        tcp   81    ALONE -     HEALTH
internet        198.51.100.80        tcp   82    IN    -     ALB
internet        198.51.100.80        tcp   444   IN    -     ALB
internet        198.51.100.81        tcp   9000  IN    -     NLB
eni-peer        10.0.1.81            tcp   9000  OK    back  NLB
eni-plain       10.0.1.81            tcp   9000  OK    back  NLB
eni-plain       10.0.1.80            tcp   443   OK    back  ALB
"""


def source(text: str) -> dict[str, object]:
    """Read `eni-web=10.0.1.10`."""
    name, _, address = text.partition("=")
    kind = "interface" if name.startswith("eni-") else "gateway" if name.startswith(GATEWAYS) else name
    return {kind: True if kind == "internet" else name} | ({"ip": address} if address else {})


def question(src: str, dst: str, protocol: str, port: str) -> dict[str, object]:
    """Return a row as a line of `twin decide network`."""
    found: dict[str, object] = {"src": source(src), "dst": {"instance" if dst.startswith("i-") else "ip": dst}}
    found |= {"protocol": protocol} if protocol != "-" else {}
    return found | ({"port": int(port)} if port != "-" else {})


@pytest.fixture(scope="module")
def index() -> Index:
    """The estate as it is."""
    return estate.index()


@pytest.mark.parametrize("row", [line for line in ROWS.splitlines() if line], ids=lambda row: " ".join(row.split()))
def test_a_packet_ends_where_the_documentation_says(row: str, index: Index) -> None:
    """Each row names the page that it was written from; `lost` means that the reply does not come back."""
    src, dst, protocol, port, fate, reply, page = row.split()
    decision = decide(index, parse(question(src, dst, protocol, port)))
    assert decision.disposition == globals()[fate], (decision.because, globals()[page])
    if reply != "-":
        came = decision.reply.because if decision.reply else "no reply"
        assert decision.returns == (reply == "back"), (came, globals()[page])


def test_there_are_rows_for_every_disposition_and_enough_of_them() -> None:
    """The table keeps its size and its breadth."""
    rows = [line.split() for line in ROWS.splitlines() if line]
    assert len(rows) >= 100
    assert {row[4] for row in rows} == {"OK", "IN", "OUT", "NO", "NULL", "EXIT", "ALONE"}
