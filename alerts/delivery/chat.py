"""Chinese chat services whose plugins take HTTP 200 for a yes: the same requests, but the answer is read.

Each class is Apprise's own plugin (address syntax, masking, options) with one method replaced: `send`.
"""

import json
from typing import Any, ClassVar

import requests
from apprise import NotifyFormat, NotifyType
from apprise.plugins.bark import NotifyBark
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.pushdeer import NotifyPushDeer
from apprise.plugins.serverchan import NotifyServerChan
from apprise.plugins.wecombot import NotifyWeComBot

from alerts.delivery.answers import refusal


def _post(plugin: Any, schema: str, url: str, **content: Any) -> bool:
    """Post once, follow no redirect, believe only the service's own answer; log why not."""
    plugin.throttle()
    try:
        response = requests.post(
            url,
            headers={"User-Agent": plugin.app_id} | _type(content),
            verify=plugin.verify_certificate,
            timeout=plugin.request_timeout,
            allow_redirects=False,
            **content,
        )
    except requests.RequestException as error:
        plugin.logger.warning("%s gave no answer (%s)", plugin.service_name, type(error).__name__)
        plugin.logger.debug("Socket Exception: %s", error)
        return False
    reason = refusal(schema, response.status_code, response.content)
    if reason:
        plugin.logger.warning("%s refused the message: %s", plugin.service_name, reason)
    return not reason


def _type(content: dict[str, Any]) -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8"} if isinstance(content["data"], bytes) else {}


class WeCom(NotifyWeComBot):  # type: ignore[no-untyped-call]
    """WeCom group bot, as text."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        payload = {"msgtype": "text", "text": {"content": _joined(title, body)}}
        return _post(self, "wecombot", self.api_url, data=_json(payload))


class DingTalk(NotifyDingTalk):  # type: ignore[no-untyped-call]
    """DingTalk group bot, as Markdown or text, signed where the address holds a secret."""

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        body_format: NotifyFormat | None = None,
        **kwargs: Any,
    ) -> bool:
        params: dict[str, str] = {}
        if self.secret:
            timestamp, signature = self.get_signature()  # type: ignore[no-untyped-call]
            params = {"timestamp": timestamp, "sign": signature}
        payload = {"at": {"atMobiles": self.targets, "isAtAll": False}, **_dingtalk(title, body, body_format)}
        url = self.notify_url.format(token=self.token)
        return _post(self, "dingtalk", url, params=params, data=_json(payload))


def _dingtalk(title: str, body: str, body_format: NotifyFormat | None) -> dict[str, Any]:
    if body_format == NotifyFormat.MARKDOWN:
        # The title is only the preview of the message, so it is said in the text as well.
        text = f"### {title}\n\n{body}" if title else body
        return {"msgtype": "markdown", "markdown": {"title": title or body[:20], "text": text}}
    return {"msgtype": "text", "text": {"content": _joined(title, body)}}


class Feishu(NotifyFeishu):  # type: ignore[no-untyped-call]
    """Feishu group bot, as text."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        payload = {"msg_type": "text", "content": {"text": _joined(title, body)}}
        return _post(self, "feishu", self.notify_url.format(token=self.token), data=_json(payload))


class Lark(NotifyLark):  # type: ignore[no-untyped-call]
    """Lark group bot, as text."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        payload = {"msg_type": "text", "content": {"text": _joined(title, body)}}
        return _post(self, "lark", self.webhook_url, data=_json(payload))


class ServerChan(NotifyServerChan):  # type: ignore[no-untyped-call]
    """ServerChan to WeChat, as Markdown."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        url = self.notify_url.format(token=self.token)
        return _post(self, "schan", url, data={"title": title, "desp": body})


class PushDeer(NotifyPushDeer):  # type: ignore[no-untyped-call]
    """PushDeer, as text; the official server or one's own."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        schema, port = ("https", 443) if self.secure else ("http", 80)
        url = self.notify_url.format(
            schema=schema,
            host=self.host or self.default_hostname,
            port=self.port or port,
            pushKey=self.push_key,
        )
        payload = {"text": title or body, "type": "text", "desp": body if title else ""}
        return _post(self, "pushdeer", url, data=payload)


class Bark(NotifyBark):  # type: ignore[no-untyped-call]
    """Bark to an iPhone; sound, level, group and icon as the address says, encryption not."""

    options: ClassVar[dict[str, str]] = {
        "sound": "sound", "click": "url", "badge": "badge", "level": "level", "group": "group", "icon": "icon",
        "volume": "volume", "category": "category",
    }  # fmt: skip
    """Attribute of the plugin to key of the request."""

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        chosen = {key: getattr(self, name) for name, key in self.options.items() if getattr(self, name, None)}
        auth = (self.user, self.password) if self.user else None
        return all(
            _post(self, "bark", self.notify_url, auth=auth, data=_json({**_bark(title, body), **chosen, **device}))
            for device in ({"device_key": key} for key in self.targets)
        )


def _bark(title: str, body: str) -> dict[str, Any]:
    return {"title": title, "body": body} if title else {"body": body}


def _joined(title: str, body: str) -> str:
    return f"{title}\n{body}" if title else body


def _json(payload: dict[str, Any]) -> bytes:
    """Characters as themselves: escaped, a Chinese one would take twice its bytes of a limit."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
