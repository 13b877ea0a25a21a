"""Widget lines and counters: a page's furniture goes, its text stays."""

import pytest

from crawler.text.widgets import LONGEST, cut_counters, cut_folded_counters, folded_is_widget, is_widget_line

WIDGETS = """
訪問次數(shù):
字体大?。?/span>大 中 小
字體大?。?/span>大 中 小
字体：【大 中 小】
【字体：大 中 小】
字号：[ 大 ] [ 中 ] [ 小 ]
字号： 默认 大 超大
[大 中 小]
大 中 小
A- A A+
T | 大 中 小
放大字体 缩小字体
访问次数：12
访问次数： 1,024次
阅读 1024
阅读量：1.2万
浏览量：10万+
点击数：[35]
(阅读:9;评论:9)
访问次数：12 字体：[大 中 小] 打印 关闭
【打印本页】【关闭窗口】
打印 | 关闭 | 返回顶部
分享到：微信 新浪微博 QQ空间
扫一扫在手机打开当前页
扫一扫，手机查看
今天是2024年5月1日 星期三
今天是：2024年5月1日，星期三 12:30:01
您是第12,345位访客
欢迎您！您是本站第 123 位访问者
无障碍 | 长者模式 | 繁体
阅读次数：--
浏览次数:加载中...
我要纠错 收藏
""".strip().splitlines()

TEXTS = """
景区访问量达120万人次
3D打印
店铺关闭
打印机
微信支付
分享经济
点击查看更多
12
2023-05-01
2024年5月1日 星期三
今天是国庆节
今天是2024年5月1日,国际劳动节
发布时间:2024-05-01 访问次数:12
大中小企业
阅读 1024 页
来源：新华社
大
""".strip().splitlines()


@pytest.mark.parametrize("line", WIDGETS)
def test_a_line_of_widgets_is_one(line: str) -> None:
    assert is_widget_line(line)


@pytest.mark.parametrize("line", [*TEXTS, "", "———", "[ ]"])
def test_a_line_of_text_is_none(line: str) -> None:
    assert not is_widget_line(line)


def test_a_long_line_is_text() -> None:
    assert not is_widget_line("打印 " * LONGEST)
    assert not folded_is_widget("打印 " * (LONGEST // 2))
    assert cut_counters("正文。" * LONGEST + "访问次数:12").endswith("12")
    assert cut_folded_counters("正文." * (LONGEST // 2) + "访问次数:12").endswith("12")


@pytest.mark.parametrize(
    ("line", "left"),
    [
        pytest.param("发布时间：2024-05-01 10:00 访问次数：12", "发布时间：2024-05-01 10:00", id="at the end"),
        pytest.param("来源：义乌日报 浏览量:1,234次 字体：大", "来源：义乌日报 字体：大", id="in the middle"),
        pytest.param("信息来源：办公室 [点击数：123]", "信息来源：办公室", id="in brackets"),
        pytest.param("發布 2024-05-01 訪問次數(shù):33", "發布 2024-05-01", id="glossed"),
        pytest.param("正文。阅读 1024", "正文。", id="behind a sentence, without a colon"),
        pytest.param("正文。阅读(99)", "正文。", id="behind a sentence, in brackets"),
        pytest.param("2024-05-01 阅读：1.2万 评论：3", "2024-05-01", id="several"),
        pytest.param("2024-05-01 访问次数：", "2024-05-01", id="the number has not come"),
    ],
)
def test_a_counter_at_its_label_is_cut(line: str, left: str) -> None:
    assert cut_counters(line) == left


@pytest.mark.parametrize(
    "line",
    [
        "景区访问量达120万人次",
        "浏览量:2024年创新高",
        "访问量：3亿人次",
        "发布时间：2024-05-01 10:00",
        "營業(yè)收入2674.3億元",
        "延伸阅读:2024年政府工作报告",
    ],
)
def test_a_figure_in_the_text_stays(line: str) -> None:
    assert cut_counters(line) == line


def test_hostile_lines_are_read_in_one_go() -> None:
    """Each of them kept a backtracking pattern busy for seconds."""
    for line in ("分享微信" * 19 + "x啊", "大 中 小 " * 13 + "x", "阅读(" * 26 + "x", "访问" * 39 + "x"):
        assert not is_widget_line(line)
