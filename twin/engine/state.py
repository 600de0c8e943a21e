"""What we applied last, as a cache: deleted, it is rebuilt from the accounts; and the journal it is folded from."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock as Mutex
from typing import Any

from twin.address import Address
from twin.engine.folder import make_folder
from twin.engine.history import History, Page
from twin.engine.lock import Claim, FileLock, Found, Lock
from twin.engine.plan import Plan
from twin.engine.state_seal import StateSeal
from twin.errors import StateError, UsageError

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource as it was applied last: the vendor's id and the fields (secrets by their source only)."""

    id: str
    fields: Mapping[str, Any]
    protect: str = ""
    """Why the spec guarded it from removal."""


@dataclass(slots=True)
class State:
    """The resources applied last, and those whose creation began and never ended."""

    entries: dict[Address, Entry] = field(default_factory=dict)
    pending: set[Address] = field(default_factory=set)
    known: bool = False
    """Whether a state was found at all; without one, every type must be read to know what we own."""

    def of(self, address: Address, former: Address | None) -> Entry | None:
        """Return what was applied last under an address, or under the one that it had before."""
        entry = self.entries.get(address)
        return entry if entry is not None or former is None else self.entries.get(former)

    def ids(self, type_: str) -> frozenset[str]:
        """Return the vendor ids of a type's resources."""
        return frozenset(entry.id for address, entry in self.entries.items() if address.type == type_)

    @property
    def protected(self) -> dict[Address, str]:
        """What the spec guarded when it was applied last, each with the reason."""
        return {address: entry.protect for address, entry in self.entries.items() if entry.protect}


class Store:
    """The state of one org, environment and target in a folder; `journal.jsonl` is written ahead of every call."""

    def __init__(
        self, folder: Path, claim: Claim | None = None, *, synced: bool = False, recorded: bool = False,
        seal: StateSeal | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.recorded = recorded
        """Whether the plan of each run is kept, so that there is a way back to before it."""
        self.claim = claim or Claim()
        self.lock: Lock = FileLock(folder, self.claim)
        self.synced = synced
        """Whether each line is on the disk, not only with the system, before its call is sent."""
        self.seal = seal
        """Under which seal state and journal stand; what bears another, or none, is not believed."""
        self._doubted = set[Path]()
        self._writing = Mutex()
        self._journal: int | None = None
        self._kept_out = False

    @property
    def state_file(self) -> Path:
        """The cache."""
        return self.folder / "state.json"

    @property
    def journal_file(self) -> Path:
        """The journal of the run in progress, or of the one that was cut short."""
        return self.folder / "journal.jsonl"

    @property
    def previous_file(self) -> Path:
        """The journal of the run that ended last."""
        return self.folder / "journal.previous.jsonl"

    def load(self) -> State:
        """Read the cache and fold what a run that was cut short had done; UsageError when one of them is none."""
        state = self.kept()
        for number, line in enumerate(self.lines(), 1):
            state.known = True
            try:
                fold(state, line)
            except (ValueError, KeyError, TypeError) as error:
                raise _unreadable(f"{self.journal_file}:{number}", error) from error
        return state

    def kept(self) -> State:
        """Read the cache."""
        data = _bytes(self.state_file)
        if data is None or not self._believes(data):
            return State()
        return read(data, str(self.state_file))

    def _believes(self, data: bytes) -> bool:
        if self.seal is None or self.seal.told(data) is not None:
            return True
        self._doubt(self.state_file)
        return False

    def _doubt(self, file: Path) -> None:
        """Say once that a file is not believed."""
        if file not in self._doubted:
            self._doubted.add(file)
            self.claim.tell(
                f"{file} is not under your seal: it came with this folder, was changed by hand, was sealed with "
                "another key than there is now, or is of an earlier twin. It is not believed: what is ours is read "
                "from the accounts"
            )

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """Yield the lines of the journal; UsageError where one is none and others follow it.

        Under a seal, those that bear it and go on from the state that is there.
        """
        if self.seal is None:
            yield from self._lines()
            return
        every = list(self._lines())
        found = list(self.seal.believed(every))
        if len(found) < len(every):
            self._doubt(self.journal_file)
        if found and found[0].get("basis") == self.basis()["basis"]:
            yield from found

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        bad: Exception | None = None
        for number, data in enumerate((_bytes(self.journal_file) or b"").splitlines(), 1):
            try:
                line = json.loads(data)
            except ValueError as error:
                bad = bad or error  # a line cut short by the kill is the last one, and its call never began
                continue
            if bad is not None or not isinstance(line, dict):
                raise _unreadable(f"{self.journal_file}:{number}", bad or TypeError(type(line).__name__))
            yield line

    def begin(self, run: Mapping[str, Any]) -> None:
        """Start a run's journal; the previous one stays beside it as `journal.previous.jsonl`.

        One run at a time: UsageError while another one applies here.
        """
        if not self._kept_out:
            self._take(run)
        try:
            self.save(self.load())
            put_aside(self.journal_file, self.previous_file)
            self._journal = _opened(self.journal_file)
            if self.seal is not None:
                self.seal.begin()
            self.write({"run": "begin", **run, **self.basis()})
        except BaseException:
            self.close()
            raise

    @contextmanager
    def held(self, run: Mapping[str, Any]) -> Iterator[None]:
        """Keep other runs out until the end of the context: what is read in it still holds when its run begins."""
        self._take(run)
        self._kept_out = True
        try:
            yield
        finally:
            self._kept_out = False
            self.lock.release()

    def _take(self, run: Mapping[str, Any]) -> None:
        try:
            make_folder(self.folder)
            self.lock.take(dict(run))
        except OSError as error:
            raise StateError(f"{self.folder} cannot be written ({error.strerror}); nothing was sent") from error

    def basis(self) -> Mapping[str, Any]:
        """Return what a journal tells of the cache that it goes on from."""
        if self.seal is None:
            return {}
        return {"basis": self.seal.told(_bytes(self.state_file) or b"")}

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line, whole or not at all; it is in the system's hands before this returns.

        StateError when there is no room for it: what it announces must not be done.
        """
        if self._journal is None:
            return
        with self._writing:
            sealed = self.seal.line(line) if self.seal is not None else line
            data = (json.dumps(sealed, separators=(",", ":"), default=str) + "\n").encode()
            size = os.fstat(self._journal).st_size
            try:
                whole = os.write(self._journal, data) == len(data)
                if whole and self.synced:
                    os.fdatasync(self._journal)
            except OSError as error:
                os.ftruncate(self._journal, size)
                raise _unwritten(self.journal_file, error) from error
            if not whole:
                os.ftruncate(self._journal, size)
                raise _unwritten(self.journal_file, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            if self.seal is not None:
                self.seal.wrote(sealed)

    def end(self) -> State:
        """Close the journal, save the state that follows from it and give the lock back.

        StateError leaves the journal to the next run.
        """
        try:
            state = self.load()
            self.save(state)
            put_aside(self.journal_file, self.previous_file)
        finally:
            self.close()
        return state

    def close(self) -> None:
        """Write no more, and let others in."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None
        if not self._kept_out:
            self.lock.release()

    def beside(self, folder: Path, claim: Claim) -> "Store":
        """Return the store of another process with the same state; its own runs are journalled in a folder."""
        return Store(folder, claim, synced=self.synced, seal=self.seal)

    def part(self, folder: Path) -> None:
        """Go on in a copy of the folder, as a copy of this process does; the original's run is not touched."""
        self.folder = folder
        if self._journal is not None:
            self._journal = os.open(self.journal_file, os.O_WRONLY | os.O_APPEND)
            self._part_lock()

    def _part_lock(self) -> None:
        self.lock = FileLock(self.folder, self.claim)
        self.lock.take({})

    def save(self, state: State) -> None:
        """Write the cache, whole or not at all."""
        text = written(state)
        if self.seal is not None:
            text = self.seal.closed(text)
            data = _bytes(self.state_file)
            if data is not None and self.seal.told(data) is None:
                self._put_doubted_aside()
        self._replace(self.state_file, text)

    def _put_doubted_aside(self) -> None:
        """Keep a state that is not believed, beside those of before: it may be its user's only copy."""
        names = (f"state.doubted{f'.{number}' if number > 1 else ''}.json" for number in count(1))
        name = next(path for path in map(self.folder.joinpath, names) if not os.path.lexists(path))
        put_aside(self.state_file, name)
        self.claim.tell(f"{self.state_file} is kept as {name.name}")

    def _replace(self, path: Path, text: str) -> None:
        """Write a file for its owner's eyes only, whole or not at all; StateError when there is no room."""
        scratch = path.with_suffix(".new")
        try:
            make_folder(path.parent)
            way = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW  # never through a link that was put there
            with os.fdopen(os.open(scratch, way, 0o600), "w") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(text)
                file.flush()
                if self.synced:
                    os.fsync(file.fileno())
            scratch.replace(path)
        except OSError as error:
            raise _unwritten(path, error) from error

    @property
    def history(self) -> History:
        """The runs that were recorded here."""
        return History(self._page)

    def record(self, plan: Plan) -> None:
        """Keep the plan of the run that has the lock, before anything is sent; StateError when there is no room."""
        if self.recorded:
            self.history.add(plan, self.claim.holder)

    def _page(self, name: str) -> Page:
        """Return a page of the history."""
        path = self.folder / name

        def read_page() -> str | None:
            data = _bytes(path)
            return data.decode() if data is not None else None

        return Page(str(path), read_page, lambda text: self._replace(path, text), lambda: path.unlink(missing_ok=True))

    def unlock(self, id_: str | None) -> Found:
        """Break the lock of a run that is gone; returns what is to be said about it."""
        return Found(f"the lock in {self.folder} goes with the process that holds it: there is nothing to break")


def put_aside(file: Path, name: Path) -> None:
    """Give a file another name, if it is there; StateError when that cannot be."""
    try:
        file.replace(name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritten(name, error) from error


def _unwritten(file: Path, error: OSError) -> StateError:
    return StateError(f"{file} cannot be written ({error.strerror}); what was done until now is known to the next run")


def written(state: State) -> str:
    """Write a state as JSON."""
    data = {
        "schema": SCHEMA,
        "entries": {str(a): _entry_document(e) for a, e in sorted(state.entries.items())},
        "pending": sorted(map(str, state.pending)),
    }
    return json.dumps(data, indent=1, sort_keys=True)


def _entry_document(entry: Entry) -> dict[str, Any]:
    guarded = {"protect": entry.protect} if entry.protect else {}
    return {"id": entry.id, "fields": entry.fields, **guarded}


def _opened(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritten(file, error) from error


def _bytes(file: Path) -> bytes | None:
    """Return what a file holds, None where there is none; UsageError where it cannot be read."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _unreadable(name: str, error: Exception) -> UsageError:
    return UsageError(f"{name} cannot be read; delete it, it is rebuilt from the accounts ({error!r})")


def read(text: str | bytes, name: str) -> State:
    """Read a state back; UsageError when `name` holds something else."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise UsageError(f"{name} has the form {data['schema']}, and this twin knows {SCHEMA}; use the other one")
        entries = {Address.parse(a): _entry(**e) for a, e in data["entries"].items()}
        return State(entries, {Address.parse(a) for a in data["pending"]}, known=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, error) from error


def _entry(*, id: Any, fields: Any, protect: Any = "") -> Entry:
    if not isinstance(id, str) or not isinstance(fields, dict) or not isinstance(protect, str):
        raise TypeError("an entry has an id and fields")
    return Entry(id, fields, protect)


def fold(state: State, line: Mapping[str, Any]) -> None:
    """Apply one journal line to a state."""
    if "address" not in line or "call" in line:
        return
    address = Address.parse(line["address"])
    if line["phase"] == "begin":
        if line["action"] == "create":
            state.pending.add(address)
    elif line["phase"] == "end":
        state.pending.discard(address)
        if line["action"] != "delete":
            state.entries[address] = Entry(line["id"], line["fields"], line.get("protect", ""))
        elif address in state.entries and state.entries[address].id == line["id"]:
            del state.entries[address]
    elif line["action"] == "create" and not line["made"]:
        state.pending.discard(address)
