"""A receiver of webhooks, mounted in the process: what came, and what it answers."""

import json

from werkzeug.datastructures import Headers

from twin.wire import Response


class Receiver:
    """Keeps the requests that it got; answers `status`, and Okta's challenge while it `verifies`."""

    def __init__(self):
        self.got, self.status, self.verifies = [], 204, True

    def __call__(self, request):
        self.got.append(request)
        value = request.headers.get("X-Okta-Verification-Challenge")
        if value is not None and self.verifies:
            return Response(200, Headers(), json.dumps({"verification": value}).encode())
        return Response(self.status)
