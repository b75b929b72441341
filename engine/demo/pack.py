"""Finds the example companies: in a checkout under `examples/`, in an installed package under `engine/packs/`."""

from __future__ import annotations

from pathlib import Path

from documents.problem import BefitError

_INSTALLED = Path(__file__).parents[1] / "packs"
_CHECKOUT = Path(__file__).parents[2] / "examples"


class PackUnknown(BefitError):
    """There is no example company of that name here."""


def pack_names() -> tuple[str, ...]:
    """The example companies that are here, sorted."""
    return tuple(sorted({path.parent.name for root in _roots() for path in root.glob("*/policy.yaml")}))


def pack_folder(name: str) -> Path:
    """The folder with `policy.yaml` and `features.yaml` of an example company. Raises PackUnknown."""
    for root in _roots():
        if name in pack_names() and (root / name / "policy.yaml").is_file():
            return root / name
    raise PackUnknown(f"there is no pack {name!r}; there are: {', '.join(pack_names()) or 'none'}")


def pack_files(folder: Path) -> tuple[str, ...]:
    """The names of the files that make up an example company, sorted."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")))


def _roots() -> tuple[Path, ...]:
    return tuple(root for root in (_INSTALLED, _CHECKOUT) if root.is_dir())
