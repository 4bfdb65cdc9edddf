"""Controls the replica over HTTP, for tests that crawl in another process: every path lies below /__replica__/."""

import json as jsonlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.replica.incidents import from_json
from tests.replica.truth import truth
from tests.replica.wire import Reply, Request, json

if TYPE_CHECKING:
    from tests.replica.server import Replica

ROOT = "/__replica__/"


def answer(replica: "Replica", request: Request) -> Reply:
    """Answer a control request: 404 for an unknown path, 400 for an invalid request."""
    call = _CALLS.get((request.method, request.path.removeprefix(ROOT)))
    if call is None:
        return _reply(
            {"error": f"There is no such control; there are {', '.join(sorted(map(' '.join, _CALLS)))}."}, 404
        )
    try:
        return _reply(call(replica, request))
    except (KeyError, TypeError, ValueError) as error:
        return _reply({"error": str(error)}, 400)


def _reply(body: Mapping[str, Any], status: int = 200) -> Reply:
    return json(jsonlib.dumps(body, ensure_ascii=False), status)


def _night(replica: "Replica", _request: Request) -> dict[str, Any]:
    return {"night": replica.night, "now": replica.world.moment(replica.night).isoformat()}


def _set_night(replica: "Replica", request: Request) -> dict[str, Any]:
    replica.night = int(jsonlib.loads(request.body)["night"])
    return _night(replica, request)


def _portals(replica: "Replica", _request: Request) -> dict[str, Any]:
    return {
        slug: {"family": spec.family, "base_url": replica.url(slug)} for slug, spec in replica.world.portals.items()
    }


def _add_incident(replica: "Replica", request: Request) -> dict[str, Any]:
    fields = jsonlib.loads(request.body)
    portal = fields.pop("portal")
    replica.script(portal, from_json(fields))
    return _incidents(replica, request)


def _incidents(replica: "Replica", _request: Request) -> dict[str, Any]:
    world = replica.world
    return {slug: [each.as_json() for each in world.scripted(slug)] for slug in ("*", *world.portals)}


def _forget(replica: "Replica", request: Request) -> dict[str, Any]:
    replica.world.forget()
    return _incidents(replica, request)


def _log(replica: "Replica", _request: Request) -> dict[str, Any]:
    return {"portals": replica.log.by_portal(), "paths": replica.log.by_path()}


def _clear_log(replica: "Replica", request: Request) -> dict[str, Any]:
    replica.log.clear()
    return _log(replica, request)


def _truth(replica: "Replica", request: Request) -> dict[str, Any]:
    query = request.query
    told = truth(replica.world, query["portal"], range(int(query.get("from", 0)), int(query["to"]) + 1))
    return told.as_json()


_CALLS: Mapping[tuple[str, str], Callable[["Replica", Request], dict[str, Any]]] = {
    ("GET", "night"): _night, ("POST", "night"): _set_night, ("GET", "portals"): _portals,
    ("GET", "incidents"): _incidents, ("POST", "incidents"): _add_incident, ("DELETE", "incidents"): _forget,
    ("GET", "log"): _log, ("DELETE", "log"): _clear_log, ("GET", "truth"): _truth,
}  # fmt: skip
