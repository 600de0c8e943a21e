"""Shorthand for the vendor's own SDK: what a result holds, and a user and a group made through it."""

from importlib import import_module


class Later:
    """A module of the SDK, which takes seconds to import: only who asks for something of it waits for them."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, part):
        if part.startswith("_"):  # pytest, which asks each name of a test's module whether it is a fixture
            raise AttributeError(part)
        return getattr(import_module(self._name), part)


m = Later("okta.models")


def got(result):
    """Return the model of an SDK result `(model, response, error)`."""
    assert result[-1] is None, result[-1]
    return result[0]


async def make_user(sdk, name, **profile):
    """Create a staged user through the SDK."""
    fields = m.UserProfile(
        firstName=name.title(), lastName="T", email=f"{name}@acme.example", login=f"{name}@acme.example", **profile
    )
    return got(await sdk.create_user(m.CreateUserRequest(profile=fields), activate=False))


async def make_group(sdk, name):
    """Create a group through the SDK."""
    return got(await sdk.add_group(m.AddGroupRequest(profile=m.OktaUserGroupProfile(name=name, description="x"))))
