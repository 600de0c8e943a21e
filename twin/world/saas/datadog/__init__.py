"""The Datadog organization of the twin: metrics, monitors that evaluate them, downtimes, events."""
