"""Reads one YAML file into a checked record; every mistake is named with file, line, key and remedy."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from crawler.records import ChaoxunError

Path_ = tuple[int | str, ...]
Model = TypeVar("Model", bound="Checked")

#: What pydantic says in the words of Python, said in the words of YAML.
_SAID = {
    "string_type": "must be text; put the value in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "model_type": "must be a block of keys, one `key: value` a line",
    "dict_type": "must be a block of keys, one `key: value` a line",
    "mapping_type": "must be a block of keys, one `key: value` a line",
    "list_type": "must be a list: [one, two]",
    "tuple_type": "must be a list: [one, two]",
    "frozen_set_type": "must be a list: [one, two]",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
}
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_REFERENCE = re.compile(r"\$\{(?:(credential):)?([A-Za-z_][A-Za-z0-9_.-]*)\}")


class ConfigError(ChaoxunError):
    """A configuration that cannot be used; the message begins with file:line."""


class Checked(BaseModel):
    """What every record read from YAML inherits: unknown keys are mistakes, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Secret:
    """A text that never shows itself: not in a repr, a log or a page."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def parse_duration(value: object) -> timedelta:
    """`500ms`, `2s`, `30m`, `4h`, `30d`; raises ValueError with the accepted form.

    >>> parse_duration("90s")
    datetime.timedelta(seconds=90)
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is not a duration; write a number and a unit: 500ms, 2s, 30m, 4h or 30d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class Document:
    """A parsed YAML file: plain data, and the line of every value in it."""

    def __init__(self, path: Path, data: Any, lines: Mapping[Path_, int]) -> None:
        self.path = path
        self.data = data
        self._lines = lines

    def where(self, *path: int | str) -> str:
        """`file:line` of the value at `path`, or of the nearest value around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self.path}:{self._lines.get(path, 1)}"

    def fail(self, path: Path_, message: str) -> ConfigError:
        return ConfigError(f"{self.where(*path)}: {message}")


def load(path: Path, *, environ: Mapping[str, str] | None = os.environ) -> Document:
    """The file's data with `${ENV}` and `${credential:NAME}` put in; raises ConfigError naming every mistake.

    A credential is a file in `$CREDENTIALS_DIRECTORY`, as systemd's LoadCredential makes it. Without an environ
    the references stay as they are written: for a reader that has no business with the secrets.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; create it or name another folder with --config") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: is not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not valid YAML: {error}") from error
    reading = _Reading(path, environ)
    data = {} if node is None else reading.plain(node, ())
    if reading.mistakes:
        raise ConfigError("\n".join(reading.mistakes))
    return Document(path, data, reading.lines)


def check(document: Document, model: type[Model], path: Path_ = ()) -> Model:
    """The part of the document at `path` as `model`; raises ConfigError naming every mistake, one a line."""
    part = document.data
    for step in path:
        part = part[step]
    try:
        return model.model_validate(part)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(document, model, path, e) for e in error.errors())) from None


def nearest(word: str, known: list[str], what: str = "keys") -> str:
    """A remedy in words: the nearest right key, or all of them; `what` names them in the plural."""
    if not known:
        return f"there are no {what} yet"
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known {what}: {', '.join(known)}"


def _explain(document: Document, model: type[BaseModel], path: Path_, error: Any) -> str:
    inner = tuple(error["loc"])
    full = (*path, *inner)
    #: the number of a list item says less than the key of its list
    key = next((step for step in reversed(full) if isinstance(step, str)), "")
    if error["type"] == "extra_forbidden":
        known = sorted(_fields_at(model, inner[:-1]))
        message = f"unknown key {key!r}; {nearest(key, known)}"
    elif error["type"] == "missing":
        message = f"the key {key!r} is missing; write it here"
    else:
        context = error.get("ctx", {})
        plainly = _SAID.get(error["type"])
        said = context.get("error") or (error["msg"] if plainly is None else plainly.format(**context))
        message = f"{key}: {said}" if key else f"the file {said}"
    return f"{document.where(*full)}: {message}"


def _fields_at(model: type[BaseModel], path: Path_) -> set[str]:
    """Names of the keys that are right where `path` leads, following nested models."""
    here: Any = model
    for step in path:
        if (
            isinstance(step, str)
            and isinstance(here, type)
            and issubclass(here, BaseModel)
            and step in here.model_fields
        ):
            here = _model_in(here.model_fields[step].annotation)
    fields = here.model_fields if isinstance(here, type) and issubclass(here, BaseModel) else {}
    return {info.alias or name for name, info in fields.items()}


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return None


class _Reading:
    """One pass over a file's nodes: its data, the line of every value, and the mistakes met on the way."""

    def __init__(self, file: Path, environ: Mapping[str, str] | None) -> None:
        self.lines: dict[Path_, int] = {}
        self.mistakes: list[str] = []
        self._file = file
        self._environ = environ

    def plain(self, node: yaml.Node, path: Path_) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            if node.tag == "tag:yaml.org,2002:str" and self._environ is not None:
                return _filled(node.value, self._environ)
            return _scalar(node)
        except ConfigError as error:
            self._mistake(node, str(error))
        except (yaml.constructor.ConstructorError, ValueError):
            self._mistake(node, f"{node.value!r} is no {node.tag.rpartition(':')[2]}; put the value in quotes")
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                self._mistake(key_node, f"the key {key!r} stands twice; delete one")
                continue
            result[key] = self.plain(value_node, (*path, key))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
        return result

    def _mistake(self, node: yaml.Node, message: str) -> None:
        self.mistakes.append(f"{self._file}:{node.start_mark.line + 1}: {message}")


_CONSTRUCT: Callable[[str], yaml.SafeLoader] = yaml.SafeLoader


def _scalar(node: yaml.Node) -> Any:
    loader = _CONSTRUCT("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _filled(text: str, environ: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        credential, name = match[1], match[2]
        if not credential:
            if name not in environ:
                raise ConfigError(f"the environment variable {name} is not set; set it or write the value")
            return environ[name]
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if folder is None:
            raise ConfigError(
                f"the credential {name!r} needs $CREDENTIALS_DIRECTORY, which systemd sets from"
                f" LoadCredential={name}; outside systemd set it to a folder that holds the file {name}"
            )
        try:
            return Path(folder, name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise ConfigError(
                f"there is no credential {name!r} in {folder}; put it into /etc/credstore/{name}"
                f" and name it in the unit: LoadCredential={name}"
            ) from None
        except OSError as error:
            raise ConfigError(f"the credential {name!r} cannot be read: {error.strerror}") from error

    return _REFERENCE.sub(value, text)
