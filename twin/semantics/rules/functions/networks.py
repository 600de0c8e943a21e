"""Functions on addresses."""

from twin.semantics.rules.syntax import Ip


def cidr(address: Ip, ipv4_bits: int, ipv6_bits: int) -> Ip:
    """Return the network of an address: its first bits, zeros after them."""
    hosts = 32 - ipv4_bits if address.version == 4 else 128 - ipv6_bits
    return Ip(address.version, address.number >> hosts << hosts)


def cidr6(address: Ip, ipv6_bits: int) -> Ip:
    """Return the network of an IPv6 address; an IPv4 address stays as it is."""
    return cidr(address, 32, ipv6_bits)
