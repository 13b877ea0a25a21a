"""Cuts from the lines of a body what is not the text: the headline again, credit lines, widgets, related lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.credits import is_outlet_name, is_roles
from crawler.extract.disclosure import doc_number, index_number, openness
from crawler.extract.labels import Label, Labelled, cell_label, cells, fold_line, labelled
from crawler.extract.page import Line
from crawler.extract.pager import is_pager_line
from crawler.extract.times import find_stamps
from crawler.records import Precision
from crawler.text.widgets import is_widget_line

_CREDITS = frozenset({Label.ORIGIN, Label.EDITOR, Label.AUTHOR, Label.PUBLISHED, Label.KEYWORDS, Label.OTHER})
_TABLE = frozenset(
    {
        Label.INDEX_NUMBER,
        Label.DOC_NUMBER,
        Label.ISSUER,
        Label.OPENNESS,
        Label.WRITTEN_ON,
        Label.PUBLISHED_ON,
        Label.CATEGORY,
        Label.VALIDITY,
        Label.TITLE,
    }
)
_LETTERS = re.compile(r"[0-9a-z\u3400-\u9fff]")
_CRUMBS = re.compile(
    r"^(?:(?:您?|你|您的?)(?:现在)?(?:当前)?的?(?:所在)?(?:位置|在)[:是]|当前位置|首页\s?[>»›/|\-]|"
    r"网站首页|您所在的位置|位置:|所在位置|新闻首页|[^\n。]{0,12}>[^\n。]{0,14}>)"
)
_TOOLS = re.compile(
    r"字号|字体|大中小|大 中 小|打印|关闭|收藏|分享到?|微信|微博|qq空间|朋友圈|二维码|扫一扫|参与互动|"
    r"评论|浏览|阅读|点击|纠错|举报|复制链接|我要|手机看新闻|"
    r"听新闻|放大|缩小|默认|保护视力|繁体|简体|英文|无障碍|t\|t|次|人气|转发|推荐|留言|用手机|进入|下载|"
    r"https?://[\x21-\x7e]+|(?:[a-z0-9-]+\.)+(?:com|cn|net|org)\b|客户端|发布|朗读|语音|播报|全文|(?:繁|简)(?=$|\s)|视力保护色|本页|窗口"
)
#: Lines behind which nothing of the article follows, wherever they stand.
_END = re.compile(
    r"^[\[【(<《“\"■●◆▶•·\s]*(?:相关(?:阅读|新闻|报道|链接|文章|推荐|稿件|内容|资讯|网文|专题|信息|文件|"
    r"解读|搜索|视频|图片|字词|话题|标签)"
    r"|延伸阅读|推荐(?:阅读|文章|新闻|视频)|重点推荐|猜你喜欢|你可能(?:也)?喜欢|为您推荐|热门(?:文章|"
    r"新闻|推荐|评论|排行|搜索|资讯|视频|标签|专题)"
    r"|(?:今日)?热点(?:新闻|推荐|排行)|(?:点击|阅读|新闻|一周)?排行榜?|(?:点击|阅读|新闻)排行|"
    r"一周新闻资讯点击排行|网友评论|最新评论|评论列表|(?:发表|我要|精彩)评论|热评"
    r"|更多(?:新闻|阅读)|(?:精彩|编辑|图片|新闻|今日|专题)推荐|本文(?:标签|关键词)|文章标签|标签|关键词|"
    r"tags?|版权说明|友情链接|网站地图|微博推荐|今日热搜"
    r"|打印(?:本页)?|关闭(?:窗口|本页)|分享到|点赞|加载更多|点击加载|查看更多|最新(?:文章|资讯)|"
    r"文章关键词|24小时滚动播报)\s*(?=$|[\s:>》】\])】丨|/、·!,.-]|\d)"
    r"|^[\[【(<《“\"■●◆▶•·\s]*(?:免责声明|版权声明|特别声明|郑重声明|凡本网注明|本网声明|声明:|notice:|"
    r"上一篇|下一篇|上一条|下一条|上一页|下一页|返回(?:顶部|首页|目录|列表|上页)|(?:回)?顶部$"
    r"|分享让更多人看到|扫一扫|扫码|扫描二维码|用微信扫|微信扫|主办单位|备案号|版权所有|copyright|"
    r"违法和不良信息|新浪财经(?:意见反馈|公众号)|海量资讯"
    r"|(?:安装|下载).{0,12}(?:app|客户端)|会赚钱的客户端|更多精彩|关注.{0,12}公众号|阅读全文|展开全文|"
    r"已有\d+人|进入.{0,10}吧|赞\s?\(?\d*\)?$|返回$)",
)
#: Such a line may stand within a text: a box of its own, its keywords, a call that an editor put between paragraphs.
_MAY_GO_ON = re.compile(
    r"[\[【(<《“\"■●◆▶•·\s]*(?:延伸阅读|(?:相关|新闻)链接|相关(?:阅读|新闻|报道|信息|内容|资讯)|关键词|标签|扫码|扫一扫|扫描二维码"
    r"|用?微信扫|关注.{0,12}公众号|(?:安装|下载).{0,12}(?:app|客户端))"
)
#: Lines between paragraphs that are none of the text.
_INSERTED = re.compile(
    r"(?:扫码|扫一扫|扫描二维码|长按|用?微信扫).{0,30}|(?:欢迎)?关注.{0,16}公众号.{0,6}|(?:点击)?(?:下载|安装|打开).{0,16}(?:app|客户端).{0,10}"
    r"|请?(?:继续)?(?:往下|向下)(?:继续)?阅读[.…]*|.{0,4}浏览器(?:暂)?不支持.{0,16}|(?:视频|正在|页面)?(?:加载|缓冲)中?[.…]*"
)
#: The same, where the line says nothing else: headings of comments and of boxes, signs of a platform.
_END_ALONE = re.compile(
    r"[\[【(<《“\"■●◆▶•·\s]*(?:"
    r"(?:全部|所有|最热|热门|观察员|用户|读者|网友|精彩|最新|文章)?(?:评论|跟贴|跟帖|回复|留言)(?:列表|区|专区)?"
    r"|(?:共|已有)?\d+条?(?:评论|跟贴|跟帖)|post ?comments?|comments?|reply|leave a reply"
    r"|(?:其他人|大家|他们|别人)(?:也|都|还)?(?:在)?(?:看|搜)(?:了)?|你可能(?:还|也)?(?:想|会|喜欢)看?|看了又看|换一换"
    r"|展开阅读全文|阅读原文|赞助商链接|(?:更多)?(?:往期|热门|精彩)(?:回顾|文章|内容|视频|图集)"
    r"|(?:该|本)?作者的?(?:其他|更多|最新)(?:的?文章|作品)|(?:精选|推荐|热门|相关)(?:视频|图集)"
    r")[\]】)>》”\"\s:>]*(?:\(?\d+\)?\s*条?)?"
    r"|[-—~*\s]*(?:完|end|全文完|本文完)[-—~*\s]*"
    r"|(?:特别)?(?:声明:)?以上(?:内容|文章内容)(?:\(.{0,20}\))?(?:为|由|系|仅代表).{0,40}"
)
#: Behind these nobody but readers speaks, however much they say.
_COMMENTS = re.compile(
    r"[\[【(<《“\"■●◆▶•·\s]*(?:(?:全部|所有|最热|最新|观察员|用户|读者|网友)(?:评论|跟贴|跟帖|留言)|(?:共|已有)?\d+条(?:评论|跟贴|跟帖)"
    r"|评论(?=\s*\(?\d)|leave a reply|post ?comments?)[\]】)>》”\"\s:>]*(?:\(?\d+\)?\s*条?)?"
)
#: Loose end lines: dropped where they end the text.
_TAIL = re.compile(
    r"版权所有|未经.{0,12}(?:授权|许可|同意).{0,20}(?:转载|复制|使用)|转载(?:请|须|必须|"
    r"时请?)(?:务必)?(?:注明|联系)|免责声明|责任编辑|本文(?:来源|转自|首发|为.{0,16}原创)|文章(?:来源|"
    r"转自)|"
    r"app专享|客户端|点我下载|下载app|用app看|公众号|扫码|二维码|扫一扫|all rights reserved|copyright|"
    r"更多.{0,12}(?:资讯|内容|"
    r"精彩|新闻).{0,14}(?:关注|下载|点击)|欢迎.{0,10}(?:关注|投稿|订阅)|(?:点击)?查看原图|点击(?:查看|进入|下载|图片)|"
    r"^(?:关于(?:我们|本[网站])|联系我们|网站(?:地图|简介|声明)|法律声明|隐私(?:保护|政策|权))\s*(?:$|[|·-])|"
    r"^[【\[(]?(?:end|完|本文完|全文完)[】\])]?$|^(?:返回|顶部|打印|关闭|收藏|分享|举报|评论|纠错|推荐|"
    r"转发|点赞|复制|保存|赞|踩|订阅|微信|微博|\+1|更多|全文|首页|列表|目录)(?:\s|$)|"
    r"不代表.{0,12}(?:观点|立场)|"
    r"投资(?:者)?据此操作|不构成.{0,10}投资(?:建议|依据)|仅供参考|违法和不良信息|新闻热线|爆料|投稿邮箱"
)
#: （责任编辑：某某） behind the last sentence, in the same line, and a button before it.
_PRINTED_END = re.compile(
    r"(?<=[。！？”）)\s])\s*(?:[【\[]纠错[】\]]\s*)?[（(【\[]?\s*(?:责任编辑|責任編輯|责编)\s*[：:][^。]{0,30}$"
    r"|(?<=[。！？”」）)\s])\s*[（(【\[]\s*(?:编辑|編輯)\s*[：:][^。（(]{2,20}[）)】\]]\s*\d{0,8}$"
)
_IMAGE_FILE = re.compile(r"^[^。，]{0,60}\.(?:jpe?g|png|gif|bmp|webp|tiff?)$", re.IGNORECASE)
_LEADS = "导言|导语|核心提示|内容提要|内容摘要|摘要"
_LEAD = re.compile(rf"^(?:(?:{_LEADS})\s*:|[\[(](?:{_LEADS})[\])]:?)\s*")
#: 摘要 alone above the lead.
_LEAD_ALONE = re.compile(r"[\[【(]?(?:导言|导语|导读|核心提示|内容提要|内容摘要|摘要|核心阅读)[\]】)]?:?")
#: A reprint's terms, however long.
_TERMS = re.compile(
    r"[\[【(※*·\s]*(?:"
    r"[^。,:]{0,12}(?:声明|版权说明|免责条款|版权提示|版权与免责)[\]】)]?:.{0,40}(?:本|凡|此|该|文章|转载|内容|作品|版权|观点)"
    r"|凡(?:本[网站报刊]|注明|是?(?:来源|标注)).{0,30}(?:来源|注明|版权|作品|稿件)"
    r"|(?:本|此)(?:网|站|网站|报|刊|平台)(?:之|的|刊载|所载|转载|发布|所有)[^。]{0,40}(?:版权|著作权|转载|授权|立场|观点)"
    r"|(?:版权作品|未经(?:正式|书面|本[网站报刊]|许可|授权))[^。]{0,40}(?:授权|许可|转载|独立观点|不代表|侵权|著作权)"
    r"|如(?:对|有|果|需|您|涉及|因|发现)[^。]{0,40}(?:版权|侵权|异议|投诉|著作权)[^。]{0,60}(?:联系|告知|通知|来信|来函)"
    r")"
)
_COUNT = re.compile(r"\d+(?:[人条次]?(?:评论|参与|跟帖|阅读|浏览))?")
_CALL = re.compile(
    r"(?:↑+|▲|点击|长按|请)?.{0,4}(?:点击|轻触|长按)(?:上方|下方|上面|下面|阅读)?.{0,2}(?:蓝色?字体?|二维码|名片|标题).{0,12}"
)
_SENTENCE = re.compile(r"[，。；！？,;!?]|\.\s|\.$")
_DISCLAIMER = re.compile(
    r"免责声明|郑重声明|仅代表作者|不代表.{0,12}(?:观点|立场)|all rights reserved|copyright|版权所有"
    r"|违法和不良信息|备案号"
)
#: No widget ends so; asking costs more than all else for a long text.
_ENDINGS = ("。", "！", "？", "；", "，", "、", "”", "：")
_SENTENCE_ENDS = ("。", "！", "？", "”", "」")
_SENTENCE_END = re.compile(r"[。！？；!?;]$")
_MOST_HEAD = 30
_LONGEST_END = 60


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The text's lines, and what stood before and behind them."""

    head: tuple[str, ...]
    text: tuple[str, ...]
    tail: tuple[str, ...]


def trim(lines: Sequence[Line], title: str | None, *, document: bool = False) -> Trimmed:
    """Find the text within the lines of a container. Pure.

    document: the page is an official document, whose printed title and number belong to its text.
    """
    kept = [line for line in lines if not _IMAGE_FILE.match(line.text) and not is_pager_line(line.text)]
    start = _head_end(kept, title, document=document)
    end = _end(kept, start)
    text = _without_repeated_lead([line.text for line in kept[start:end]])
    tail = [line.text for line in kept[end:]]
    if text and (match := _PRINTED_END.search(text[-1])) is not None and match.start() >= 10:
        tail.insert(0, text[-1][match.start() :])
        text[-1] = text[-1][: match.start()].rstrip()
    return Trimmed(
        tuple(line.text for line in kept[:start]),
        tuple(line for line in text if line.endswith(_ENDINGS) or not (is_widget_line(line) or _is_inserted(line))),
        tuple(tail),
    )


def _is_inserted(line: str) -> bool:
    return len(line) <= 40 and _INSERTED.fullmatch(fold_line(line)) is not None


def same(one: str | None, other: str | None) -> bool:
    """Whether two headlines are the same but for width, script, case and punctuation. Pure."""
    return bool(one and other) and letters(one or "") == letters(other or "")


def letters(text: str) -> str:
    """Letters, digits and Han of the folded text: what a headline is compared by. Pure."""
    return "".join(_LETTERS.findall(fold_line(text)))


def is_credit_line(line: str) -> bool:
    """Whether a line only says where, when and by whom (or offers buttons), and nothing of the text. Pure.

    >>> is_credit_line("2023年07月06日 17:31　来源：示例日报　字号：大 中 小")
    True
    >>> is_credit_line("记者：请问这个平台怎样帮助企业？")
    False
    """
    if len(line) > 160:
        return False
    if is_widget_line(line) or is_roles(line):
        return True
    found = labelled(line)
    covered = [(f.start, f.end) for f in found if _is_credit(f)]
    stamps = [(a, b) for _, a, b in find_stamps(line)]
    if not covered and not stamps:
        return False
    rest = list(fold_line(line))
    for start, end in (*covered, *stamps):
        rest[start:end] = " " * (end - start)
    return len(_LETTERS.findall(_TOOLS.sub(" ", "".join(rest)))) <= (8 if stamps else 4)


def is_table_line(line: str) -> bool:
    """Whether a line belongs to the disclosure table. Pure."""
    if len(line) > 400:
        return False
    if any(f.label in _TABLE for f in labelled(line)) and labelled(line)[0].start <= 2:
        return True
    return any(label in _TABLE for label, _ in cells(line)) or cell_label(line) in _TABLE or bool(openness(line))


def is_crumbs(line: str) -> bool:
    return len(line) <= 80 and _CRUMBS.match(fold_line(line)) is not None


@lru_cache(maxsize=2_048)  # each line of a body is asked about two or three times
def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence of a text, and not like a disclaimer. Pure."""
    if not _SENTENCE.search(line):
        return False
    folded = fold_line(line[:200])
    return _END.match(folded) is None and _DISCLAIMER.search(folded) is None


def prose(lines: Sequence[Line]) -> int:
    """How many characters of these lines are prose and no links. Pure."""
    return sum(len(line.text) for line in lines if line.linked < 0.3 * len(line.text) and is_prose(line.text))


def says_end(line: str) -> bool:
    """Whether a line heads what follows an article: comments, related lists, the foot of a page. Pure.

    >>> says_end("其他人也在看"), says_end("评论 12条"), says_end("评论员认为")
    (True, True, False)
    """
    if len(line) > _LONGEST_END:
        return False
    folded = fold_line(line)
    return _END.match(folded) is not None or _END_ALONE.fullmatch(folded) is not None


def ends_at(lines: Sequence[Line], i: int) -> bool:
    """Whether this line heads what follows an article, and not a part of its own: prose without links. Pure."""
    if not says_end(lines[i].text):
        return False
    for line in lines[i + 1 : i + 4] if _MAY_GO_ON.match(fold_line(lines[i].text)) else ():
        if line.linked or any(True for _ in find_stamps(line.text)) or says_end(line.text):
            return True
        if len(line.text) >= 30 and line.text.endswith(_SENTENCE_ENDS) and is_prose(line.text):
            return False
    return True


def _is_credit(found: Labelled) -> bool:
    if found.label not in _CREDITS or len(found.value) > 60:
        return False
    if found.label is Label.PUBLISHED:
        return any(True for _ in find_stamps(found.value)) or not found.value
    if found.label in (Label.AUTHOR, Label.EDITOR):
        return len(found.value) <= 30 and not re.search(r"[？?。！，]", found.value)
    return True


def _head_end(lines: Sequence[Line], title: str | None, *, document: bool) -> int:
    """Where the text begins: behind the last line of the head that is no text."""
    start = 0
    for i, line in enumerate(lines[:_MOST_HEAD]):
        if same(line.text, title):
            if document or any(doc_number(near.text) for near in lines[max(0, i - 2) : i + 3]):
                break
            start = i + 1
        elif _is_head(lines, i, title):
            start = i + 1
        elif i > start + 1 or len(line.text) > 40 or _SENTENCE_END.search(line.text):
            break
        elif not any(
            same(lines[j].text, title) or _is_head(lines, j, title) for j in range(i + 1, min(i + 4, len(lines)))
        ):
            break  # else: a short line among those of the head, an office or a subtitle
    return start


def _is_head(lines: Sequence[Line], i: int, title: str | None) -> bool:
    line = lines[i].text
    folded = fold_line(line)
    if is_credit_line(line) or is_table_line(line) or is_crumbs(line) or index_number(line):
        return True
    if i and cell_label(lines[i - 1].text) in _TABLE and len(line) <= 80:
        return True
    if folded.startswith(("原标题", "原题", "(原标题")):
        return len(line) <= 90
    if _COUNT.fullmatch(line) or _is_dateline(line) or (len(line) <= 24 and _CALL.fullmatch(folded)):
        return True
    if is_outlet_name(line) and any(
        _is_dateline(near.text) for near in (*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2])
    ):
        return True
    return lines[i].linked >= 0.8 * len(line) and len(line) <= 12 and not same(line, title)


def _is_dateline(line: str) -> bool:
    """2024-05-18 16:56发布于某地: a line that begins with a time of day and is no sentence."""
    stamp = next(find_stamps(line[:60]), None) if len(line) <= 50 and not _SENTENCE_END.search(line) else None
    return stamp is not None and stamp[1] <= 3 and stamp[0].precision in (Precision.MINUTE, Precision.SECOND)


def _end(lines: Sequence[Line], start: int) -> int:
    """Where the text ends: before the first sure sign of its end, or before the last lines that are none of it."""
    said = 0
    end = len(lines)
    for i in range(start, len(lines)):
        line = lines[i].text
        if said >= 30 and _is_editor_line(line):
            end = i
            break
        if said >= 30 and ends_at(lines, i):
            before, behind = prose(lines[start:i]), prose(lines[i:])
            # Else it is a box above the text that is named like one below it.
            if behind <= 3 * before + 200 or (before >= 60 and _COMMENTS.fullmatch(fold_line(line))):
                end = i
                break
        said += len(line)
    while end > start and _is_tail(lines[end - 1]):
        end -= 1
    if end == start:  # it is all credits: say those that are more than a button
        end = max((i + 1 for i in range(start, len(lines)) if not is_credit_line(lines[i].text)), default=start)
    return end


def _is_editor_line(line: str) -> bool:
    """【责任编辑：某某】 alone in its line: the printed end of an article."""
    found = labelled(line) if len(line) <= 60 else []
    return bool(found) and found[0].label is Label.EDITOR and found[0].start <= 2 and is_credit_line(line)


def _is_tail(line: Line) -> bool:
    text = line.text
    if is_credit_line(text) and not _is_signature(text):
        return True
    if line.linked >= 0.9 * len(text) and len(text) <= 60 and not text.endswith(("。", "！", "？", "”")):
        return not re.search(r"附件|\.(?:pdf|docx?|xlsx?|wps|zip|rar|ofd)", text, re.IGNORECASE)
    if _TERMS.match(folded := fold_line(text)) or _is_inserted(text):
        return True
    if len(text) > 120 or (len(text) > 40 and "。" in text):
        return False
    return _TAIL.search(folded) is not None


def _is_signature(text: str) -> bool:
    """The date under a document: a day and nothing else."""
    return len(text) <= 14 and any(True for _ in find_stamps(text)) and ":" not in fold_line(text)


def _without_repeated_lead(lines: list[str]) -> list[str]:
    """A lead (导言: …) that the first paragraph repeats is dropped; any other loses only its label."""
    if len(lines) > 2 and _LEAD_ALONE.fullmatch(fold_line(lines[0])):
        lines = lines[1:]
        if letters(lines[0]).endswith(letters(lines[1])):
            return lines[1:]  # it has the headline in 【】 before it
    if not lines:
        return lines
    match = _LEAD.match(fold_line(lines[0]))
    lead = lines[0][match.end() :] if match else lines[0]
    if len(lines) > 1 and len(letters(lead)) >= 12 and letters(lines[1]).startswith(letters(lead)[:200].rstrip()):
        return lines[1:]
    return [lead, *lines[1:]] if match else lines
