"""Which scenario a demand means: by the digest of all that is rehearsed of it, its file and its runbook's page."""

import hashlib
from pathlib import Path

from twin.errors import SpecError, UsageError
from twin.spec import document as documents
from twin.spec.model.promotion import SHA256, Demanded
from twin.spec.shipped import scenario_of


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a scenario's file; of the digests of file and page, where its runbook is a page.

    SpecError for what is no YAML, UsageError where the page is not there.
    """
    text = file.read_bytes()
    document = documents.compose(text, str(file))
    if document.root is None or document.diagnostics:
        raise SpecError(document.diagnostics)
    page = document.root.get("runbook")
    if page is None or not isinstance(page.value, str):
        return digest(text, None)
    try:
        return digest(text, (file.parent / page.value).read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: the runbook {page.value} cannot be read: {error.strerror}") from error


def digest(text: bytes, page: bytes | None) -> str:
    """Return the digest of a scenario by what its file holds, and its runbook's page, if it has one."""
    # Each by itself, or lines could move from one to the other.
    parts = [text] if page is None else [hashlib.sha256(part).digest() for part in (text, page)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def meant(demand: Demanded) -> str | None:
    """Return the digest that a demand names, else that of the scenario that ships under its id; None without one."""
    if demand.digest is not None:
        return demand.digest.removeprefix(SHA256)
    shipped = scenario_of(demand.id)
    return digest_of(shipped) if shipped is not None else None


def standing(demand: Demanded, file: Path) -> Path:
    """Return a file that has the id of a demand, or the scenario that ships where that is meant; UsageError else."""
    wanted = meant(demand)
    if wanted is None or digest_of(file) == wanted:
        return file
    shipped = scenario_of(demand.id)
    if shipped is None or digest_of(shipped) != wanted:
        raise UsageError(f"{file}: {another(demand, digest_of(file))}")
    return shipped


def another(demand: Demanded, found: str) -> str:
    """Say that what has the id of a demand is not what the demand means."""
    wanted = "the spec names" if demand.digest is not None else "ships with twin"
    return (
        f"{demand.id} is another scenario here ({SHA256}{found}) than the one that {wanted} ({SHA256}{meant(demand)}); "
        "what may stand for it is named in delivery.promotion.scenarios, by its digest"
    )
