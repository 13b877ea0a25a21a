"""The HTML part of a mail: the alert's plain lines, escaped, its changes marked, its own links made; pure.

Refuses everything else: no image, no style sheet, nothing that a mail program would fetch or run, and no link but the
article's own.
"""

import re
from html import escape

from monitor.alerts.compose import safe_url
from monitor.model import Message

#: `网址：…` and nothing else begins a line with that label: pages' words stand behind a label or a blank.
_LINK = re.compile(r"网址：(?P<url>\S+)")
_CHANGE = re.compile(r" {2}(?P<field>[^【\s]{1,20})【(?P<mark>[删增移])】(?P<sentence>.*)")
_LABELLED = re.compile(r"(?P<label>[^\s：【]{1,6})：(?P<rest>.*)")
_ID = re.compile(r"#a[0-9a-f]{11}")
_TAGS = {
    "删": ("del", "color:#a40000;background:#ffecec"),
    "增": ("ins", "color:#00600c;background:#e8f8ea;text-decoration:none"),
    "移": ("span", "color:#00457c"),
}
_PAGE = (
    '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="font-family:sans-serif;line-height:1.6;max-width:48em">\n<h2 style="font-size:1.1em">{title}</h2>\n'
    "{lines}\n</body></html>\n"
)


def as_html(message: Message) -> str:
    """The page that says what the message's text says, line by line. Pure."""
    lines = "\n".join(map(_line, message.text.split("\n")))
    return _PAGE.format(title=escape(message.title), lines=lines)


def _line(line: str) -> str:
    if not line.strip():
        return '<hr style="border:0;border-top:1px solid #ccc">'
    if _ID.fullmatch(line):
        return f'<div style="color:#777;font-family:monospace">{line}</div>'
    if line.startswith("【"):  # the title of one of a digest's alerts
        return f'<h3 style="font-size:1em">{escape(line)}</h3>'
    if line.startswith(" "):
        return f'<div style="padding-left:2em">{_detail(line)}</div>'
    return f"<div>{_labelled(line)}</div>"


def _labelled(line: str) -> str:
    link = _LINK.fullmatch(line)
    if link is not None and safe_url(link["url"]) is not None:
        url = escape(link["url"])
        return f'<b>网址：</b><a href="{url}" rel="noopener noreferrer">{url}</a>'
    labelled = _LABELLED.fullmatch(line)
    return f"<b>{escape(labelled['label'])}：</b>{escape(labelled['rest'])}" if labelled else escape(line)


def _detail(line: str) -> str:
    change = _CHANGE.fullmatch(line)
    if change is None:
        return escape(line.strip())
    tag, style = _TAGS[change["mark"]]
    said = f'<{tag} style="{style}">{escape(change["sentence"])}</{tag}>'
    return f"{escape(change['field'])}【{change['mark']}】{said}"
