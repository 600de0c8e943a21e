"""The certificates of the twin's test authority: a root that is bound to loopback names, and a server's under it."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey
# OpenSSL takes no wildcard directly under `localhost`, Go and Node do; buckets below `s3.localhost` suit all of them.
NAMES: tuple[x509.GeneralName, ...] = (
    x509.DNSName("localhost"),
    x509.DNSName("*.localhost"),
    x509.DNSName("s3.localhost"),
    x509.DNSName("*.s3.localhost"),
    x509.IPAddress(ip_address("127.0.0.1")),
    x509.IPAddress(ip_address("::1")),
)
ALLOWED: tuple[x509.GeneralName, ...] = (
    x509.DNSName("localhost"),
    x509.IPAddress(ip_network("127.0.0.0/8")),
    x509.IPAddress(ip_network("::1/128")),
)
# Certificates begin a little before they are made: other clocks may be behind.
BACKDATED = timedelta(hours=1)


def issue_root(*, now: datetime, valid: timedelta) -> tuple[x509.Certificate, Key]:
    """Make an authority that signs servers only, and of those only loopback's: its key is worth little to a thief."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    name = _name(f"twin loopback test CA {serial:040x}"[:30])
    builder = _builder(name, name, serial, now, valid).public_key(key.public_key())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(ALLOWED, None), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256()),
        key,
    )


def issue_leaf(
    root: x509.Certificate, signer: Key, *, now: datetime, valid: timedelta, names: tuple[x509.GeneralName, ...] = NAMES
) -> tuple[x509.Certificate, Key]:
    """Make a server's certificate, by default for every loopback name."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name("localhost"), root.subject, x509.random_serial_number(), now, valid)
    authority = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        builder.public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority), critical=False)
        .sign(signer, SHA256()),
        key,
    )


def names_of(certificate: x509.Certificate) -> tuple[x509.GeneralName, ...]:
    """Return the names for which a certificate stands."""
    try:
        return tuple(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return ()


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """Write a certificate as text."""
    return certificate.public_bytes(Encoding.PEM)


def key_pem(key: Key) -> bytes:
    """Write a private key as text; the file that takes it has to be private."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(text: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "twin"), x509.NameAttribute(NameOID.COMMON_NAME, text)]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, serial: int, now: datetime, valid: timedelta
) -> x509.CertificateBuilder:
    start = now.replace(microsecond=0) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(now.replace(microsecond=0) + valid)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
