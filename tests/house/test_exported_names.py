"""What other programs may import is listed, and the list holds."""

from types import ModuleType

import befit
from befit import errors


def test_all_is_what_can_be_imported_and_sorted():
    found = {name for name, value in vars(befit).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert set(befit.__all__) == found
    assert list(befit.__all__) == sorted(befit.__all__)


def test_every_error_is_public_and_drawn_in_the_tree():
    tree = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert tree <= set(befit.__all__)
    assert all(name in (errors.__doc__ or "") for name in tree)
