"""Events of EventBridge, and the patterns that take them."""
