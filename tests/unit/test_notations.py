"""How a person writes hours, rates, addresses and the times of digests, and what each means."""

from datetime import time

import pytest

from crawler.policy import parse_hours
from monitor.model import Quiet
from monitor.notation import digest_times, parse_bind, parse_quiet, parse_rate

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
