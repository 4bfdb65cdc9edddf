"""Webhooks: one's own receiver, plain http on the loopback."""

from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import targets_of
from tests.alerts.delivery.receivers import Hook, slowly, web_server

MESSAGE = Message("5f3a.2", "贵阳停更", "正文", "text")


def test_a_webhook_gets_title_text_and_a_key_to_recognise_repeats() -> None:
    hook = Hook()
    with web_server(hook) as port:
        [target] = targets_of("firm", [f"json://127.0.0.1:{port}/hook?+X-Tenant=a"])
        assert deliver(target, MESSAGE).confirmed
    [request] = hook.requests
    assert request.json["title"] == "贵阳停更"
    assert request.json["message"] == "正文"
    assert request.headers["Idempotency-Key"] == "5f3a.2"
    assert request.headers["X-Tenant"] == "a"


def test_an_error_status_and_a_redirect_are_no_confirmation() -> None:
    for status in (302, 307, 400, 404, 500, 503):
        hook = Hook(answer=lambda request, status=status: (status, b""))
        with web_server(hook) as port:
            [target] = targets_of("firm", [f"json://127.0.0.1:{port}/secretpath"])
            outcome = deliver(target, MESSAGE)
        assert not outcome.confirmed
        assert outcome.error
        assert len(hook.requests) == 1


def test_a_slow_receiver_is_left_after_its_time() -> None:
    hook = Hook(answer=slowly(3))
    with web_server(hook) as port:
        [target] = targets_of("firm", [f"json://127.0.0.1:{port}/?rto=1"])
        outcome = deliver(target, MESSAGE)
    assert not outcome.confirmed
    assert "onnection" in outcome.error
