"""Options made from declarations: what a dataclass declares, the command line offers, without being told twice."""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import click

from app.core.declared import Declaration, declarations
from app.core.generation import SamplingParameters, TokenBias
from app.core.model import LoadParameters, LoraAdapter

_Command = TypeVar("_Command", bound=Callable[..., Any])
_T = TypeVar("_T")
_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[_T]):
    """The values that the command line set; empty when it set none."""

    values: Mapping[str, Any]

    def applied_to(self, base: _T) -> _T:
        """`base` with these values put in. Raises InvalidParameterError for one that is out of bounds."""
        return replace(base, **self.values)  # type: ignore[type-var]  # a declared dataclass


class SectionOption(click.Option):
    """An option that help shows under a heading."""

    def __init__(self, names: Sequence[str], *, section: str, **attributes: Any) -> None:
        super().__init__(names, **attributes)
        self.section = section


class _DeclaredOption(SectionOption):
    """An option whose value is kept in the context, apart from the command's arguments: there are too many of them."""

    def __init__(self, names: Sequence[str], *, kind: type, **attributes: Any) -> None:
        super().__init__(names, expose_value=False, callback=self._keep, **attributes)
        self._kind = kind

    def _keep(self, context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None and value != ():
            context.meta.setdefault(_key(self._kind), {})[self.name] = value


class SectionedCommand(click.Command):
    """A command whose help groups its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "Options"), []).append(record)
        for name, rows in sections.items():
            with formatter.section(name):
                formatter.write_dl(rows)


class _Bias(click.ParamType[TokenBias]):
    name = "TOKEN=BIAS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> TokenBias:
        token, equals, bias = str(value).rpartition("=")
        try:
            number = float(bias)
        except ValueError:
            number = float("nan")
        if not equals or not token or number != number or number == float("inf"):
            self.fail(f"{value!r} is not TOKEN=BIAS, such as 42=-5 or ' Paris'=-inf.", param, ctx)
        return TokenBias(int(token) if token.isdecimal() else token, number)


class _Adapter(click.ParamType[LoraAdapter]):
    name = "FILE[=SCALE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LoraAdapter:
        file, equals, scale = str(value).rpartition("=")
        if not equals or Path(str(value)).is_file():  # the second: an equals sign in the file's own name
            return LoraAdapter(Path(str(value)))
        try:
            return LoraAdapter(Path(file), float(scale))
        except ValueError:
            self.fail(f"{value!r} is not FILE or FILE=SCALE, such as style.gguf=0.5.", param, ctx)


def sampling_options(command: _Command) -> _Command:
    """An option for everything that SamplingParameters declares."""
    return _declared_options(command, SamplingParameters, "Sampling (without them: what suits the model)")


def load_options(command: _Command) -> _Command:
    """An option for everything that LoadParameters declares, and for its files."""
    section = "Loading"
    files = [
        _DeclaredOption(
            ["--adapter", "adapters"],
            section=section,
            kind=LoadParameters,
            type=_Adapter(),
            multiple=True,
            metavar="FILE[=SCALE]",
            help="A LoRA adapter and how strongly it acts; may be given several times.",
        ),
        _DeclaredOption(
            ["--draft-model"],
            section=section,
            kind=LoadParameters,
            type=_FILE,
            metavar="FILE",
            help="A smaller model of the same vocabulary that drafts tokens ahead.",
        ),
    ]
    for option in reversed(files):
        _attach(command, option)
    return _declared_options(command, LoadParameters, section)


def chosen(kind: type[_T]) -> Chosen[_T]:
    """What the command line of the running command set of `kind`."""
    return Chosen(click.get_current_context().meta.get(_key(kind), {}))


def _declared_options(command: _Command, kind: type, section: str) -> _Command:
    hints = get_type_hints(kind)
    for declaration in reversed(declarations(kind)):
        _attach(command, _option(declaration, hints[declaration.name], kind, section))
    return command


def _attach(command: Callable[..., Any], option: click.Option) -> None:
    """As click.option() does: the list is read when the function becomes a command."""
    waiting = vars(command).setdefault("__click_params__", [])
    waiting.append(option)


def _option(declaration: Declaration, hint: Any, kind: type, section: str) -> _DeclaredOption:
    name = declaration.name.replace("_", "-")
    inner = next((part for part in get_args(hint) if part is not type(None)), hint) if _is_optional(hint) else hint
    attributes: dict[str, Any] = {"help": _help(declaration, kind), "section": section, "kind": kind}
    names = [f"--{name}/--no-{name}"] if inner is bool else [f"--{name}"]
    if inner is bool:
        attributes["default"] = None
    elif get_origin(inner) is tuple:
        attributes |= {"multiple": True, "type": _item_type(get_args(inner)[0])}
        attributes["metavar"] = {str: "TEXT", float: "NUMBER"}.get(get_args(inner)[0], "TOKEN=BIAS")
    elif isinstance(inner, type) and issubclass(inner, Enum):
        attributes["type"] = _EnumChoice(inner)
    else:
        attributes |= {"type": inner, "metavar": {int: "N", float: "NUMBER"}.get(inner, "TEXT")}
    return _DeclaredOption([*names, declaration.name], **attributes)


class _EnumChoice(click.Choice[Any]):
    """A choice by the values of an enum, which gives its member."""

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__([member.value for member in kind])
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self._kind(super().convert(value, param, ctx))


def _item_type(item: type) -> Any:
    return _Bias() if item is TokenBias else item


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _help(declaration: Declaration, kind: type) -> str:
    """The declaration's help; with the default where that is the same for every model."""
    text = declaration.help
    if declaration.name == "logit_bias":
        text += " TOKEN is an id or a text that is one token; -inf forbids it. May be given several times."
    elif isinstance(declaration.default, tuple):
        text += " May be given several times."
    if kind is LoadParameters:
        default = declaration.unset if declaration.default is None else declaration.default
        shown = getattr(default, "value", default)
        if shown not in ("", (), True, False, 0.0):
            text += f" [default: {shown}]"
    return text


def _key(kind: type) -> str:
    return f"app.cli.{kind.__name__}"
