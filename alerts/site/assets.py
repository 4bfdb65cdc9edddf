"""Files that both trees share: the stylesheet and scripts, each under a name with a hash of its content."""

from collections.abc import Mapping

from alerts.publish.folder import Folder
from alerts.text.links import short_hash
from alerts.text.templates import TEMPLATES

FOLDER = TEMPLATES / "site" / "assets"


def put_assets(folder: Folder) -> Mapping[str, str]:
    """Write them; return the path of each by its name. Raises OSError."""
    paths = {}
    for source in sorted(one for one in FOLDER.iterdir() if one.is_file()):
        text = source.read_text("utf-8")
        paths[source.name] = f"assets/{source.stem}-{short_hash(text)}{source.suffix}"
        folder.put(paths[source.name], text)
    return paths
