"""Each mistake of a configuration folder is named with its file, its line, its key and its remedy."""

from pathlib import Path

import pytest

from crawler.yamlfile import ConfigError
from monitor.settings import load_settings
from tests.folders import CANARY, HOOK, WATCH, written

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
