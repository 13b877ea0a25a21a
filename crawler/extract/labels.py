"""Labelled values in lines of text (来源：…, 責任編輯：…), in both scripts, letter-spaced or not.

Labels are looked for in the folded line, which is as long as the line itself, and values are cut from the original.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crawler.text.table import fold_table


class Label(StrEnum):
    """What a label means, whatever its wording."""

    ORIGIN = "origin"
    EDITOR = "editor"
    AUTHOR = "author"
    PUBLISHED = "published"
    INDEX_NUMBER = "index_number"
    DOC_NUMBER = "doc_number"
    ISSUER = "issuer"
    OPENNESS = "openness"
    WRITTEN_ON = "written_on"
    PUBLISHED_ON = "published_on"
    CATEGORY = "category"
    VALIDITY = "validity"
    INTERPRETER_UNIT = "interpreter_unit"
    INTERPRETER = "interpreter"
    PHONE = "phone"
    TITLE = "title"
    KEYWORDS = "keywords"
    LEAD = "lead"
    ORIGINAL_TITLE = "original_title"
    OTHER = "other"


#: Wordings, folded (simplified, lower case); the longest wording that fits wins.
_WORDINGS: dict[Label, str] = {
    Label.ORIGIN: "来源 信息来源 文章来源 稿件来源 新闻来源 内容来源 消息来源 资料来源 作品来源 本文来源 原文来源 稿源 来源于 转自 转载自 出处 文章出处",
    Label.EDITOR: "责任编辑 责编 编辑 本文编辑 网络编辑 值班编辑 实习编辑 本网编辑 本期编辑 文章编辑 执行编辑 责任编辑人 编辑/ 编辑| 编辑丨 责编/ 责编| 责编丨",
    Label.AUTHOR: "作者 文章作者 撰文 撰稿 撰稿人 文字 文丨 文| 文/ 作者/ 作者| 作者丨 记者/ 记者| 记者丨 撰文/ 撰文| 撰文丨 采写/ 记者 本报记者 采写 通讯员",
    Label.PUBLISHED: "发布时间 发表时间 发布于 发稿时间 更新时间 上传时间 信息时间 文章时间 日期时间 时间 日期 发表日期 发表于 刊发时间 添加时间",
    Label.INDEX_NUMBER: "索引号 信息索引号 索引号码",
    Label.DOC_NUMBER: "发文字号 文号 文件编号 发文文号 文件字号 发文号 文件文号 公文文号 发文字(文)号",
    Label.ISSUER: "发布机构 发文机关 发布单位 责任部门 发文单位 发布部门 发文机构 发布机关 制发机关 公开机构 发文部门",
    Label.OPENNESS: "公开方式 公开属性 公开类型",
    Label.WRITTEN_ON: "成文日期 生成日期 发文日期 制发日期 成文时间 生成时间 发文时间",
    Label.PUBLISHED_ON: "发布日期 公开日期 发文公开日期 公布日期",
    Label.CATEGORY: "组配分类 主题分类 体裁分类 信息分类 分类 所属分类 主题词分类",
    Label.VALIDITY: "有效性 效力状况 效力状态 是否有效 有效状态 文件状态",
    Label.INTERPRETER_UNIT: "解读单位 解读机关 解读机构 解读部门",
    Label.INTERPRETER: "解读人 解读人员",
    Label.PHONE: "联系电话 联系方式 咨询电话",
    Label.TITLE: "标题 信息名称 文件名称 公开名称",
    Label.KEYWORDS: "关键词 关键字 标签 主题词 tags tag",
    Label.LEAD: "导言 导语 摘要 核心提示 内容提要",
    Label.ORIGINAL_TITLE: "原标题 原文标题",
    Label.OTHER: "统一编号 有效期 失效日期 废止日期 实施日期 公开范围 公开时限 公开形式 信息公开类别 服务对象 浏览次数 访问次数 点击 点击数 点击次数 "
    "点击量 浏览 浏览量 阅读 阅读量 阅读次数 人气 字号 字体 字体大小 文字大小 视力保护色 保护视力色 分享 分享到 打印 版次 版面 栏目 所属栏目 "
    "名称 发文范围 校对 监制 审核 审稿 初审 终审 一审 二审 三审 摄影 图 图/ 图片 制图 视频 设计 签发 主编 总监制 值班主任 总编辑 编审 "
    "信息提供 供稿 供稿单位 审签 核稿 字数 页码 载体类型 载体形式 记录形式 内容概述 内容概览 生效日期 语种 文种 公开程序 id 关闭 收藏",
}


def _spaced(wording: str) -> str:
    return r"[ ]{0,2}".join(re.escape(character) for character in wording)


_BY_WORDING = {wording: label for label, words in _WORDINGS.items() for wording in words.split()}
_ANY = "|".join(_spaced(wording) for wording in sorted(_BY_WORDING, key=len, reverse=True))
#: A label counts at the start of the line or behind something that is no letter, and with its colon.
_LABELLED = re.compile(rf"(?:(?<![\u4e00-\u9fffa-z0-9])|(?<=[\u4e00-\u9fff] ))({_ANY})[ ]{{0,2}}(?::|(?<=[|/丨]))[ ]*")
#: Without a colon only where the label is a cell of its own.
_CELL = re.compile(rf"[\[【(]?({_ANY})[ ]*:?[\]】)]?\Z")
_JOINED = re.compile(rf"(?<=[\u4e00-\u9fffa-z0-9)）])({_ANY})[ ]{{0,2}}:")
_COMPACT = re.compile(r"[ ]+")
_OPENING = re.compile(r"[\s\[【(（]+\Z")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled value. start, end: the place of label and value together in the line."""

    label: Label
    value: str
    start: int
    end: int


def fold_line(line: str) -> str:
    """The line as labels are looked for: one character for each, so that places hold in both. Pure."""
    return line.translate(fold_table())


def labelled(line: str) -> list[Labelled]:
    """Every labelled value of a line, in order; a value ends where the next label begins. Pure.

    >>> [(found.label.value, found.value) for found in labelled("來源：示例日報 作者：某甲 責任編輯：某乙")]
    [('origin', '示例日報'), ('author', '某甲'), ('editor', '某乙')]
    """
    folded = fold_line(line)
    if ":" not in folded and "|" not in folded and "/" not in folded and "丨" not in folded:
        return []
    marks = [(m.start(1), m.end(), m[1]) for m in _LABELLED.finditer(folded)]
    if marks:
        taken = {start for start, _, _ in marks}
        marks += [
            (m.start(1), m.end(), m[1])
            for m in _JOINED.finditer(folded, marks[0][1])
            if m.start(1) not in taken and not any(a <= m.start(1) < b for a, b, _ in marks)
        ]
        marks.sort()
    found = []
    for i, (start, after, wording) in enumerate(marks):
        end = marks[i + 1][0] if i + 1 < len(marks) else len(line)
        label = _BY_WORDING[_COMPACT.sub("", wording)]
        found.append(Labelled(label, _value(line[after:end]), start, end))
    return found


def cells(line: str) -> Iterator[tuple[Label, str]]:
    """Label and value where a row of a table has them in neighbouring cells (rendered with ` | ` between). Pure."""
    parts = [part.strip() for part in line.split(" | ")]
    i = 0
    while i + 1 < len(parts):
        label = cell_label(parts[i])
        if label is not None and cell_label(parts[i + 1]) is None:
            yield label, _value(parts[i + 1])
            i += 2
        else:
            i += 1


def cell_label(text: str) -> Label | None:
    """What a text means that is nothing but a label."""
    match = _CELL.match(fold_line(text.strip())) if len(text) <= 20 else None
    return None if match is None else _BY_WORDING[_COMPACT.sub("", match[1])]


def values(lines: Iterable[str], *wanted: Label) -> Iterator[str]:
    """The non-empty values of these labels in lines of prose or of tables, in order. Pure."""
    for line in lines:
        for found in labelled(line):
            if found.label in wanted and found.value:
                yield found.value
        if " | " in line:
            yield from (value for label, value in cells(line) if label in wanted and value)


def _value(text: str) -> str:
    text = _OPENING.sub("", text.strip())
    text = text.strip(" \t\u3000|丨;；,，、】]")
    while text.endswith((")", "）")) and text.count("(") + text.count("（") < text.count(")") + text.count("）"):
        text = text[:-1].rstrip()
    return text
