"""The vendors' tokens of the real accounts: from the environment, else from the user's keyring."""

from collections.abc import Mapping

from twin.errors import TargetError

SERVICE = "twin"
"""Under which service a token stands in the keyring; its user name there is the variable's name."""


def token(environ: Mapping[str, str], name: str) -> str:
    """Return a token by its variable's name; the keyring is asked only for what the environment lacks.

    TargetError when neither has it.
    """
    if value := environ.get(name):
        return value
    value, trouble = _kept(name)
    if not value:
        raise TargetError(
            f"{name} is not set: the live target needs it, in the environment or in the keyring "
            f"(keyring set {SERVICE} {name})" + (f"; the keyring could not be asked: {trouble}" if trouble else "")
        )
    return value


def _kept(name: str) -> tuple[str | None, str]:
    """Return what the keyring has under a name, and why it could not be asked."""
    import keyring  # takes longer to load than most commands take, and is seldom needed
    from keyring.errors import NoKeyringError

    try:
        return keyring.get_password(SERVICE, name), ""
    except NoKeyringError:
        return None, "this machine has none"
    except Exception as error:  # backends are plug-ins of the user's, which raise what they like
        return None, f"{type(error).__name__}: {error}"
