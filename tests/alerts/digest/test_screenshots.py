"""Digests in a real browser as wide as a phone: nothing sticks out, light or dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from alerts.digest.build import build, build_first
from alerts.digest.model import Digest
from alerts.digest.render import Rendered
from tests.alerts.digest.making import Reader, ago, event, night, view
from tests.alerts.digest.screenshots import HEIGHT, WIDTH, browser, shoot
from tests.alerts.digest.smaller import indexed


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def worst() -> Digest | None:
    """Titles and addresses without a place to break."""
    long = "Ａ" * 80 + "x" * 300
    url = "https://data.guiyang.gov.cn/portal/" + "a" * 240
    events = [
        event("dataset.removed", dataset=f"d{n}", title=long, office=long, page_url=url, since=ago(2)) for n in range(3)
    ]
    return build(Reader(name="n" * 60), events, view("en"))


DIGESTS = {
    "changes.zh": build(Reader(), night(), view("zh")),
    "changes.en": build(Reader(), night(), view("en", site_url="https://watch.example.cn/")),
    "operator.en": build(Reader(role="operator"), night(), view("en")),
    "first.zh": build_first(Reader(), view("zh")),
    "worst": worst(),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", DIGESTS)
def test_nothing_is_wider_than_a_phone(name: str, scheme: str, chromium: Browser, tmp_path: Path) -> None:
    digest = DIGESTS[name]
    assert digest
    html = Rendered(digest).html
    assert shoot(chromium, html, tmp_path / "shot.png", scheme) <= WIDTH


def test_dark_is_dark_and_light_is_light(chromium: Browser) -> None:
    digest = DIGESTS["changes.en"]
    assert digest
    found = {}
    for scheme in ("light", "dark"):
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
        page.set_content(Rendered(digest).html)
        found[scheme] = page.evaluate(CONTRAST)
        page.close()
    assert found["light"]["ground"] > 0.9
    assert found["dark"]["ground"] < 0.05
    assert min(one["contrast"] for one in found.values()) >= 4.5, "WCAG AA for every line of text"


CONTRAST = """() => {
  const light = (c) => { const v = c.match(/[0-9.]+/g).slice(0, 3).map((x) => x / 255)
    .map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const ground = light(getComputedStyle(document.querySelector(".sheet")).backgroundColor);
  const ratio = (t) => (Math.max(t, ground) + 0.05) / (Math.min(t, ground) + 0.05);
  const texts = [...document.querySelectorAll(".sheet *")].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return {ground, contrast: Math.min(...texts.map((e) => ratio(light(getComputedStyle(e).color))))};
}"""


def test_a_small_picture_is_the_same_picture(chromium: Browser, tmp_path: Path) -> None:
    digest = DIGESTS["first.zh"]
    assert digest
    html = Rendered(digest).html
    shoot(chromium, html, tmp_path / "shot.png", "dark")
    whole = (tmp_path / "shot.png").read_bytes()
    small = indexed(whole)
    assert len(small) < len(whole)
    page = chromium.new_page()
    (tmp_path / "small.png").write_bytes(small)
    page.goto("about:blank")
    assert page.evaluate(DIFFERENCE, [whole.hex(), small.hex()]) < 3
    page.close()


DIFFERENCE = """async (both) => {
  const pixels = async (hex) => {
    const bytes = new Uint8Array(hex.match(/../g).map((two) => parseInt(two, 16)));
    const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  };
  const [a, b] = [await pixels(both[0]), await pixels(both[1])];
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += Math.abs(a[n] - b[n]);
  return sum / a.length;
}"""
