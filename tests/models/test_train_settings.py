"""Settings of training as people write them."""

import pytest

from models.fit import FitSettings
from models.train import TrainSettings
from models.train_settings import SettingInvalid, read_settings


def test_what_is_not_written_stays_as_it_is() -> None:
    assert read_settings([]) == TrainSettings()
    found = read_settings(["rounds=50", "learning_rate=0.1", "features=age, value", "name=spring"])
    assert found.fit == FitSettings(rounds=50, learning_rate=0.1)
    assert (found.features, found.name) == (("age", "value"), "spring")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("round=3", "did you mean 'rounds'"),
        ("rounds", "is no setting"),
        ("rounds=many", "write a whole number"),
        ("rounds=2.5", "write a whole number"),
        ("learning_rate=fast", "write a number"),
        ("rounds=0", "between 1 and 5000"),
        ("learning_rate=nan", "between 0.001 and 1"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_would_be_right(written: str, said: str) -> None:
    with pytest.raises(SettingInvalid, match=said):
        read_settings([written])
