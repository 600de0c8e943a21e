"""What EC2 answers to a call with DryRun: the caller may do it, and nothing is done.

A caller who may not is refused before, by the authorisers, with UnauthorizedOperation.
"""

import re

from twin.world.refusals import EVERY, Asked, Refusal, refuses

ASKED_FOR = re.compile(rb"(?:^|&)DryRun=(?i:true)(?:&|$)")


@refuses("ec2", EVERY)
def dry_run(asked: Asked) -> None:
    """Nothing is done in a dry run: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html."""
    request = asked.call.request
    if ASKED_FOR.search(request.body) or ASKED_FOR.search(request.url.partition("?")[2].encode()):
        raise Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
