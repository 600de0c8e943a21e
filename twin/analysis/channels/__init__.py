"""Whether trouble reaches a person: each alarm, rule and budget needs a way through topics and PagerDuty.

`broken_links(channels, at)` gives every link that leads nowhere, and each source that reaches nobody.
"""

from twin.analysis.channels.links import broken_links

__all__ = ["broken_links"]
