"""The user schema of an org and the checks of a profile against it."""

import re
from typing import Any

from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.state import Org

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
# name -> title, type, shortest, longest; https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/
ATTRIBUTES: dict[str, tuple[str, str, int, int]] = {
    "login": ("Username", "string", 5, 100),
    "firstName": ("First name", "string", 1, 50),
    "lastName": ("Last name", "string", 1, 50),
    "middleName": ("Middle name", "string", 0, 0),
    "honorificPrefix": ("Honorific prefix", "string", 0, 0),
    "honorificSuffix": ("Honorific suffix", "string", 0, 0),
    "email": ("Primary email", "string", 5, 100),
    "title": ("Title", "string", 0, 0),
    "displayName": ("Display name", "string", 0, 0),
    "nickName": ("Nickname", "string", 0, 0),
    "profileUrl": ("Profile Url", "string", 0, 0),
    "secondEmail": ("Secondary email", "string", 5, 100),
    "mobilePhone": ("Mobile phone", "string", 0, 100),
    "primaryPhone": ("Primary phone", "string", 0, 100),
    "streetAddress": ("Street address", "string", 0, 1024),
    "city": ("City", "string", 0, 128),
    "state": ("State", "string", 0, 128),
    "zipCode": ("Zip code", "string", 0, 50),
    "countryCode": ("Country code", "string", 0, 2),
    "postalAddress": ("Postal Address", "string", 0, 4096),
    "preferredLanguage": ("Preferred language", "string", 0, 0),
    "locale": ("Locale", "string", 0, 0),
    "timezone": ("Time zone", "string", 0, 0),
    "userType": ("User type", "string", 0, 0),
    "employeeNumber": ("Employee number", "string", 0, 0),
    "costCenter": ("Cost center", "string", 0, 0),
    "organization": ("Organization", "string", 0, 0),
    "division": ("Division", "string", 0, 0),
    "department": ("Department", "string", 0, 0),
    "managerId": ("ManagerId", "string", 0, 0),
    "manager": ("Manager", "string", 0, 0),
}
REQUIRED = ("login", "firstName", "lastName", "email")


def check_profile(org: Org, profile: dict[str, Any], *, user_id: str = "") -> None:
    """Refuse a profile that the schema does not allow or whose login another user has, with every cause."""
    causes = [f"{name}: The field cannot be left blank" for name in REQUIRED if profile.get(name) in (None, "")]
    for name, value in profile.items():
        if name not in ATTRIBUTES:
            causes.append(f"{name}: The field is not in the user schema")
        elif value not in (None, ""):
            causes += _value_causes(name, value)
    if not causes and login_taken(org, str(profile["login"]), user_id):
        causes.append("login: An object with this field already exists in the current organization")
    if causes:
        refuse(causes[0].partition(":")[0], *causes)


def _value_causes(name: str, value: Any) -> list[str]:
    _, _, shortest, longest = ATTRIBUTES[name]
    if not isinstance(value, str):
        return [f"{name}: The field must be a string"]
    if longest and not shortest <= len(value) <= longest:
        return [f"{name}: The field must be between {shortest} and {longest} characters"]
    return _format_causes(name, value)


def _format_causes(name: str, value: str) -> list[str]:
    if name in ("email", "secondEmail") and not re.fullmatch(EMAIL, value):
        return [f"{name}: Does not match required pattern"]
    if name == "login" and not re.fullmatch(EMAIL, value):
        return ["login: Username must be in the form of an email address"]
    return []


def login_taken(org: Org, login: str, user_id: str) -> bool:
    """Say whether another user has that login; case does not tell logins apart."""
    wanted = login.casefold()
    return any(user["profile"]["login"].casefold() == wanted and user["id"] != user_id for user in org.users.values())


def schema_document(base: str) -> dict[str, Any]:
    """Return the default user schema as a JSON Schema document with its base properties."""
    return {
        "id": f"{base}/meta/schemas/user/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "type": "object",
        "definitions": {
            "base": {
                "id": "#base",
                "type": "object",
                "properties": {name: _property(name) for name in ATTRIBUTES},
                "required": list(REQUIRED),
            },
            "custom": {"id": "#custom", "type": "object", "properties": {}, "required": []},
        },
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
    }


def _property(name: str) -> dict[str, Any]:
    title, kind, shortest, longest = ATTRIBUTES[name]
    required = {"required": True} if name in REQUIRED else {}
    bounds = {"minLength": shortest, "maxLength": longest} if longest else {}
    return {
        "title": title,
        "type": kind,
        **required,
        "mutability": "READ_WRITE",
        "scope": "NONE",
        **bounds,
        "permissions": [{"principal": "SELF", "action": "READ_ONLY"}],
        "master": {"type": "PROFILE_MASTER"},
    }
