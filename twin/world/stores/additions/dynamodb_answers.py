"""DynamoDB: what an update consumed is told to who asks, and a transaction reads a hundred items."""

from typing import Any

from moto.dynamodb import responses
from moto.dynamodb.responses import DynamoHandler, include_consumed_capacity

from twin.world.stores.additions import adds

answered_by_moto = DynamoHandler.update_item
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
vars(responses)["TRANSACTION_MAX_ITEMS"] = 100


@adds(DynamoHandler)
@include_consumed_capacity()
def update_item(handler: Any) -> Any:
    """Answer a change of an item."""
    answer: Any = answered_by_moto(handler)
    answer.result.pop("ConsumedCapacity", None)
    return answer
