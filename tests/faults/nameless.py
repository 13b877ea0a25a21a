"""The daemon on a machine whose name service comes and goes: `CHAOXUN_NO_NAMES=FILE python -m tests.faults.nameless …`.

`127-0-0-12.test` is the name of 127.0.0.12; while the file is there, no name can be looked up. Python's one function
for it is replaced before anything else is loaded, so the product knows nothing of it.
"""

import os
import re
import socket
from pathlib import Path
from typing import Any

_NAME = re.compile(r"(\d+)-(\d+)-(\d+)-(\d+)\.test")
_look_up = socket.getaddrinfo


def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    """As the one of `socket`."""
    if isinstance(host, bytes | bytearray):
        host = host.decode()
    name = _NAME.fullmatch(host or "")
    if name is None:
        return _look_up(host, *args, **kwargs)
    if Path(os.environ["CHAOXUN_NO_NAMES"]).exists():
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _look_up(".".join(name.groups()), *args, **kwargs)


if __name__ == "__main__":
    socket.getaddrinfo = getaddrinfo
    from monitor.cli import main

    main()
