"""What GuardDuty, AWS Config and ACM refuse to make: a second detector, a rule too early, a name that is none.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html
"""

import re

from twin.world.refusals import Asked, Refusal, refuses

DOMAIN = re.compile(r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])")


@refuses("guardduty", "CreateDetector")
def one_detector(asked: Asked) -> None:
    """An account has one detector in a Region."""
    if asked.state().detectors:
        message = "The request is rejected because a detector already exists for the current account."
        raise Refusal("BadRequestException", message)


@refuses("guardduty", "CreateFilter")
def filter_of_its_own_name(asked: Asked) -> None:
    """A detector has one filter of a name."""
    detector = asked.state().detectors.get(asked.parameters.get("DetectorId"))
    if detector is not None and asked.parameters.get("Name") in detector.filters:
        message = "The request is rejected because a filter with the given name already exists."
        raise Refusal("BadRequestException", message)


@refuses("config", "PutDeliveryChannel")
def bucket_of_a_channel(asked: Asked) -> None:
    """What a recorder records is delivered to a bucket that is there."""
    from twin.world.stores.moto_store import find_bucket

    channel = asked.parameters.get("DeliveryChannel") or {}
    name = str(channel.get("s3BucketName") or "")
    if asked.state().recorders and name and find_bucket(name) is None:
        raise Refusal("NoSuchBucketException", f"Cannot find a S3 bucket with the name {name}.")


@refuses("config", "PutConfigRule")
def recorder_for_a_rule(asked: Asked) -> None:
    """Rules judge what a recorder recorded."""
    if not asked.state().recorders:
        message = "NoConfigurationRecorder: a configuration recorder must exist before a rule is put."
        raise Refusal("NoAvailableConfigurationRecorderException", message)


@refuses("acm", "RequestCertificate")
def names_of_a_certificate(asked: Asked) -> None:
    """A certificate is for names that DNS has."""
    given = asked.parameters
    for name in (given.get("DomainName"), *(given.get("SubjectAlternativeNames") or ())):
        if not DOMAIN.fullmatch(str(name)):
            message = (
                f"1 validation error detected: Value '{name}' at 'domainName' failed to satisfy constraint: Member "
                f"must satisfy regular expression pattern: {DOMAIN.pattern}"
            )
            raise Refusal("ValidationException", message)
