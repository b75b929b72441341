"""How far a file of customers has been loaded, kept on disk, so that a load which broke off goes on where it was."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import polars as pl

from documents.problem import BefitError
from engine.customers_file import LINE

LOAD_FOLDER = Path(".befit") / "load"
_ENDINGS = (".gz", ".zst", ".csv", ".parquet")


@dataclass(slots=True)
class Progress:
    """`rows` of the file dealt with, of them `written` and `rejected`; the size of the file of rejected rows, bytes."""

    rows: int = 0
    written: int = 0
    rejected: int = 0
    rejected_bytes: int = 0


class Checkpoint:
    """The progress of one load: of this very file, under this schema, into this store."""

    def __init__(self, project: Path, customers: Path, under: str) -> None:
        """`under` is what else must be the same for a load to go on: schema, store, tenant."""
        file = customers.stat()
        identity = f"{customers.resolve()}\0{file.st_size}\0{file.st_mtime_ns}\0{under}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        self._path = project / LOAD_FOLDER / f"{customers.name}.{digest}.json"

    def read(self) -> Progress:
        """Where to go on; the beginning where there is no checkpoint, or none that can be read."""
        with contextlib.suppress(FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return Progress(**orjson.loads(self._path.read_bytes()))
        return Progress()

    def note(self, progress: Progress) -> None:
        """Keep the progress; a crash leaves the one before, or this one, whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(progress)))
        fresh.replace(self._path)

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)


class NotRejectedRows(BefitError):
    """Where rejected rows are to go stands a file of another kind; it is left as it is."""


class RejectedRows:
    """A CSV of the rows that do not hold, as they stood, with their line and what is wrong: mend it and load it."""

    def __init__(self, path: Path, progress: Progress) -> None:
        """What was written after the checkpoint is cut off: those rows come again. Raises NotRejectedRows."""
        self.path = path
        if path.exists() and not _has_rejected_rows(path):
            raise NotRejectedRows(f"{path} is there already and holds no rejected rows: name another for --rejected")
        if not progress.rejected_bytes:
            path.unlink(missing_ok=True)
        elif path.is_file():
            with path.open("r+b") as file:
                file.truncate(progress.rejected_bytes)

    def append(self, rows: pl.DataFrame) -> int:
        """The size of the file afterwards, bytes."""
        if len(rows):
            with self.path.open("ab") as file:
                file.write(rows.write_csv(include_header=file.tell() == 0).encode())
        return self.path.stat().st_size if self.path.exists() else 0


def _has_rejected_rows(path: Path) -> bool:
    """Whether a load wrote it: its header says so."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return LINE.encode() in file.readline()


def rejected_path(customers: Path) -> Path:
    """Where the rejected rows of a file go: beside it, `customers.csv.gz` to `customers.rejected.csv`."""
    name = customers.name
    while name.endswith(_ENDINGS):
        name = Path(name).stem
    return customers.with_name(f"{name}.rejected.csv")
