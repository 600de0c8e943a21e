"""What a workflow file of GitHub Actions says: its triggers, jobs and permissions, and what its expressions come to."""

from twin.semantics.workflows.expressions import BadExpression, evaluate, filled, truthy
from twin.semantics.workflows.workflow import BadWorkflow, Job, Workflow, parse

__all__ = ["BadExpression", "BadWorkflow", "Job", "Workflow", "evaluate", "filled", "parse", "truthy"]
