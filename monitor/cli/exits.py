"""Exit codes: 0 done, 1 done and something failed, 2 wrong usage, 78 bad configuration."""

from crawler.records import ChaoxunError
from crawler.yamlfile import ConfigError
from monitor.rules import RuleError

FAILED = 1
USAGE = 2
CONFIG = 78  # EX_CONFIG of sysexits.h: systemd does not restart on it


class UsageError(ChaoxunError):
    """The command was asked for something that cannot be."""


def code_for(error: ChaoxunError) -> int:
    match error:
        case ConfigError():
            return CONFIG
        case RuleError() | UsageError():
            return USAGE
        case _:
            return FAILED
