"""Ctrl-C within the work of a command ends it in a sentence, wherever it is heard; any other error stays one."""

import signal

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.interrupts import interruptible


class Heard:
    """A member of a class that is being made when Ctrl-C is heard."""

    def __set_name__(self, owner, name):
        raise KeyboardInterrupt


def direct():
    raise KeyboardInterrupt


def while_a_class_is_made():
    type("Imported", (), {"member": Heard()})


@pytest.fixture(autouse=True)
def signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("work", [direct, while_a_class_is_made])
def test_a_sentence_and_the_status(work, capsys):
    with pytest.raises(SystemExit) as ended, interruptible(lambda: "nothing was begun"):
        work()
    assert (ended.value.code, capsys.readouterr().err) == (Exit.INTERRUPTED, "stopped: nothing was begun\n")


def test_an_error_of_another_cause_is_not_hidden():
    with pytest.raises(RuntimeError, match="broken"), interruptible(lambda: "nothing was begun"):
        raise RuntimeError("broken") from ValueError()
