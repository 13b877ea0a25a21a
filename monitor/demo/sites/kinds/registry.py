"""Every kind of site software that the fleet can serve, by name: one line each."""

from collections.abc import Mapping

from monitor.demo.sites.kinds import (
    Kind,
    hanweb_jpage,
    hanweb_unit,
    hanweb_xxgk,
    plain,
    sina_live,
    sina_roll,
)

KINDS: Mapping[str, Kind] = {
    "hanweb_jpage": hanweb_jpage,
    "hanweb_unit": hanweb_unit,
    "hanweb_xxgk": hanweb_xxgk,
    "plain": plain,
    "sina_live": sina_live,
    "sina_roll": sina_roll,
}
