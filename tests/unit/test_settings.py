"""The configuration folder as a person writes it: what is taken, where it is looked for, what is unwise in it."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.yamlfile import ConfigError
from monitor.model import AlertKind, HitField, OnUnknown, Quiet, Severity
from monitor.settings import find_config, load_settings
from tests.folders import CANARY, HOOK, WATCH, written

EVERY_KEY_OF_THE_CONTRACT = {
    "chaoxun.yaml": """\
database: sqlite:///var/chaoxun.db
web: {bind: 127.0.0.1:8787}
crawl:
  user_agent: "chaoxun (+contact)"
  every: 45m
  hours: "07:30-21:00"
  off_hours_every: 5h
  gap: 1500ms
  allow_private: ["127.0.0.0/8"]
  interval: {min: 1m, max: 7h}
  host_groups: {zj.gov.cn: ["*.zj.gov.cn"], sina: ["*.sina.com.cn", "*.sina.cn"]}
recheck: {first: 20m, factor: 3, until: 20d, confirm: 4, confirm_every: 5m}
operator: [desk-mail]
""",
    "sources/yiwu.yaml": """\
sources:
  - slug: yiwu-news
    name: 义乌市政府·义乌要闻
    engine: hanweb_unit
    url: https://www.yw.gov.cn/col/col1229187636/index.html
    region: 义乌
    every: 60m
""",
    "watches.yaml": """\
watches:
  - name: 产业大脑
    rule: (产业大脑 OR 未来工厂) AND (宁波 OR 义乌) -招聘
    on: [new, changed]
    channels: [desk-mail, hook]
    deliver: digest "08:30, 17:30"
    scope: [title]
    min_importance: 40
    severity: critical
    reposts: true
  - name: 未来工厂
    rule: 未来工厂
""",
    "channels.yaml": """\
channels:
  desk-mail: {url: "${credential:desk-mail}"}
  hook: {url: "json://127.0.0.1:9000/hook", quiet: "22:00-07:00", rate: 20/min, storm: 20, on_unknown: hold}
""",
}


def credentials(folder: Path) -> dict[str, str]:
    folder.mkdir()
    (folder / "desk-mail").write_text(f"mailtos://desk:{CANARY}@smtp.example.com\n", encoding="utf-8")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_every_key_of_the_contract_arrives(tmp_path: Path) -> None:
    environ = credentials(tmp_path / "credentials")
    settings = load_settings(written(tmp_path / "config", EVERY_KEY_OF_THE_CONTRACT), environ)

    assert settings.database == "sqlite:///var/chaoxun.db"
    assert settings.bind == ("127.0.0.1", 8787)
    policy = settings.policy
    assert (policy.user_agent, policy.every, policy.hours) == ("chaoxun (+contact)", timedelta(minutes=45), (450, 1260))
    assert (policy.off_hours_every, policy.gap) == (timedelta(hours=5), timedelta(seconds=1.5))
    assert (policy.allow_private, policy.interval) == (("127.0.0.0/8",), (timedelta(minutes=1), timedelta(hours=7)))
    assert policy.host_groups == {"zj.gov.cn": ("*.zj.gov.cn",), "sina": ("*.sina.com.cn", "*.sina.cn")}
    plan = settings.recheck
    assert (plan.first, plan.factor, plan.until) == (timedelta(minutes=20), 3, timedelta(days=20))
    assert (plan.confirm, plan.confirm_every) == (4, timedelta(minutes=5))
    assert settings.operator == ("desk-mail",)
    assert [source.slug for source in settings.sources] == ["yiwu-news"]
    assert settings.warnings == (
        f"{tmp_path}/config/watches.yaml:11: channels: 1 of 2 watches speak to no channel;"
        " their matches are stored and shown on the page only",
    )


def test_a_watch_arrives_with_the_place_that_declares_it(tmp_path: Path) -> None:
    environ = credentials(tmp_path / "credentials")
    full, short = load_settings(written(tmp_path / "config", EVERY_KEY_OF_THE_CONTRACT), environ).watches

    assert (full.name, full.rule) == ("产业大脑", "(产业大脑 OR 未来工厂) AND (宁波 OR 义乌) -招聘")
    assert (full.on, full.scope) == (frozenset({AlertKind.NEW, AlertKind.CHANGED}), frozenset({HitField.TITLE}))
    assert (full.channels, full.deliver) == (("desk-mail", "hook"), 'digest "08:30, 17:30"')
    assert (full.min_importance, full.severity, full.reposts) == (40, Severity.CRITICAL, True)
    assert full.where == f"{tmp_path}/config/watches.yaml:2"
    assert (short.on, short.scope) == (frozenset(AlertKind) - {AlertKind.OPERATOR}, frozenset(HitField))
    assert (short.channels, short.deliver, short.min_importance, short.reposts) == ((), "at once", 0, False)


@pytest.mark.parametrize(
    "written_as",
    [
        """[hook, {desk-mail: digest "08:30"}]""",
        """[hook, {desk-mail: 'digest "08:30, 17:30"'}]""",
        """\n      - hook\n      - desk-mail: digest "08:30, 17:30"\n""",
    ],
)
def test_one_watch_may_speak_at_once_here_and_in_digests_there(tmp_path: Path, written_as: str) -> None:
    files = EVERY_KEY_OF_THE_CONTRACT | {"watches.yaml": WATCH + f"    channels: {written_as}\n"}
    settings = load_settings(written(tmp_path / "config", files), credentials(tmp_path / "credentials"))
    [watch] = settings.watches
    assert (watch.channels, watch.deliver) == (("hook", "desk-mail"), "at once")
    [(channel, deliver)] = watch.delivers
    assert (channel, deliver.split()[0]) == ("desk-mail", "digest")


def test_two_channels_to_one_robot_are_warned_of(tmp_path: Path) -> None:
    token = "ab" * 32
    channels = f"""\
channels:
  one: {{url: "dingtalk://{token}/"}}
  two: {{url: "dingtalk://SECcanary@{token}?rto=9"}}
  other: {{url: "dingtalk://{token[2:]}cd/"}}
  mail: {{url: "mailto://desk:pw@smtp.example.org?to=a@example.org"}}
  mail-too: {{url: "mailto://desk:pw@smtp.example.org?to=b@example.org"}}
"""
    folder = written(tmp_path / "config", EVERY_KEY_OF_THE_CONTRACT | {"watches.yaml": "", "channels.yaml": channels})
    (folder / "channels.yaml").chmod(0o600)
    (folder / "chaoxun.yaml").write_text("operator: [mail]\n", encoding="utf-8")
    settings = load_settings(folder, {})
    assert settings.warnings == (
        f"{folder}/channels.yaml:3: url: 'two' leads to the same receiver as 'one'; they share its rate, and a watch"
        " that names both says everything twice",
    )
    robots = {name: channel.options.robot for name, channel in settings.channels.items()}
    assert robots["one"] == robots["two"] != robots["other"]
    assert token not in repr(settings.channels["one"].options)


def test_a_channel_arrives_with_its_secret_filled_in_and_never_shows_it(tmp_path: Path) -> None:
    environ = credentials(tmp_path / "credentials")
    settings = load_settings(written(tmp_path / "config", EVERY_KEY_OF_THE_CONTRACT), environ)
    mail, hook = settings.channels.values()

    assert mail.url == f"mailtos://desk:{CANARY}@smtp.example.com"
    assert CANARY not in repr(settings)
    assert (hook.name, hook.where) == ("hook", f"{tmp_path}/config/channels.yaml:3")
    assert hook.options.quiet == Quiet(start=22 * 60, end=7 * 60)
    assert (hook.options.rate_per_minute, hook.options.storm, hook.options.on_unknown) == (20, 20, OnUnknown.HOLD)


def test_commands_that_send_nothing_need_no_secret(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, EVERY_KEY_OF_THE_CONTRACT), {}, secrets=False)

    assert settings.channels == {}
    assert settings.watches[0].channels == ("desk-mail", "hook")


def test_a_folder_with_nothing_but_an_empty_main_file_is_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, {"chaoxun.yaml": "", "sources/none.yaml": "sources: []\n"}), {})

    assert (settings.database, settings.bind) == ("sqlite:///var/chaoxun.db", ("127.0.0.1", 8787))
    assert (settings.policy.every, settings.policy.hours) == (timedelta(minutes=30), (480, 1200))
    assert (settings.sources, settings.watches, dict(settings.channels)) == ((), (), {})


def test_a_channels_file_of_comments_only_is_no_channel(tmp_path: Path) -> None:
    files = {
        "chaoxun.yaml": "operator:\n",
        "channels.yaml": "channels:\n  # desk-mail: {url: x}\n",
        "watches.yaml": "watches:\n",
    }
    settings = load_settings(written(tmp_path, {**files, "sources/none.yaml": "sources: []\n"}), {})

    assert (settings.operator, settings.watches, dict(settings.channels)) == ((), (), {})


UNWISE = [
    pytest.param(
        "web: {bind: 0.0.0.0:80}", HOOK, 0o600, "chaoxun.yaml:1: bind: the page has no login", id="page for everybody"
    ),
    pytest.param(
        "operator: []", HOOK, 0o600, "chaoxun.yaml:1: operator: nobody is told when a source", id="no operator"
    ),
    pytest.param("", HOOK, 0o600, "sources: no source is switched on, so nothing is polled", id="no source"),
    pytest.param(
        "operator: [s]",
        f"channels:\n  s: {{url: 'slack://{CANARY}/b/c'}}\n",
        0o644,
        "channels.yaml:2: url: everybody on this machine can read the secret of 's'; chmod 600",
        id="a token that everybody reads",
    ),
    pytest.param(
        "operator: [s]",
        f"channels:\n  s: {{url: 'mailto://u:{CANARY}@h'}}\n",
        0o604,
        "channels.yaml:2: url: everybody on this machine can read",
        id="a password that everybody reads",
    ),
]


@pytest.mark.parametrize(("main", "channels", "mode", "said"), UNWISE)
def test_what_is_allowed_and_unwise_is_a_warning(
    tmp_path: Path, main: str, channels: str, mode: int, said: str
) -> None:
    files = {"chaoxun.yaml": main + "\n", "channels.yaml": channels, "sources/none.yaml": "sources: []\n"}
    folder = written(tmp_path, files)
    (folder / "channels.yaml").chmod(mode)

    warnings = load_settings(folder, {}).warnings

    assert any(line.startswith(f"{folder}/{said}") for line in warnings), warnings
    assert CANARY not in "".join(warnings)


WISE = [
    pytest.param(f"channels:\n  s: {{url: 'slack://{CANARY}/b/c'}}\n", 0o640, id="a token that only the group reads"),
    pytest.param("channels:\n  s: {url: 'json://127.0.0.1:9000/hook'}\n", 0o644, id="a hook without a key"),
    pytest.param("channels:\n  s: {url: 'slack://${TOKEN}'}\n", 0o644, id="a token from the environment"),
]


@pytest.mark.parametrize(("channels", "mode"), WISE)
def test_a_secret_that_is_none_or_well_kept_raises_no_warning(tmp_path: Path, channels: str, mode: int) -> None:
    sources = {"sources/yiwu.yaml": EVERY_KEY_OF_THE_CONTRACT["sources/yiwu.yaml"]}
    files = {"chaoxun.yaml": "operator: [s]\n", "channels.yaml": channels, **sources}
    folder = written(tmp_path, files)
    (folder / "channels.yaml").chmod(mode)

    assert load_settings(folder, {"TOKEN": CANARY}).warnings == ()


def test_the_folder_is_the_option_then_the_variable_then_the_usual_places(tmp_path: Path) -> None:
    here, system = tmp_path / "here", tmp_path / "etc"
    for folder in (here / "config", here / "mine", here / "other", system):
        written(folder, {"chaoxun.yaml": ""})
    environ = {"CHAOXUN_CONFIG": "other"}

    assert find_config(Path("mine"), environ, here, system) == here / "mine"
    assert find_config(None, environ, here, system) == here / "other"
    assert find_config(None, {}, here, system) == here / "config"
    assert find_config(None, {}, tmp_path, system) == system


LOST = [
    pytest.param(Path("gone"), "there is no such folder; name one that holds chaoxun.yaml", id="no folder"),
    pytest.param(Path("chaoxun.yaml"), "is a file; name the folder that holds it", id="the file itself"),
    pytest.param(None, "name its folder with --config or $CHAOXUN_CONFIG", id="nothing anywhere"),
]


@pytest.mark.parametrize(("option", "said"), LOST)
def test_a_folder_that_is_not_found_says_how_to_name_it(tmp_path: Path, option: Path | None, said: str) -> None:
    written(tmp_path, {"chaoxun.yaml": ""})

    with pytest.raises(ConfigError) as caught:
        find_config(option, {}, tmp_path, tmp_path / "etc")

    assert said in str(caught.value)
