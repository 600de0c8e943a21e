"""What a query of CloudWatch Logs Insights says beside its commands.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-alias.html (read: 2026-11-29)
"""

import re

COMMENT = re.compile(r"#[^\n]*")


def uncommented(query: str) -> str:
    """Return a query without its comments, each of which goes from a hash to the end of its line."""
    return COMMENT.sub("", query).strip()
