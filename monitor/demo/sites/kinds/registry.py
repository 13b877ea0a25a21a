"""Every kind of site software that the fleet can serve, by name: one line each."""

from collections.abc import Mapping

from monitor.demo.sites.kinds import (
    Kind,
    hanweb_jpage,
    hanweb_unit,
    hanweb_xxgk,
    json_cac,
    json_govcn_latest,
    json_govcn_library,
    json_huiqi,
    json_miit,
    json_yongpai,
    json_zj_search,
    plain,
    sina_live,
    sina_roll,
)

KINDS: Mapping[str, Kind] = {
    "hanweb_jpage": hanweb_jpage,
    "hanweb_unit": hanweb_unit,
    "hanweb_xxgk": hanweb_xxgk,
    "json_cac": json_cac,
    "json_govcn_latest": json_govcn_latest,
    "json_govcn_library": json_govcn_library,
    "json_huiqi": json_huiqi,
    "json_miit": json_miit,
    "json_yongpai": json_yongpai,
    "json_zj_search": json_zj_search,
    "plain": plain,
    "sina_live": sina_live,
    "sina_roll": sina_roll,
}
