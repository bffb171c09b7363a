"""What may stand at each hole of a sentence, read from the code that fills it.

A number or a sentence of the platform is told in the other language; a name (of a file, a label, a person's thing, or
whatever the code does not show to be something else) comes out as it went in. So a hole is a name unless every way by
which the code fills it is seen to be a number or one of its own sentences.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

NAME, NUMBER, SENTENCE, ANY = "name", "number", "sentence", ""
"""`ANY`: what says nothing of the kind, such as an empty text."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_NUMBERS = frozenset(["len", "sum", "round", "int", "float", "abs", "ceil", "floor", "hypot", "sqrt", "count"])
_NUMERIC = frozenset(["int", "float", "int | None", "float | None", "np.integer", "np.floating"])
_DEEPEST = 8


def both(kinds: Iterable[str]) -> str:
    """Return the kind of what is sometimes one and sometimes another."""
    found = set(kinds) - {ANY}
    if NAME in found:
        return NAME
    return SENTENCE if SENTENCE in found else NUMBER if found else ANY


class Code:
    """Modules by their paths, and what is defined and called in them under each name."""

    def __init__(self, modules: Mapping[Path, ast.Module], texts: Collection[str]) -> None:
        """`texts`: what there is a text of in the other language; other words are no sentences."""
        self._texts = {text.strip() for text in texts}
        self._parents: dict[ast.AST, ast.AST] = {}
        self._functions: dict[str, list[_Function]] = defaultdict(list)
        self._calls: dict[str, list[ast.Call]] = defaultdict(list)
        self._constants: dict[str, list[ast.expr]] = defaultdict(list)
        self._fields: dict[str, set[str]] = defaultdict(set)
        self._inside: dict[ast.AST, tuple[ast.AST, ...]] = {}
        for tree in modules.values():
            for node in ast.walk(tree):
                self._parents.update((child, node) for child in ast.iter_child_nodes(node))
                if isinstance(node, _Function):
                    self._functions[node.name].append(node)
                elif isinstance(node, ast.Call):
                    self._calls[_called(node)].append(node)
                elif isinstance(node, ast.ClassDef):
                    for one in node.body:
                        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                            self._fields[one.target.id].add(ast.unparse(one.annotation))
                        elif isinstance(one, _Function) and one.returns is not None and _is_property(one):
                            self._fields[one.name].add(ast.unparse(one.returns))
            for target, value in (pair for one in tree.body for pair in _assigned(one)):
                self._constants[target].append(value)

    def kind(self, hole: ast.FormattedValue) -> str:
        """Return what stands at a hole."""
        parts = hole.format_spec.values if isinstance(hole.format_spec, ast.JoinedStr) else []
        form = "".join(str(one.value) if isinstance(one, ast.Constant) else "" for one in parts)
        if "," in form or "+" in form or form[-1:] in tuple("bdeEfFgGn%"):  # `.40` alone cuts a text
            return NUMBER
        return NAME if hole.conversion == ord("r") else self._kind(hole.value, frozenset()) or NAME

    def _kind(self, node: ast.expr, seen: frozenset[ast.AST]) -> str:
        if node in seen or len(seen) > _DEEPEST:
            return ANY if node in seen else NAME
        seen |= {node}
        match node:
            case ast.Constant(value=str(text)):
                return SENTENCE if text.strip() in self._texts else ANY
            case ast.Constant(value=None):
                return ANY
            case ast.Constant(value=int() | float()):
                return NUMBER
            case ast.JoinedStr(values=values):
                said = any(isinstance(one, ast.Constant) and any(map(str.isalpha, str(one.value))) for one in values)
                # A text of its own: its holes are those of its own sentence.
                holes = [self.kind(one) for one in values if isinstance(one, ast.FormattedValue)]
                return SENTENCE if said else both(holes)
            case ast.IfExp(body=body, orelse=other):
                return both([self._kind(body, seen), self._kind(other, seen)])
            case ast.BoolOp(op=ast.Or(), values=values):
                return both(self._kind(one, seen) for one in values)
            case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                return both(self._kind(one, seen) for one in values)
            case ast.BinOp(left=left, op=op, right=right):
                sides = both([self._kind(left, seen), self._kind(right, seen)])
                return sides if isinstance(op, ast.Add) else NUMBER if sides in (NUMBER, ANY) else self._rest(op, sides)
            case ast.UnaryOp(op=ast.USub(), operand=one):
                return self._kind(one, seen)
            case ast.Dict(values=values):
                return both(self._kind(one, seen) for one in values)
            case ast.GeneratorExp(elt=one) | ast.ListComp(elt=one) | ast.SetComp(elt=one):
                return self._kind(one, seen)
            case ast.Subscript(value=value):
                return self._kind(value, seen)
            case ast.Starred(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
                return self._kind(value, seen)
            case ast.Call():
                return self._of_call(node, seen)
            case ast.Attribute(value=ast.Subscript(value=ast.Name(id=table)), attr=attribute) if self._told(
                table, attribute
            ):
                return both(self._kind(one, seen) for one in self._told(table, attribute))
            case ast.Attribute(attr=attribute):
                fields = self._fields.get(attribute, set())
                return NUMBER if fields and fields <= _NUMERIC else NAME
            case ast.Name(id=name):
                return self._of_name(node, name, seen)
        return NAME

    def _told(self, table: str, attribute: str) -> list[ast.expr]:
        """Return what stands in a field of all the entries of a constant table; nothing where it is not seen of all."""
        tables = [given.values for given in self._constants[table] if isinstance(given, ast.Dict)]
        entries = [one for values in tables if all(isinstance(one, ast.Call) for one in values) for one in values]
        told = [
            keyword.value
            for one in entries
            if isinstance(one, ast.Call)
            for keyword in one.keywords
            if keyword.arg == attribute
        ]
        return told if len(told) == len(entries) else []

    def _rest(self, op: ast.operator, sides: str) -> str:
        # Differences and quotients are of numbers, even of such as the code does not show to be some.
        return NUMBER if isinstance(op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)) else sides

    def _of_call(self, node: ast.Call, seen: frozenset[ast.AST]) -> str:
        name = _called(node)
        if name in _NUMBERS:
            return NUMBER
        if name == "counted":
            return SENTENCE
        if name in ("str", "sorted", "list", "tuple", "set", "max", "min", "join", "reversed", "dict"):
            return both(self._kind(one, seen) for one in node.args)
        if name in ("strip", "rstrip", "removesuffix", "get") and isinstance(node.func, ast.Attribute):
            return both(self._kind(one, seen) for one in (node.func.value, *(node.args[1:] if name == "get" else [])))
        made = self._functions.get(name)
        if not made:
            return NAME
        returned = [
            one.value
            for function in made
            for one in self._within(function)
            if isinstance(one, ast.Return) and one.value is not None
        ]
        if all(function.returns is not None and ast.unparse(function.returns) in _NUMERIC for function in made):
            return NUMBER
        return both(self._kind(one, seen) for one in returned) or NAME

    def _within(self, function: _Function) -> tuple[ast.AST, ...]:
        """Return the nodes of a function that fill a variable or are returned; many holes ask for the same."""
        if function not in self._inside:
            kept = tuple(one for one in ast.walk(function) if isinstance(one, ast.stmt | ast.NamedExpr))
            self._inside[function] = kept
        return self._inside[function]

    def _of_name(self, node: ast.expr, name: str, seen: frozenset[ast.AST]) -> str:
        scope: ast.AST | None = node
        while scope is not None:
            if isinstance(scope, ast.ExceptHandler) and scope.name == name:
                return SENTENCE  # what is wrong, in a sentence with names of its own
            if isinstance(scope, (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)):
                for one in scope.generators:
                    if name in _names(one.target):
                        return self._kind(one.iter, seen) if isinstance(one.target, ast.Name) else NAME
            if isinstance(scope, _Function):
                found = self._in_function(scope, name, seen)
                if found is not None:
                    return found
            scope = self._parents.get(scope)
        return both(self._kind(one, seen) for one in self._constants.get(name, [])) or NAME

    def _in_function(self, function: _Function, name: str, seen: frozenset[ast.AST]) -> str | None:
        """Return the kind of a variable or an argument of a function, None where it has none of this name."""
        given: list[str] = []
        for one in self._within(function):
            if isinstance(one, (ast.For, ast.AsyncFor)) and name in _names(one.target):
                given.append(self._kind(one.iter, seen) if isinstance(one.target, ast.Name) else NAME)
            elif isinstance(one, ast.AugAssign) and name in _names(one.target):
                given.append(self._kind(one.value, seen))
            elif isinstance(one, ast.With) and any(name in _names(item.optional_vars) for item in one.items):
                given.append(NAME)
            elif isinstance(one, ast.stmt | ast.NamedExpr):
                given += [self._kind(value, seen) for target, value in _assigned(one) if target == name]
                if isinstance(one, ast.Assign) and any(
                    isinstance(target, (ast.Tuple, ast.List)) and name in _names(target) for target in one.targets
                ):
                    given.append(NAME)
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        for number, one in enumerate(arguments):
            if one.arg == name:
                noted = "" if one.annotation is None else ast.unparse(one.annotation)
                given.append(NUMBER if noted in _NUMERIC else self._of_argument(function, number, name, seen))
        return (both(given) or NAME) if given else None

    def _of_argument(self, function: _Function, number: int, name: str, seen: frozenset[ast.AST]) -> str:
        if len(self._functions[function.name]) > 1:  # which of them is called is not looked after
            return NAME
        arguments = [*function.args.posonlyargs, *function.args.args]
        of_class = bool(arguments) and arguments[0].arg in ("self", "cls")
        called = "__init__" if function.name == "__init__" else function.name
        given: list[str] = []
        for call in self._calls.get(called, []):
            place = number - of_class
            named = [one.value for one in call.keywords if one.arg == name]
            if named or (0 <= place < len(call.args) and number < len(arguments)):
                given.append(self._kind(named[0] if named else call.args[place], seen))
            elif any(one.arg is None for one in call.keywords) or any(isinstance(a, ast.Starred) for a in call.args):
                given.append(NAME)
        return both(given) or NAME


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_property(function: _Function) -> bool:
    return any("property" in ast.unparse(one) for one in function.decorator_list)


def _names(target: ast.AST | None) -> set[str]:
    return set() if target is None else {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}


def _assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            return [(one.id, value) for one in targets if isinstance(one, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            return [(name, value)]
    return []
