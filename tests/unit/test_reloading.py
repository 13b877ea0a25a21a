"""What is said of a reload."""

from monitor.model import Watch
from monitor.reloading import offers

MILLS = Watch(name="工厂", rule="未来工厂 OR 产业大脑")


def test_a_watch_that_is_new_or_has_another_rule_comes_with_the_command_that_replays_it() -> None:
    changed = Watch(name="工厂", rule='"未来 工厂"')
    assert offers([], [MILLS]) == {"工厂": "chaoxun watch test '未来工厂 OR 产业大脑'"}
    assert offers([MILLS], [changed]) == {"工厂": "chaoxun watch test '\"未来 工厂\"'"}
    assert offers([MILLS], [MILLS, Watch(name="桥", rule="大桥")]).keys() == {"桥"}
    assert offers([MILLS], []) == {}


def test_a_rule_that_begins_with_a_minus_is_no_option_of_the_command() -> None:
    watch = Watch(name="桥", rule="-招聘 大桥")
    assert offers([], [watch]) == {"桥": "chaoxun watch test -- '-招聘 大桥'"}
