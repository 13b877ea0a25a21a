"""Every kind of site software that the fleet can serve, by name: one line each."""

from collections.abc import Mapping

from monitor.demo.sites.kinds import Kind, plain

KINDS: Mapping[str, Kind] = {
    "plain": plain,
}
