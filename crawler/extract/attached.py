"""Pages that say no more than that their text is in a file: which file that is. Pure."""

from collections.abc import Sequence

from crawler.extract.trim import letters
from crawler.records import Attachment, Draft, Verdict

#: A note of `Quality`.
IN_PDF = "the text is in a PDF"
#: Letters that such a page says beside the names of its files: 详见附件, 点击下载, a signature and a day.
_NO_TEXT = 40


def file_of(draft: Draft) -> Attachment | None:
    """The one PDF of a page that has no text of its own. Pure.

    A page without any text counts where it shows when it was published: a stub or an error does not.
    """
    files = [file for file in draft.attachments if file.type == "pdf"]
    if len(files) != 1 or not draft.title or draft.quality.verdict not in (Verdict.ARTICLE, Verdict.STUB):
        return None
    if draft.quality.verdict is Verdict.STUB and (draft.published_at is None or draft.jump is not None):
        return None
    return files[0] if _said(draft.text, draft.title, draft.attachments) <= _NO_TEXT else None


def _said(text: str, title: str, files: Sequence[Attachment]) -> int:
    named = [letters(title), *(letters(file.name) for file in files)]
    lines = (letters(line) for line in text.split("\n"))
    return sum(len(line) for line in lines if not any(name and (name in line or line in name) for name in named))
