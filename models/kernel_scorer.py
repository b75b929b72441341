"""The native scorer by way of its compiled kernel, where there is one: a fifth of the time, and the same bits.

The kernel is handed the very tables of the scorer in numpy, which it stands for. It is used only where it gave that
scorer's margins, bit by bit, when the bundle was loaded.
"""

from __future__ import annotations

import ctypes
from array import array
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.kernel_build import kernel_path
from models.native_scorer import NativeScorer
from models.prefix_masks import PrefixMasks
from models.scoring import Indexes, Margins, PreparedActions, Row

_FLOAT = 4
MOST_TREES = 8_192
"""The kernel keeps a decision's masks on the stack."""


class _Columns(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("used", "base", "first", "keys", "table")),
    )


class _Forest(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int64) for name in ("trees", "width", "pair_width")),
        ("once", _Columns),
        ("pair", _Columns),
        ("leaf_value", ctypes.c_void_p),
    )


class KernelScorer:
    """A NativeScorer that scores by the kernel."""

    def __init__(self, native: NativeScorer, library: ctypes.PyDLL) -> None:
        masks = native.once.table
        self.native = native
        self.reason = native.reason
        self.prepare_actions = native.prepare_actions
        self.propensity = native.propensity
        self._kept: list[Any] = []
        trees = masks.shape[1]
        width, pairs = len(native.leaf_value) // max(1, trees), native.pair.width
        leaf_value = self._keep(np.ascontiguousarray(native.leaf_value))
        forest = _Forest(trees, width, pairs, self._columns(native.once), self._columns(native.pair), leaf_value)
        self._kept.append(forest)
        self._forest = ctypes.addressof(forest)
        self._call = library.score32 if masks.itemsize == 4 else library.score64
        self._bytes = (_FLOAT * native.once.width, _FLOAT * pairs)
        self._masks: tuple[Any, int] = (None, 0)

    def score(self, customer: Row, moment: Row, actions: PreparedActions, chosen: Indexes, pair: Row | None) -> Margins:
        if actions.masks is None:
            raise ValueError("actions prepared by another scorer")
        once, count = customer.tobytes() + moment.tobytes(), len(chosen)
        pairs = b"" if pair is None else pair.tobytes()
        if len(once) != self._bytes[0] or len(pairs) != self._bytes[1] * count:
            raise ValueError(f"{len(once)} and {len(pairs)} bytes where the model takes {self._bytes} of each")
        masks, found = self._address(actions.masks), array("d", bytes(8 * count))
        places = chosen.astype(np.int64, copy=False).tobytes()
        self._call(self._forest, masks, once, places, count, pairs, found.buffer_info()[0])
        return np.frombuffer(found) if count else np.empty(0)

    def _address(self, masks: Any) -> int:
        """Where prepared masks are; nearly always those of the call before."""
        known, address = self._masks
        if known is masks:
            return address
        if not masks.flags.c_contiguous:
            raise ValueError("masks that were not prepared by this scorer")
        address = int(masks.ctypes.data)
        self._masks = (masks, address)
        return address

    def _columns(self, masks: PrefixMasks) -> _Columns:
        first = np.append(masks.keys.searchsorted(masks.base - 2**31), len(masks.keys)).astype(np.int64)
        parts = (masks.used.astype(np.int64), masks.base, first, masks.keys, masks.table)
        return _Columns(len(masks.used), *(self._keep(np.ascontiguousarray(part)) for part in parts))

    def _keep(self, array: Any) -> int:
        """The address of an array that must live as long as this scorer."""
        self._kept.append(array)
        address: int = array.ctypes.data
        return address


def kernel_scorer(native: NativeScorer) -> KernelScorer | None:
    """The same scorer by way of the kernel; None where there is none, or too many trees for it."""
    library = load_kernel(kernel_path())
    if library is None or native.once.table.shape[1] > MOST_TREES:
        return None
    return KernelScorer(native, library)


@lru_cache(maxsize=4)
def load_kernel(path: Path) -> ctypes.PyDLL | None:
    """The compiled kernel, ready to be called; None where there is none. It runs too short to let others run."""
    if not path.is_file():
        return None
    try:
        library = ctypes.PyDLL(str(path))
    except OSError:
        return None
    pointer, packed = ctypes.c_void_p, ctypes.c_char_p
    for function in (library.score32, library.score64):
        function.restype = None
        function.argtypes = (pointer, pointer, packed, packed, ctypes.c_int64, packed, pointer)
    return library
