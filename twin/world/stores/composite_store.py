"""Two stores as one: LocalStack keeps the services of its groups, moto all others."""

from moto.core.request import Request as MotoRequest

from twin.clock import Clock
from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.stores.elsewhere import keep_elsewhere
from twin.world.stores.localstack_state import stand_ins
from twin.world.stores.localstack_store import LocalStackStore
from twin.world.stores.moto_routes import Route
from twin.world.stores.moto_store import MotoStore


class CompositeStore(MotoStore):
    """The embedded store, and beside it a LocalStack that was empty when the world began."""

    def __init__(self, seed: int | str, clock: Clock, localstack: LocalStackStore) -> None:
        super().__init__(seed, clock)
        self.localstack = localstack
        self.elsewhere = localstack.services
        keep_elsewhere(stand_ins(localstack.services, localstack.contents))

    def answer(self, call: Call, route: Route | None, request: MotoRequest) -> Response:
        """Let the store that keeps the call's service answer."""
        if call.service in self.elsewhere:
            return self.localstack.answer(call)
        return super().answer(call, route, request)

    def close(self) -> None:
        """Empty LocalStack of what this world put there."""
        self.localstack.close()
        super().close()
