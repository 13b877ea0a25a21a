"""The configuration folder as a person writes it: what is taken, and how each mistake is named."""

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path

import pytest

from crawler.policy import parse_hours
from crawler.yamlfile import ConfigError
from monitor.model import AlertKind, HitField, OnUnknown, Quiet, Severity
from monitor.notation import digest_times, parse_bind, parse_quiet, parse_rate
from monitor.settings import find_config, load_settings

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

CANARY = "canary-5f1c"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


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


WATCH = "watches:\n  - name: 桥\n    rule: 桥梁\n"
HOOK = 'channels:\n  hook: {url: "json://127.0.0.1:9000/"}\n'

MISTAKES = [
    pytest.param(
        {"chaoxun.yaml": "databse: x\n"},
        "chaoxun.yaml:1: unknown key 'databse'; did you mean 'database'?",
        id="unknown key",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl:\n  gap: 3s\n  evry: 30m\n"},
        "chaoxun.yaml:3: unknown key 'evry'; did you mean 'every'?",
        id="unknown key deeper",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl:\n  every: 30\n"},
        "chaoxun.yaml:2: every: 30 is not a duration; write a number and a unit: 500ms, 2s, 30m, 4h or 30d",
        id="duration without unit",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl:\n  every: 0m\n"},
        "chaoxun.yaml:2: every: must be longer than nothing; write 30m for instance",
        id="no time at all",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl:\n  hours: 8-20\n"},
        "chaoxun.yaml:2: hours: '8-20' is not a span of hours; write it as 08:00-20:00",
        id="hours",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl:\n  hours: "20:00-08:00"\n'},
        "chaoxun.yaml:2: hours: '20:00-08:00' ends before it begins; write the earlier hour first, the whole day"
        " as 00:00-24:00",
        id="hours the wrong way round",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl:\n  hours: "08:00-25:00"\n'},
        "chaoxun.yaml:2: hours: 25:00 is no time of day; write 08:30 for instance",
        id="no such hour",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl:\n  interval: {min: 6h, max: 2m}\n"},
        "chaoxun.yaml:2: interval: min is longer than max; exchange them",
        id="interval",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl:\n  allow_private:\n    - "10.0.0.0/8"\n    - localhost\n'},
        "chaoxun.yaml:4: allow_private: 'localhost' is not a network; write an address and a mask: 127.0.0.0/8",
        id="network",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl: {allow_private: ["127.0.0.1/8"]}\n'},
        "chaoxun.yaml:1: allow_private: '127.0.0.1/8' is an address inside a network; write 127.0.0.0/8",
        id="network with host bits",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl: {host_groups: {zj: ["https://zj.gov.cn/"]}}\n'},
        "chaoxun.yaml:1: zj: 'https://zj.gov.cn/' is not a host; write www.zj.gov.cn, or *.zj.gov.cn for all below it",
        id="host pattern",
    ),
    pytest.param(
        {"chaoxun.yaml": 'crawl: {user_agent: "a\\nb"}\n'},
        "chaoxun.yaml:1: user_agent: must be one line of text, and not empty",
        id="header injection",
    ),
    pytest.param(
        {"chaoxun.yaml": "recheck: {factor: 0.5}\n"}, "chaoxun.yaml:1: factor: must be 1 or more", id="factor below one"
    ),
    pytest.param(
        {"chaoxun.yaml": "recheck: {confirm: often}\n"}, "chaoxun.yaml:1: confirm: must be a whole number", id="number"
    ),
    pytest.param(
        {"chaoxun.yaml": "recheck: {first: 3d, until: 2d}\n"},
        "chaoxun.yaml:1: recheck: first is longer than until, so that nothing is ever looked at again; exchange them",
        id="recheck never",
    ),
    pytest.param(
        {"chaoxun.yaml": "web: {bind: 8787}\n"},
        "chaoxun.yaml:1: bind: 8787 is not an address and a port; write 127.0.0.1:8787 or [::1]:8787",
        id="bind without address",
    ),
    pytest.param(
        {"chaoxun.yaml": "web: 127.0.0.1:8787\n"},
        "chaoxun.yaml:1: web: must be a block of keys, one `key: value` a line",
        id="text where keys are wanted",
    ),
    pytest.param(
        {"chaoxun.yaml": "database: postgresql://u@h/n\n"},
        "chaoxun.yaml:1: database: begins with postgresql://; write postgresql+psycopg:// in its place",
        id="database driver",
    ),
    pytest.param(
        {"chaoxun.yaml": "database: sqlite://var/x.db\n"},
        "chaoxun.yaml:1: database: has no path; write sqlite:///var/chaoxun.db, or sqlite:////var/lib/… with"
        " four slashes",
        id="sqlite slashes",
    ),
    pytest.param(
        {"chaoxun.yaml": "database: mysql://u@h/n\n"},
        "chaoxun.yaml:1: database: is no database that we know; write sqlite:///FILE or"
        " postgresql+psycopg://USER@HOST/NAME",
        id="other database",
    ),
    pytest.param(
        {"chaoxun.yaml": "database: ${NO_SUCH}\n"},
        "chaoxun.yaml:1: the environment variable NO_SUCH is not set; set it or write the value",
        id="unset variable",
    ),
    pytest.param(
        {"chaoxun.yaml": "operator: [desk]\n"},
        "chaoxun.yaml:1: operator: there is no channel 'desk'; channels.yaml has none yet: write one there, or"
        " leave the list empty",
        id="operator without channels",
    ),
    pytest.param(
        {"chaoxun.yaml": "web: {}\noperator:\n  - hok\n", "channels.yaml": HOOK},
        "chaoxun.yaml:3: operator: there is no channel 'hok'; did you mean 'hook'?",
        id="unknown operator",
    ),
    pytest.param(
        {"chaoxun.yaml": "crawl: {gap: [}\n"},
        "chaoxun.yaml:1: is not valid YAML: expected the node content, but found '}'",
        id="broken YAML",
    ),
    pytest.param(
        {"chaoxun.yaml": "- a\n"},
        "chaoxun.yaml:1: the file must be a block of keys, one `key: value` a line",
        id="a list for a file",
    ),
    pytest.param(
        {"chaoxun.yaml": "web: {}\nweb: {}\n"}, "chaoxun.yaml:2: the key 'web' stands twice; delete one", id="key twice"
    ),
    pytest.param(
        {"watches.yaml": "watches:\n  - name: 桥\n"},
        "watches.yaml:2: the key 'rule' is missing; write it here",
        id="watch without rule",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    chanels: [hook]\n"},
        "watches.yaml:4: unknown key 'chanels'; did you mean 'channels'?",
        id="unknown key of a watch",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    on: [new, deleted]\n"},
        "watches.yaml:4: on: 'deleted' is not known here; known values: new, changed, withdrawn, returned",
        id="bad on",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    on: [operator]\n"},
        "watches.yaml:4: on: 'operator' is not known here; known values: new, changed, withdrawn, returned",
        id="on operator",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    on: []\n"},
        "watches.yaml:4: on: must not be empty; leave the key out for its default",
        id="on nothing",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    on: new\n"},
        "watches.yaml:4: on: must be a list: [one, two]",
        id="on without brackets",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    scope: [titel]\n"},
        "watches.yaml:4: scope: 'titel' is not known here; did you mean 'title'?",
        id="bad scope",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    severity: criticl\n"},
        "watches.yaml:4: severity: 'criticl' is not known here; did you mean 'critical'?",
        id="bad severity",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    min_importance: 101\n"},
        "watches.yaml:4: min_importance: must be 100 or less",
        id="importance",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    reposts: perhaps\n"},
        "watches.yaml:4: reposts: must be true or false",
        id="reposts",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    deliver: hourly\n"},
        "watches.yaml:4: deliver: 'hourly' says no time of delivery; write: at once, or: digest \"08:30, 17:30\"",
        id="deliver",
    ),
    pytest.param(
        {"watches.yaml": WATCH + '    deliver: digest "8h30"\n'},
        "watches.yaml:4: deliver: 'digest \"8h30\"' says no time of delivery; write: at once, or:"
        ' digest "08:30, 17:30"',
        id="digest time",
    ),
    pytest.param(
        {"watches.yaml": WATCH + '    channels: [{hook: digest "8h30"}]\n'},
        "watches.yaml:4: channels: 'digest \"8h30\"' says no time of delivery; write: at once, or:"
        ' digest "08:30, 17:30"',
        id="digest time of a channel",
    ),
    pytest.param(
        {"watches.yaml": WATCH + '    channels: [{hook: digest "08:30, 17:30"}]\n'},
        "watches.yaml:4: channels: write one channel an entry, a list of times in quotes:"
        ' - desk-mail: digest "08:30, 17:30"',
        id="a comma in braces",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    channels: [{hok: at once}]\n"},
        "watches.yaml:4: channels: there is no channel 'hok'; channels.yaml has none yet: write one there, or leave the"
        " list empty",
        id="unknown channel with a delivery",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    channels: [hook, hook: digest 08:30]\n"},
        "watches.yaml:4: channels: 'hook' is named twice with other deliveries; name it once",
        id="one channel in two ways",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "  - name: 桥\n    rule: 大桥\n"},
        "watches.yaml:4: name: '桥' is taken by {folder}/watches.yaml:2; rename one",
        id="watch twice",
    ),
    pytest.param(
        {"watches.yaml": WATCH + "    channels: [hok]\n", "channels.yaml": HOOK},
        "watches.yaml:4: channels: there is no channel 'hok'; did you mean 'hook'?",
        id="unknown channel",
    ),
    pytest.param(
        {"watches.yaml": "watches:\n  - name: 2025\n    rule: 桥梁\n"},
        "watches.yaml:2: name: must be text; put the value in quotes",
        id="a number for a name",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook: {}\n"},
        "channels.yaml:2: the key 'url' is missing; write it here",
        id="channel without url",
    ),
    pytest.param(
        {"channels.yaml": f"channels:\n  desk: {{url: {CANARY}}}\n"},
        "channels.yaml:2: url: is no channel; begin with the service, as in mailto://, slack://, dingtalk:// or"
        " json://",
        id="no channel",
    ),
    pytest.param(
        {"channels.yaml": f"channels:\n  desk: mailto://a:{CANARY}@b\n"},
        "channels.yaml:2: desk: must be a block of keys, one `key: value` a line",
        id="a bare URL",
    ),
    pytest.param(
        {"channels.yaml": HOOK + '  hook: {url: "json://x"}\n'},
        "channels.yaml:3: the key 'hook' stands twice; delete one",
        id="channel twice",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook:\n    url: json://127.0.0.1\n    rate: 20 per minute\n"},
        "channels.yaml:4: rate: '20 per minute' is not a rate; write how many messages in which time: 20/min,"
        " 1/s or 100/hour",
        id="rate",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook:\n    url: json://127.0.0.1\n    quiet: at night\n"},
        "channels.yaml:4: quiet: 'at night' is not a span of hours; write it as 22:00-07:00",
        id="quiet",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook:\n    url: json://127.0.0.1\n    quiet: 07:00-07:00\n"},
        "channels.yaml:4: quiet: '07:00-07:00' has no length; write two different hours, such as 22:00-07:00",
        id="quiet of no length",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook:\n    url: json://127.0.0.1\n    storm: 0\n"},
        "channels.yaml:4: storm: must be 1 or more",
        id="storm",
    ),
    pytest.param(
        {"channels.yaml": "channels:\n  hook:\n    url: json://127.0.0.1\n    on_unknown: resent\n"},
        "channels.yaml:4: on_unknown: 'resent' is not known here; did you mean 'resend'?",
        id="on_unknown",
    ),
    pytest.param(
        {"channels.yaml": 'channels:\n  desk: {url: "${credential:desk}"}\n'},
        "channels.yaml:2: the credential 'desk' needs $CREDENTIALS_DIRECTORY, which systemd sets from"
        " LoadCredential=desk; outside systemd set it to a folder that holds the file desk",
        id="credential outside systemd",
    ),
]


@pytest.mark.parametrize(("files", "said"), MISTAKES)
def test_a_mistake_is_named_with_file_line_key_and_remedy(tmp_path: Path, files: dict[str, str], said: str) -> None:
    folder = written(tmp_path, {"chaoxun.yaml": "", "sources/none.yaml": "sources: []\n", **files})

    with pytest.raises(ConfigError) as caught:
        load_settings(folder, {})

    assert str(caught.value) == f"{folder}/{said.format(folder=folder) if '{folder}' in said else said}"
    assert CANARY not in str(caught.value)


def test_a_rule_that_cannot_be_read_names_file_line_and_column(tmp_path: Path) -> None:
    watches = "watches:\n  - name: 桥\n    rule: 桥梁 AND (大桥\n  - name: 路\n    rule: -招聘\n"
    folder = written(tmp_path, {"chaoxun.yaml": "", "sources/none.yaml": "sources: []\n", "watches.yaml": watches})

    with pytest.raises(ConfigError) as caught:
        load_settings(folder, {})

    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{folder}/watches.yaml:3: rule: ")
    assert "column" in first
    assert second.startswith(f"{folder}/watches.yaml:5: rule: ")


def test_all_mistakes_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    files = {
        "chaoxun.yaml": "crawl: {every: 30, gap: soon}\noperator: [desk]\n",
        "watches.yaml": WATCH + "    deliver: hourly\n",
        "channels.yaml": "channels:\n  hook: {url: 'json://127.0.0.1', storm: 0}\n  desk: {url: '${A}'}\n "
        " other: {url: '${B}'}\n",
        "sources/none.yaml": "sources: []\n",
    }
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, files), {})

    places = [line.split(": ")[0].rpartition("/")[2] for line in str(caught.value).splitlines()]
    assert places == ["chaoxun.yaml:1", "chaoxun.yaml:1", "channels.yaml:3", "channels.yaml:4", "watches.yaml:4"]


def test_a_folder_without_a_main_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"chaoxun\.yaml: there is no such file; create it or name another folder"):
        load_settings(written(tmp_path, {"sources/none.yaml": "sources: []\n"}), {})


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


RIGHT = [
    pytest.param(parse_hours("00:00-24:00"), (0, 1440), id="the whole day"),
    pytest.param(parse_hours("8:30 – 17:00"), (510, 1020), id="a typographer's dash"),
    pytest.param(parse_quiet("12:00-13:00"), Quiet(start=720, end=780), id="quiet at noon"),
    pytest.param(parse_rate("1/s"), 60.0, id="rate a second"),
    pytest.param(parse_rate("90 / hour"), 1.5, id="rate an hour"),
    pytest.param(parse_bind("[::1]:0"), ("::1", 0), id="IPv6"),
    pytest.param(parse_bind("localhost:8787"), ("localhost", 8787), id="a name"),
    pytest.param(digest_times("at once"), (), id="at once"),
    pytest.param(digest_times("digest “17:30，08：30”"), (time(8, 30), time(17, 30)), id="typed on a Chinese keyboard"),
]


@pytest.mark.parametrize(("read", "meant"), RIGHT)
def test_a_notation_means(read: object, meant: object) -> None:
    assert read == meant


@pytest.mark.parametrize("text", ["::1:8787", "[::1:8787", "127.0.0.1", ":8787", "a:b", "a:70000"])
def test_an_address_without_a_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_bind(text)
