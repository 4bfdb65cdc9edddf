"""Nights and looks at files, in memory and in the database, and the commands, as in the tests of corrections."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).parents[1] / "corrections" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("tests_of_corrections", _PATH)
assert _SPEC
assert _SPEC.loader
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = _MODULE
_SPEC.loader.exec_module(_MODULE)

tell, put, environment, alerts = _MODULE.TALES.tell, _MODULE.put, _MODULE.environment, _MODULE.alerts
