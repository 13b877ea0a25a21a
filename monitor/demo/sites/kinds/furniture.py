"""What stands around the list of a column and around an article: navigation, rankings, other columns' news, the foot.

All of it is there to be mistaken for the list: it has links, headlines, and sometimes dates.
"""

from datetime import timedelta

from crawler.records import BEIJING
from monitor.demo.sites.answers import Asked, escape, today_line
from monitor.demo.sites.articles import make_article
from monitor.demo.sites.kinds import Board

_MENU = ("首页", "新闻中心", "政务公开", "办事服务", "互动交流", "专题专栏", "走进示例", "数据发布")
_BESIDE = ("点击排行", "热门文章", "推荐阅读", "相关链接", "通知公告", "图片新闻")
_FRIENDS = (
    "示例省人民政府门户网站",
    "示例省发展和改革委员会",
    "示例市经济和信息化局",
    "示例日报数字报",
    "示例人才招聘网",
)


def head(asked: Asked, board: Board) -> str:
    """The top of every page: the day, the menu, the way here."""
    style = board.style
    tag = style.choice("menu tag", "ul", "div", "table")
    links = [f'<a href="/c{place}/" target="_self">{name}</a>' for place, name in enumerate(_MENU)]
    links[0] = '<a href="/">首页</a>'
    match tag:
        case "ul":
            menu = "".join(f"<li>{link}</li>" for link in links)
        case "div":
            menu = " | ".join(links)
        case _:
            menu = "<tr>" + "".join(f"<td>{link}</td>" for link in links) + "</tr>"
    return f"""<div class="{style.name("top")}">{today_line(asked.now)} <a href="/login.html">登录</a></div>
<{tag} class="{style.name("menu")}">{menu}</{tag}>
<div class="{style.name("way")}">当前位置：<a href="/">首页</a> &gt; {board.column_name}</div>"""


def beside(asked: Asked, board: Board, *, dates: bool = True) -> str:
    """A block of other headlines, built like a list: a ranking, or the news of another column.

    dates: whether this site's lists show dates; of the other column's news some then do.
    """
    style = board.style
    heading = style.choice("beside", *(name for name in _BESIDE if name != board.column_name))
    dated = dates and heading == "通知公告" and style.choice("beside dated", "", "yes")
    day = asked.now.astimezone(BEIJING).date()
    rows = []
    for place in range(8 if style.choice("beside rows", "fewer", "more") == "more" else 5):
        title = make_article(900_000 + place, seed=style.seed).title
        on = day - timedelta(days=place)
        date = f"<span>{on:%Y-%m-%d}</span>" if dated else ""
        rows.append(f'<li><a href="/qt/{on:%Y%m}/{9000 + place}.html">{escape(title)}</a>{date}</li>')
    tag = style.choice("beside tag", "ul", "ol") if not dated else "ul"
    return (
        f'<div class="{style.name("beside")}"><h3>{heading}</h3>'
        f'<{tag} class="{style.name("beside rows")}">{"".join(rows)}</{tag}></div>'
    )


def foot(board: Board) -> str:
    """The end of every page: friendly links, and who answers for the site."""
    style = board.style
    friends = "".join(
        f'<li><a href="https://www.example{place}.gov.cn/">{name}</a></li>' for place, name in enumerate(_FRIENDS)
    )
    return f"""<div class="{style.name("friends")}"><span>友情链接</span><ul>{friends}</ul></div>
<div class="{style.name("foot")}"><p>主办单位：{board.site_name} 网站标识码：3307990000</p>
<p>备案号：示例备00000000号 <a href="/about/sitemap.html">网站地图</a></p></div>"""
