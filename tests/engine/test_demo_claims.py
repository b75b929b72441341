"""What a scene says is held against the answer: an answer that shows nothing bears nothing out."""

import json

import pytest
from typer.testing import CliRunner

from befit import Broken, Decision
from befit.v1.customer_pb2 import GetCustomerResponse
from befit.v1.decide_pb2 import DecideResponse, FilledPlacement
from befit.v1.feedback_pb2 import Receipt
from documents.problem import BefitError
from engine.cli import demo as command
from engine.cli.app import app
from engine.cli.exits import GateFailed, UsageMistaken, exit_code
from engine.demo.cast import Cast
from engine.demo.company.people import AYLIN, JONAS, LENA, MIA, TOM, WEI
from engine.demo.scene import Claim, Scene, Stage, undisturbed
from engine.demo.story import tell


class EmptyHanded:
    """A server that answers everything and knows nothing."""

    def decide(self, _customer, channel, **_options):
        filled = [FilledPlacement(placement="message")] if channel == "app_push" else []
        return Decision(DecideResponse(decision_id="d", model_revision="m", placements=filled))

    def record_outcomes(self, outcomes):
        return tuple(Receipt(id="o") for _ in outcomes)

    def link_identity(self, _visitor, _customer):
        return True

    def get_customer(self, _customer):
        return GetCustomerResponse()


@pytest.fixture
def stage() -> Stage:
    return Stage(EmptyHanded(), Cast("v-1", MIA, TOM, LENA, JONAS, AYLIN, WEI), {})


def test_no_scene_believes_an_answer_that_shows_nothing(stage):
    scenes = list(tell(stage))
    assert len(scenes) == 9
    assert [scene.title for scene in scenes if not scene.broken] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"degraded": [2]}, "STORE_UNAVAILABLE"),
        ({"experiment_group": "random_choice"}, "random_choice"),
        ({"model_revision": ""}, "rules and a model"),
        ({"placements": [{"placement": "hero", "actions": [{"action_id": "tv_pack", "explored": True}]}]}, "tv_pack"),
    ],
)
def test_what_disturbs_an_answer_is_told_with_its_scene(fields, said):
    disturbed = DecideResponse(**{"decision_id": "d", "model_revision": "m", **fields})
    assert undisturbed(Decision(DecideResponse(decision_id="d", model_revision="m"))) == ()
    (claim,) = undisturbed(Decision(disturbed))
    assert said in claim.says


def scene(*, holds: bool) -> Scene:
    return Scene("A complaint is open", "Lena calls.", None, (Claim("Nothing is sold.", holds),))


def ends(monkeypatch, give) -> BefitError | None:
    """What the command ends with when the show is given so."""
    monkeypatch.setattr(command, "give", give)
    found = CliRunner().invoke(app, ["demo", "--once"]).exception
    assert found is None or isinstance(found, BefitError), found
    return found


def test_a_story_that_does_not_hold_ends_with_4_and_says_which_scene(monkeypatch):
    failure = ends(monkeypatch, lambda plan, console: (scene(holds=False),))
    assert isinstance(failure, GateFailed)
    assert exit_code(failure) == 4
    assert "A complaint is open: Nothing is sold." in str(failure)


def test_a_story_that_holds_ends_well(monkeypatch):
    assert ends(monkeypatch, lambda plan, console: (scene(holds=True),)) is None


def test_a_server_that_does_not_answer_is_told_in_one_sentence(monkeypatch):
    def silent(plan, console):
        raise Broken("gone")

    assert str(ends(monkeypatch, silent)) == "the server did not answer: gone"


def test_as_json_the_story_is_told_scene_by_scene(monkeypatch):
    monkeypatch.setattr(command, "give", lambda plan, console: (scene(holds=True),))
    ran = CliRunner().invoke(app, ["demo", "--once", "-o", "json"])
    assert json.loads(ran.stdout) == [
        {
            "title": "A complaint is open",
            "told": "Lena calls.",
            "claims": [{"says": "Nothing is sold.", "holds": True}],
        }
    ]


def test_json_is_for_a_story_that_ends(monkeypatch):
    monkeypatch.setattr(command, "give", lambda plan, console: ())
    assert isinstance(CliRunner().invoke(app, ["demo", "-o", "json"]).exception, UsageMistaken)
