"""config/sources/*.yaml -> Source; every mistake is named with file, line, key and remedy."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.records import Detail, Group, PageKeys, RowFields, Selectors, Source, Tls
from crawler.sourcekeys import KINDS, SourceKeys, mistakes
from crawler.yamlfile import Checked, ConfigError, Document, check, load


class _FileKeys(Checked):
    sources: list[Any] | None = None


def load_sources(folder: Path, *, environ: Mapping[str, str] | None = os.environ) -> tuple[Source, ...]:
    """The sources of every YAML file in `folder`, by file name and then as they stand there.

    Raises ConfigError with all mistakes of all files, one a line, each beginning with file:line, and where the folder
    may not be read: taken for an empty one, it would be the end of all polls.
    """
    wrong: list[str] = []
    found: list[Source] = []
    for path in _files(folder):
        try:
            found += load_source_file(path, environ=environ)
        except ConfigError as error:
            wrong.append(str(error))
    wrong += _twice(found)
    if wrong:
        raise ConfigError("\n".join(wrong))
    return tuple(found)


def load_source_file(path: Path, *, environ: Mapping[str, str] | None = os.environ) -> tuple[Source, ...]:
    """The sources of one file. Raises ConfigError with all its mistakes, one a line, each beginning with file:line."""
    document = load(path, environ=environ)
    check(document, _FileKeys)
    wrong: list[str] = []
    found: list[Source] = []
    for index in range(len(document.data.get("sources") or ())):
        try:
            found.append(_source(document, index))
        except ConfigError as error:
            wrong.append(str(error))
    wrong += _twice(found)
    if wrong:
        raise ConfigError("\n".join(wrong))
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be read: {error.strerror}; it is a folder of YAML files that this user may list and read"
        ) from error


def source_of(entry: Mapping[str, Any]) -> Source:
    """One entry of `sources`, given as plain data. Raises ConfigError with all its mistakes, one a line."""
    return _source(Document(Path("the entry"), {"sources": [dict(entry)]}, {}), 0)


def _twice(sources: list[Source]) -> Iterator[str]:
    first: dict[str, Source] = {}
    for source in sources:
        earlier = first.setdefault(source.slug, source)
        if earlier is not source:
            yield f"{source.where}: the slug {source.slug!r} is taken by {earlier.where}; give one of them another"


def _source(document: Document, index: int) -> Source:
    place = ("sources", index)
    keys = check(document, SourceKeys, place)
    wrong = [str(document.fail((*place, key), message)) for key, message in mistakes(keys)]
    if wrong:
        raise ConfigError("\n".join(wrong))
    file_name = document.path.stem
    named_group = Group(file_name) if file_name in list(Group) else Group.GOVERNMENT
    return Source(
        slug=keys.slug,
        name=keys.name,
        engine=keys.engine,
        url=keys.url,
        group=keys.group or named_group,
        region=keys.region,
        column=keys.column,
        kind=keys.kind or KINDS.get(keys.engine),
        every=keys.every,
        off_hours_every=keys.off_hours_every,
        interval=(keys.interval.min, keys.interval.max) if keys.interval else None,
        gap=keys.gap,
        charset=keys.charset,
        headers=keys.headers,
        cookies=keys.cookies,
        noise=keys.noise,
        max_pages=keys.max_pages,
        tls=Tls(verify=keys.tls.verify, legacy=keys.tls.legacy),
        disabled=keys.disabled,
        article=Selectors(**keys.article.model_dump()),
        params=keys.params,
        tag=keys.tag,
        fallback=keys.fallback,
        rows=keys.rows,
        fields=RowFields(**keys.fields.model_dump()),
        next=keys.next,
        method=keys.method,
        form=keys.form,
        json=keys.json_,
        page=PageKeys(**keys.page.model_dump()) if keys.page else None,
        detail=Detail(**keys.detail.model_dump()) if keys.detail else None,
        where=document.where(*place),
    )
