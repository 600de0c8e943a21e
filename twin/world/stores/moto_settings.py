"""The settings under which moto stores the org; imported before anything of moto."""

import os

# moto reads these once, when it is first imported.
SETTINGS = {
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
    # The whole set of managed policies takes a second to load; single ones are seeded when they are named.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
}
# It would take precedence over the account of the caller.
FORBIDDEN = "MOTO_ACCOUNT_ID"


def configure_moto() -> None:
    """Put moto's settings into the environment of this process."""
    os.environ.update(SETTINGS)
    os.environ.pop(FORBIDDEN, None)
