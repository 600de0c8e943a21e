"""Taking a role of AWS with an identity token: the call carries no signature, the token is all that it has."""

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import urlencode

from werkzeug.datastructures import Headers

from twin.resources.call import Refused, aws
from twin.scenario.stage import Stage
from twin.wire import Request

ACTION = "AssumeRoleWithWebIdentity"
FORM = "application/x-www-form-urlencoded"


def web_session(stage: Stage, role: str, token: str, name: str) -> Mapping[str, str]:
    """Return the session's credentials; Refused when AWS says no."""
    asked = {"RoleArn": role, "RoleSessionName": name, "WebIdentityToken": token}
    body = urlencode({"Action": ACTION, "Version": "2011-06-15", **asked}).encode()
    url = f"https://sts.{stage.world.region}.amazonaws.com/"
    reply = stage.world.handle(Request("POST", url, Headers({"Content-Type": FORM}), body))
    text = reply.body.decode()
    if reply.status != 200:
        raise Refused(aws("sts", ACTION), _part(text, "Code"), _part(text, "Message"), status=reply.status)
    return {name: _part(text, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}


def _part(text: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return unescape(found[1]) if found else ""
