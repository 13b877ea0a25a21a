"""The real daemon while no name can be looked up: it says so once, loses nothing, and goes on by itself."""

from contextlib import ExitStack
from pathlib import Path

from monitor.demo.sites import Column, Misbehaviour, Site, make_article
from tests.daemons import PATIENCE, Lab


def test_a_name_service_that_is_gone_costs_an_alert_and_nothing_else(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with ExitStack() as stack:
        lab = Lab(tmp_path / "config", stack).configure()
        sources = lab.folder / "sources" / "samples.yaml"
        named = sources.read_text(encoding="utf-8").replace("http://127.0.0.12:", "http://127-0-0-12.test:")
        sources.write_text(named, encoding="utf-8")
        daemon = lab.daemon().start("tests.faults.nameless", CHAOXUN_NO_NAMES=str(gone)).wait_ready()
        lab.await_first_polls()
        gone.touch()
        lab.sites.misbehave(Site.CITY, Misbehaviour.RESET)  # ends the open connection, which needs no name
        assert lab.sites.ledger.wait_until(lambda ledger: ledger.requests[-1].status == 0, PATIENCE)
        lab.sites.behave()
        lab.mail.accepted.wait_for(1)
        news = make_article(1, column=Column.CITY_NEWS, topic_every=1)
        lab.sites.publish(news)
        daemon.wait_log("warning .*cannot be resolved")
        gone.unlink()
        lab.mail.accepted.wait_for(3)
        assert daemon.terminate() == 0
        subjects = lab.subjects()
    assert "读取失败" in subjects[0]
    assert sorted(subjects[1:]) == sorted(
        [
            f"【新】{news.topics[0]}：{news.title}",
            subjects[0].replace("【告警】", "【恢复】").replace("读取失败", "恢复正常"),
        ]
    )
