"""What all tests share."""

import twin.world  # noqa: F401 - moto reads its settings when it is first imported, by whichever test
