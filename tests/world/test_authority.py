"""The user's test authority: private, kept, renewed, and good for loopback only."""

import os
import ssl
import threading
from datetime import timedelta

import pytest
from cryptography import x509
from mounted import NOW

from twin.errors import UsageError
from twin.world.authority import identity
from twin.world.certificates import certificate_pem, issue_leaf, issue_root, key_pem
from twin.world.trusted_roots import write_bundle


@pytest.fixture
def folder(tmp_path):
    """Where the authority shall be."""
    return tmp_path / "data" / "ca"


def modes(folder):
    """The modes of a folder's files."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_keys_are_private_from_the_start(folder, monkeypatch):
    """Whatever the umask, no file is ever opened that others could read, and none is changed afterwards."""
    opened, real = [], os.open
    monkeypatch.setattr(os, "open", lambda path, flags, mode=0o777: (opened.append(mode), real(path, flags, mode))[1])
    monkeypatch.setattr(os, "chmod", None)
    before = os.umask(0)
    try:
        identity(folder, now=NOW)
    finally:
        os.umask(before)
    assert set(opened) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert set(modes(folder)) == {"ca.pem", "ca-key.pem", "twin.pem", "twin-key.pem", "lock"}
    assert set(modes(folder).values()) == {0o600}


def test_authority_and_certificate_are_kept_between_runs(folder):
    """A second run finds both; clients that trust the first trust the second."""
    first = identity(folder, now=NOW)
    told = first.root.read_bytes(), first.certificate.read_bytes()
    second = identity(folder, now=NOW + timedelta(days=70))
    assert (second.root.read_bytes(), second.certificate.read_bytes()) == told


def test_certificate_is_renewed_before_it_ends(folder):
    """Two weeks before its end there is a new one, of the same authority, with a key of its own."""
    first = identity(folder, now=NOW)
    root, leaf, key = first.root.read_bytes(), first.certificate.read_bytes(), first.key.read_bytes()
    later = identity(folder, now=NOW + timedelta(days=77))
    assert later.root.read_bytes() == root
    assert leaf != later.certificate.read_bytes()
    assert key != later.key.read_bytes()
    assert x509.load_pem_x509_certificate(later.certificate.read_bytes()).not_valid_after_utc == NOW + timedelta(
        days=167
    )


def test_certificate_of_another_authority_is_replaced(folder, tmp_path):
    """A leaf that the root did not sign is of no use."""
    found = identity(folder, now=NOW)
    other = identity(tmp_path / "other", now=NOW)
    found.certificate.write_bytes(other.certificate.read_bytes())
    found.key.write_bytes(other.key.read_bytes())
    leaf = x509.load_pem_x509_certificate(identity(folder, now=NOW).certificate.read_bytes())
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(found.root.read_bytes()))


@pytest.mark.parametrize("name", ["ca-key.pem", "twin-key.pem"])
def test_key_that_others_can_read_is_refused(folder, name):
    """It may be stolen; the sentence says which file and what to do."""
    identity(folder, now=NOW)
    (folder / name).chmod(0o640)
    with pytest.raises(UsageError, match=rf"{name} can be read by others.*remove the folder {folder}"):
        identity(folder, now=NOW)


def test_folder_that_others_can_change_is_refused(folder):
    """They could put an authority of their own there."""
    identity(folder, now=NOW)
    folder.chmod(0o770)
    with pytest.raises(UsageError, match="chmod 700"):
        identity(folder, now=NOW)


def test_broken_authority_is_refused_and_left_as_it_is(folder, tmp_path):
    """Half an authority, garbage, the key of another, one that ends: nothing is made in its place unasked."""
    found = identity(folder, now=NOW)
    key, root = (folder / "ca-key.pem"), found.root.read_bytes()
    kept = key.read_bytes()
    identity(tmp_path / "other", now=NOW)
    for content in (b"", b"nonsense", kept[:-60], (tmp_path / "other" / "ca-key.pem").read_bytes()):
        key.write_bytes(content)
        with pytest.raises(UsageError, match="remove the folder"):
            identity(folder, now=NOW)
    key.unlink()
    with pytest.raises(UsageError, match="remove the folder"):
        identity(folder, now=NOW)
    assert found.root.read_bytes() == root
    key.touch(0o600)
    key.write_bytes(kept)
    with pytest.raises(UsageError, match="ends too soon"):
        identity(folder, now=NOW + timedelta(days=3600))
    assert identity(folder, now=NOW).root.read_bytes() == root


def test_twins_that_start_at_once_share_one_authority(folder):
    """Whoever comes second waits and finds what the first has made."""
    found, starts = [], threading.Barrier(6)

    def start():
        starts.wait()
        mine = identity(folder, now=NOW)
        found.append((mine.root.read_bytes(), mine.certificate.read_bytes()))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def verified(root, chain, key, name):
    """Shake hands in memory as a strict client does; returns the error, None when there is none."""
    client, server = ssl.create_default_context(cafile=root), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    server.load_cert_chain(chain, key)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there, server_hostname=name), server.wrap_bio(there, back, server_side=True)]
    for _ in range(3):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
    return None


@pytest.mark.parametrize("name", ["127.0.0.1", "::1", "localhost", "s3.localhost", "lake.s3.localhost"])
def test_certificate_stands_for_every_loopback_name(name, proof):
    """A client that checks everything takes it for each address of the twin."""
    assert verified(proof.root, proof.certificate, proof.key, name) is None


def test_certificate_stands_for_nothing_else(proof):
    """Another name is refused, and so is an authority that the client does not know."""
    assert "mismatch" in verified(proof.root, proof.certificate, proof.key, "example.com")
    assert "unable to get local issuer" in verified(None, proof.certificate, proof.key, "localhost")


@pytest.mark.parametrize(
    ("general", "name"),
    [(x509.DNSName("sts.amazonaws.com"), "sts.amazonaws.com"), (x509.DNSName("localhost"), "localhost")],
)
def test_stolen_root_key_is_worth_nothing_outside(tmp_path, general, name):
    """The root's name constraints make clients refuse what it signs for others; for loopback they take it."""
    from twin.clock import WallClock

    now = WallClock().now()
    root, signer = issue_root(now=now, valid=timedelta(days=1))
    leaf, key = issue_leaf(root, signer, now=now, valid=timedelta(days=1), names=(general,))
    for file, content in (("root", certificate_pem(root)), ("leaf", certificate_pem(leaf)), ("key", key_pem(key))):
        (tmp_path / file).write_bytes(content)
    said = verified(tmp_path / "root", tmp_path / "leaf", tmp_path / "key", name)
    assert said == (None if name == "localhost" else "permitted subtree violation")
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.path_length) == (True, 0)


def test_bundle_has_the_users_roots_and_the_twins(folder, tmp_path):
    """What the user chose is kept, also in a shell that names the bundle already; without a choice the machine's is."""
    found, own = identity(folder, now=NOW), tmp_path / "corporate.pem"
    own.write_text("-----BEGIN CERTIFICATE-----\ncorporate\n-----END CERTIFICATE-----\n")
    bundle = write_bundle(found.root, environ={"SSL_CERT_FILE": str(own)})
    assert bundle.read_text() == f"{own.read_text()}\n{found.root.read_text()}"
    again = write_bundle(found.root, environ={"SSL_CERT_FILE": str(bundle)})
    context = ssl.create_default_context(cafile=again)
    assert len(context.get_ca_certs()) > 50
    assert found.root.read_text() in again.read_text()
