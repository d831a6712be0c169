"""Where chat templates run: Jinja as transformers sets it up, without a way out, endless loops or exploding texts.

A template is a program that comes with a file from the internet. Jinja's sandbox keeps it from Python's internals, but
not from filling the memory. So loops are counted, every text and list is measured where it is made, and the clock is
read.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from app.engine.templates.limits import RenderLimits, RenderMeter, require_count, require_narrow_fields

# What a template may end in, on purpose or by mistake; none of it may reach further than the template.
TEMPLATE_FAILURES = (
    jinja2.TemplateError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,  # RecursionError too
    MemoryError,
    SyntaxError,  # Python's own, about the code that Jinja makes of a template nested too deeply
)

_UNSAFE_TEXT_METHODS = {"translate", "maketrans", "expandtabs"}  # no template needs them, each can blow a text up


class TemplateRefusal(jinja2.TemplateError):
    """The template itself called raise_exception; the message is its own."""


class GuardedEnvironment(ImmutableSandboxedEnvironment):
    """Compiles and runs one template at a time, on one thread. What goes beyond the limits ends in a SecurityError."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, limits: RenderLimits) -> None:
        self.meter = RenderMeter(limits)
        self.step = self.meter.step
        super().__init__(
            loader=jinja2.BaseLoader(),
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", _GenerationTag],
            finalize=self.written,
        )
        self.filters["tojson"] = _to_json
        del self.filters["urlize"], self.globals["lipsum"]
        for name, function in list(self.filters.items()):
            self.filters[name] = self._guarded(name, function)
        self.globals["raise_exception"] = _raise_exception
        self.globals["strftime_now"] = _strftime_now

    def compiled(self, source: str) -> jinja2.Template:
        """The template that `source` is; raises one of TEMPLATE_FAILURES."""
        self.meter.begin()
        tree = _CountingTransformer().visit(self.parse(source))
        return self.from_string(tree)

    def written(self, value: object) -> object:
        """Measure what is put out."""
        self.step(self.meter.weigh(value))
        return value

    def built(self, value: Any) -> Any:
        """Measure a value where it is made."""
        self.meter.weigh(value)
        return value

    def joined(self, *values: object) -> str:
        """Jinja's ~ operator."""
        self.meter.require(sum(self.meter.weigh(value) for value in values))
        return "".join(map(str, values))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """+, *, ** and %, where the result has a bearable size."""
        self.meter.require_binary(operator, left, right)
        return self.built(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """The sandbox's str.format, without widths that make a text of any size."""
        formatting = super().wrap_str_format(value)
        if formatting is not None:
            require_narrow_fields(value.__self__)
        return formatting

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Jinja's verdict, and none of a text's methods that can blow it up."""
        unsafe = isinstance(obj, str) and attr in _UNSAFE_TEXT_METHODS
        return not unsafe and super().is_safe_attribute(obj, attr, value)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805, PYI063  # as Jinja
        """Call what the sandbox lets through, where the result has a bearable size."""
        __self.step()
        for value in (*args, *kwargs.values()):
            require_count(value)
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, str):
            __self.meter.require_call(__obj.__name__, owner, args)
        return __self.built(super().call(__context, __obj, *args, **kwargs))

    def _guarded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        first = 1 if hasattr(function, "jinja_pass_arg") else 0  # Jinja's own argument comes before the value

        @wraps(function)  # keeps that mark
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.step()
            value, rest = args[first], (*args[first + 1 :], *kwargs.values())
            for each in rest:
                require_count(each)
            if isinstance(value, Namespace):
                self.meter.weigh(value)  # it may have grown since it was made
            self.meter.require_call(name, value, rest)
            return self.built(function(*args, **kwargs))

        return guarded


class _CountingTransformer(NodeTransformer):
    """Puts a count into every loop and macro, and measures what the template builds."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  # Jinja's name
        return self._counted(node)

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        return self._counted(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        return self._counted(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _call_of("joined", node.nodes)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        return self._measured(node, node.items)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        return self._measured(node, node.items) if node.ctx == "load" else node

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        return self._measured(node, [part for pair in node.items for part in (pair.key, pair.value)])

    def _counted(self, node: nodes.For | nodes.Macro | nodes.CallBlock) -> nodes.Node:
        characters = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_call_of("step", [nodes.Const(characters)])))
        return node

    def _measured(self, node: nodes.Expr, items: list[nodes.Expr]) -> nodes.Node:
        if all(isinstance(item, nodes.Const) for item in items):
            return node
        self.generic_visit(node)
        return _call_of("built", [node])


class _GenerationTag(Extension):
    """`{% generation %}` marks, for training, what the assistant wrote; here it only encloses."""

    tags = {"generation"}  # noqa: RUF012  # as Jinja declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The statements inside."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _call_of(method: str, args: list[nodes.Expr]) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), args, [], None, None)


def _raise_exception(message: object = "") -> NoReturn:
    raise TemplateRefusal(str(message))


def _strftime_now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON as transformers writes it: nothing escaped for HTML."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
