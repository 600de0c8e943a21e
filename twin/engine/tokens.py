"""The vendors' tokens of the real accounts: from the environment, else from the user's keyring, each for its hosts."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from twin.data_files import read_yaml
from twin.errors import GuardError, TargetError

SERVICE = "twin"
"""Under which service a token stands in the keyring; its user name there is `VARIABLE@HOST`, who receives it."""
LIMIT = 10.0
"""How many seconds a keyring may take: one that waits for its user to unlock it may wait where nobody sees it."""
LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
# Stricter than URLs are: what one client takes for a user's name or a path may be the host to another.
ADDRESS = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?(/[!-\[\]-~]*)?", re.IGNORECASE | re.ASCII)
PORTS = {"https": ":443", "http": ":80"}
HOSTS = Path(__file__).parent / "data" / "token_hosts.yaml"


def tokens(environ: Mapping[str, str], url: str, *names: str, vendor: str) -> tuple[str, ...]:
    """Return the tokens that go to a vendor's address, by their variables' names; else the keyring has them.

    TargetError when neither has one, and for an address to which no token may go; GuardError where the environment has
    one, and the address is neither the vendor's own nor told by the environment: a spec is no one's word for that.
    """
    host = receiver(url)
    if met := [name for name in names if environ.get(name)]:
        _refuse_stranger(environ, host, met, vendor)
    return tuple(_token(environ, name, f"{name}@{host}") for name in names)


def _refuse_stranger(environ: Mapping[str, str], host: str, names: list[str], vendor: str) -> None:
    """GuardError for a host that is none of the vendor's, unless the environment, which has the token, names it too."""
    known = read_yaml(HOSTS.read_text(encoding="utf-8"))[vendor]
    if environ.get(known["named_by"]) or any(fnmatchcase(host, pattern) for pattern in known["hosts"]):
        return
    raise GuardError(
        f"refused, nothing was sent: {' and '.join(names)} would go to {host}, as the spec says, and that is no host "
        f"of {known['title']}'s ({', '.join(known['hosts'])}). If it is meant, say so where the token is: "
        f"{known['named_by']}=https://{host}; or keep the token for that host alone: unset it here, and "
        f"keyring set {SERVICE} {names[0]}@{host}"
    )


def receiver(url: str) -> str:
    """Return the host of an address, with its port where that is another than usual; TargetError without TLS."""
    found = ADDRESS.fullmatch(url)
    if found is None:
        raise TargetError(f"{url!r} is no address of a vendor: write https://HOST")
    scheme, host, port = found[1].lower(), found[2].lower(), found[3] or ""
    if scheme != "https" and host not in LOOPBACK:
        raise TargetError(f"{url}: a token goes over https alone")
    return host + (port if port != PORTS[scheme] else "")


def _token(environ: Mapping[str, str], name: str, entry: str) -> str:
    if value := environ.get(name):
        return value
    value, trouble = _answer(entry) if not environ.get("CI") else (None, "it is not asked where CI is set")
    if not value:
        raise TargetError(
            f"{name} is not set: the live target needs it, in the environment or in the keyring "
            f"(keyring set {SERVICE} {entry})" + (f"; the keyring has no say: {trouble}" if trouble else "")
        )
    return value


def _answer(entry: str) -> tuple[str | None, str]:
    """Return what the keyring has under a name, and why it has not told; it is not waited for beyond its time."""
    answers = SimpleQueue[tuple[str | None, str]]()
    Thread(target=lambda: answers.put(_kept(entry)), daemon=True).start()
    try:
        return answers.get(timeout=LIMIT)
    except Empty:
        return None, f"it did not answer within {LIMIT:g} seconds; unlock it first"


def _kept(entry: str) -> tuple[str | None, str]:
    import keyring  # takes longer to load than most commands take, and is seldom needed
    from keyring.errors import NoKeyringError

    try:
        return keyring.get_password(SERVICE, entry), ""
    except NoKeyringError:
        return None, "this machine has none"
    except Exception as error:  # backends are plug-ins of the user's, which raise what they like
        return None, f"it could not be asked: {type(error).__name__}: {error}"
