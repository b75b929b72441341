"""The syntax tree as read from what CEL serialises."""

import pytest
from cel_expr_python import cel

from rules.checked_tree import Call, Comprehension, Constant, Ident, ListOf, MapOf, Select, read_tree, walk

ENV = cel.NewEnv(
    variables={"customer.age": cel.Type.DOUBLE, "customer.os": cel.Type.STRING, "customer.vip": cel.Type.BOOL}
)


def checked(source):
    return read_tree(ENV.compile(source).serialize())


def parsed(source):
    return read_tree(ENV.compile(source, disable_check=True).serialize())


def test_a_dotted_variable_is_one_name_with_its_type():
    tree = checked("customer.age > 18.0")
    assert tree.root.function == "_>_"
    age, eighteen = tree.root.arguments
    assert isinstance(age, Ident)
    assert (age.name, tree.type_of(age)) == ("customer.age", "double")
    assert (eighteen.value, tree.type_of(eighteen)) == (18.0, "double")


@pytest.mark.parametrize(
    ("literal", "value", "type_"),
    [
        ("true", True, "bool"),
        ("false", False, "bool"),
        ("0", 0, "int"),
        ("-7", -7, "int"),
        ("9223372036854775807", 2**63 - 1, "int"),
        ("7u", 7, "uint"),
        ("0.0", 0.0, "double"),
        ("-2.5", -2.5, "double"),
        ("''", "", "string"),
        ("'é😀'", "é😀", "string"),
        ("b'x'", b"x", "bytes"),
        ("null", None, "null"),
    ],
)
def test_literals_keep_value_and_type(literal, value, type_):
    tree = checked(literal)
    assert isinstance(tree.root, Constant)
    assert tree.root.value == value
    assert type(tree.root.value) is type(value)
    assert tree.type_of(tree.root) == type_


def test_positions_count_characters_of_the_text():
    source = "customer.os == 'é' && customer.age > 3.0"
    tree = checked(source)
    comparison = next(node for node in walk(tree.root) if isinstance(node, Call) and node.function == "_>_")
    assert source[tree.positions[comparison.id]] == ">"
    first = next(node for node in walk(tree.root) if isinstance(node, Constant))
    assert source[tree.positions[first.id] :].startswith("'é'")


def test_the_receiver_of_a_method_comes_first():
    root = checked("customer.os.startsWith('a')").root
    assert (root.function, root.member, root.arguments[0].name) == ("startsWith", True, "customer.os")
    assert not checked("size(customer.os)").root.member


def test_lists_maps_and_macros_have_their_parts():
    assert len(checked("[1, 2]").root.elements) == 2
    mapping = checked("{'a': 1.0, 'b': 2.0}").root
    assert isinstance(mapping, MapOf)
    assert [key.value for key in mapping.keys] == ["a", "b"]
    assert [value.value for value in mapping.values] == [1.0, 2.0]
    macro = checked("[1.0].exists(x, x > customer.age)").root
    assert isinstance(macro, Comprehension)
    assert (macro.variable, isinstance(macro.range, ListOf)) == ("x", True)
    assert "customer.age" in {node.name for node in walk(macro) if isinstance(node, Ident)}


def test_has_is_a_tested_selection():
    tested = checked("has({'a': 1}.a)").root
    assert isinstance(tested, Select)
    assert (tested.field, tested.tested) == ("a", True)


def test_unchecked_text_is_read_as_parsed():
    tree = parsed("customer.age > 18")
    age, eighteen = tree.root.arguments
    assert (age.operand.name, age.field, eighteen.value) == ("customer", "age", 18)
    assert tree.types == {}
