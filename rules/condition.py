"""A condition or amount of the policy: checked against the declared variables, or refused at its exact place.

The checker is CEL's own; numbers are doubles (see `rules.promotion`). A condition must give a flag, an
amount a number. Limits: 4,000 characters, 500 nodes, CEL's 32 levels of nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cel_expr_python import cel

from documents.problem import Place
from rules.checked_tree import Ident, Tree, read_tree, walk
from rules.complaints import Explained, explain
from rules.facts import FLAG, INTEGER, NUMBER, Variable
from rules.policy import Expression
from rules.promotion import Complaint, Promoted, compile_promoted

MAX_CHARACTERS = 4_000
MAX_NODES = 500
_SPLIT = "split it into several rules"

Report = Callable[[Place, str, str, str], None]
"""Takes a problem: its place, code, message and hint."""

_TYPES = {NUMBER: cel.Type.DOUBLE, INTEGER: cel.Type.DOUBLE, FLAG: cel.Type.BOOL}
_NUMBERS = (cel.Type.DOUBLE, cel.Type.INT, cel.Type.UINT)


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked expression. `text` is what CEL evaluates, `origin` the author's offset of each of its characters,
    `reads` the variables in it, sorted."""

    text: str
    expression: Expression
    origin: tuple[int, ...]
    program: cel.Expression
    tree: Tree
    reads: tuple[str, ...]

    @property
    def per_action(self) -> bool:
        """Whether its value may differ from action to action."""
        return any(name.startswith("action.") for name in self.reads)


class ConditionCompiler:
    """Checks the expressions of one policy. Equal texts are compiled once, whatever the number of actions."""

    def __init__(self, variables: Mapping[str, Variable], report: Report) -> None:
        self.variables = variables
        self.env = cel.NewEnv(
            variables={each.name: _TYPES.get(each.type, cel.Type.STRING) for each in variables.values()}
        )
        self._report = report
        self._compiled: dict[tuple[str, bool], Promoted] = {}

    def condition(self, expression: Expression, forbidden: Collection[str] = ()) -> Condition | None:
        """The condition, or None with every problem reported. `forbidden` rooms of variables are refused."""
        return self._check(expression, forbidden, number=False)

    def amount(self, expression: Expression) -> Condition | None:
        """The amount, or None with every problem reported."""
        return self._check(expression, (), number=True)

    def reads(self, expression: Expression) -> tuple[str, ...]:
        """The variables that a condition or an amount reads; none, and nothing reported, where it does not hold."""
        for number in (False, True):
            compiled = self._compile(expression.source, number).expression
            if compiled is not None:
                return self._names(read_tree(compiled.serialize()))
        return ()

    def _names(self, tree: Tree) -> tuple[str, ...]:
        names = {node.name for node in walk(tree.root) if isinstance(node, Ident)}
        return tuple(sorted(names & self.variables.keys()))

    def _check(self, expression: Expression, forbidden: Collection[str], *, number: bool) -> Condition | None:
        source = expression.source
        if len(source) > MAX_CHARACTERS:
            self.refuse(expression, Explained(0, "too-long", f"longer than {MAX_CHARACTERS:,} characters", _SPLIT))
            return None
        promoted = self._compile(source, number)
        for complaint in promoted.complaints:
            self.refuse(expression, explain(complaint, source, self.variables))
        if promoted.expression is None or not self._result_fits(expression, promoted.expression, number):
            return None
        tree = read_tree(promoted.expression.serialize())
        reads = self._names(tree)
        if not self._within_limits(expression, tree) or not self._permitted(expression, reads, forbidden):
            return None
        return Condition(promoted.text, expression, promoted.origin, promoted.expression, tree, reads)

    def _compile(self, source: str, number: bool) -> Promoted:
        key = (source, number)
        if key not in self._compiled:
            self._compiled[key] = self._in_a_list(compile_promoted(self.env, source, whole=number))
        return self._compiled[key]

    def _in_a_list(self, promoted: Promoted) -> Promoted:
        """As it was, unless it nests too deep to stand in the one list that a decision evaluates."""
        try:
            if promoted.expression is not None:
                self.env.compile(f"[{promoted.text}\n]")
        except RuntimeError:
            return Promoted(promoted.text, promoted.origin, None, (Complaint(0, "recursion limit"),))
        return promoted

    def _result_fits(self, expression: Expression, compiled: cel.Expression, number: bool) -> bool:
        found = compiled.return_type()
        if found in _NUMBERS if number else found == cel.Type.BOOL:
            return True
        wanted = "a number" if number else "true or false"
        hint = "compare it with something, such as > 0" if not number else "write a number or an amount in numbers"
        message = f"this gives {found.name().lower()}, not {wanted}"
        self.refuse(expression, Explained(0, "wrong-result", message, hint))
        return False

    def _within_limits(self, expression: Expression, tree: Tree) -> bool:
        if sum(1 for _ in walk(tree.root)) <= MAX_NODES:
            return True
        self.refuse(expression, Explained(0, "too-large", f"the condition has more than {MAX_NODES} parts", _SPLIT))
        return False

    def _permitted(self, expression: Expression, reads: Collection[str], forbidden: Collection[str]) -> bool:
        refused = [name for name in reads if name in forbidden or name.split(".")[0] in forbidden]
        for name in refused:
            offset = max(expression.source.find(name), 0)
            message = f"{name!r} is not known here"
            hint = f"no {name.split('.')[0]}.* may be read here"
            self.refuse(expression, Explained(offset, "not-known-here", message, hint))
        return not refused

    def refuse(self, expression: Expression, why: Explained) -> None:
        """Report a problem at its place within the expression."""
        self._report(place_within(expression, why.offset), why.code, why.message, why.hint)


def place_within(expression: Expression, offset: int) -> Place:
    """The place in the file of a character of the expression."""
    before = expression.source[:offset]
    return expression.at(before.count("\n") + 1, offset - before.rfind("\n"))
