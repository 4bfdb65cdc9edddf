"""The table of governments: the 364, and where the datasets of each can be read."""

from alerts.exports.source import Rows, Source


def rows(source: Source) -> Rows:
    """Every government, in the order of the register."""
    register = source.register
    for adcode, government in register.governments.items():
        own = register.portals_of(adcode)
        read = [portal.id for portal in own if portal.crawlable]
        above = None if read else register.read_above(adcode)
        yield {
            "adcode": adcode,
            "level": str(government.level),
            "province": government.province,
            "name_zh": government.name_zh,
            "name_en": government.name_en,
            "short_zh": government.short_zh,
            "portals": [portal.id for portal in own],
            "crawlable": read,
            "read_through": above.id if above else None,
        }
