"""`twin snapshot` and `twin up --from`: a twin that ended goes on in another process."""

import stat

import boto3


def client(shell, service):
    """Return a client of the running twin."""
    served = shell.served
    session = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1")
    return session.client(service, endpoint_url=served["url"])


def test_twin_goes_on_from_a_file(shell, twin, tmp_path):
    """What was stored, the clock and the keys are there again; a file that is not ours is refused, and nothing runs."""
    file = tmp_path / "kept.world"
    assert shell("up")[0] == 0
    client(shell, "s3").create_bucket(Bucket="lake")
    client(shell, "s3").put_object(Bucket="lake", Key="k", Body=b"x")
    assert twin("clock", "advance", "2d")[0] == 0
    code, out, _ = twin("snapshot", file)
    assert (code, "go on from it" in out) == (0, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = shell.served["access_key_id"]
    assert twin("down")[0] == 0
    code, _, err = shell("up", "--from", file)
    assert code == 0, err
    assert shell.served["access_key_id"] == key
    assert client(shell, "s3").get_object(Bucket="lake", Key="k")["Body"].read() == b"x"
    assert "172" in twin("clock")[1]
    assert twin("up", "--from", file)[0] == 2
    assert twin("down")[0] == 0
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    code, _, err = twin("up", "--from", file)
    assert (code, "changed, or sealed with another key" in " ".join(err.split())) == (3, True)
