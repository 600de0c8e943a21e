"""The Auth0 tenant of the twin: its management and authentication APIs."""
