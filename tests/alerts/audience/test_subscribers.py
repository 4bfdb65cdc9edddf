"""subscribers.yaml: taken when right, refused with file, subscriber and field when wrong, never leaking."""

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from alerts.audience.rhythm import Every
from alerts.audience.subscribers import Subscriber, SubscribersError, load, subscribers_path
from alerts.model.events import Event, Severity
from opendata_spiders.register import Level, PortalStatus, Register
from tests.alerts.digest.making import event

Written = Callable[[str], Path]
SECRET = "s3cr3tT0ken99"


def one(fields: str = "", name: str = "desk") -> str:
    body = textwrap.indent(textwrap.dedent(fields).strip("\n"), "    ")
    urls = "" if "urls:" in fields else f"    urls: ['wecombot://{SECRET}']\n"
    return f"subscribers:\n  - name: {name}\n{urls}{body}\n"


def read(written: Written, register: Register, fields: str = "") -> Subscriber:
    [found] = load(written(one(fields)), register)
    return found


def test_what_is_left_out_has_its_usual_value(written: Written, register: Register) -> None:
    found = read(written, register)
    assert (found.language, found.role, found.format, found.heartbeat) == ("zh", "reader", "auto", True)
    assert found.rhythm.every is Every.DAILY
    assert found.rhythm.at == time(8)
    assert found.scope.slugs is None
    assert [target.service.name for target in found.targets] == ["WeCom bot"]


def test_every_field_is_read(written: Written, register: Register) -> None:
    found = read(
        written,
        register,
        """
        language: en
        format: text
        role: operator
        heartbeat: false
        filter: {severity: notable, themes: [交通出行], kinds: [city, dataset.removed, "platform.*"]}
        rhythm: {every: weekly, at: "7:05", weekday: friday, timezone: Europe/Berlin}
        quiet: {from: "22:00", to: "07:00"}
        muted_until: 2026-12-01
        """,
    )
    assert found.scope.kinds == ("city.*", "dataset.removed", "platform.*")
    assert found.scope.severity is Severity.NOTABLE
    assert (found.rhythm.at, found.rhythm.weekday) == (time(7, 5), 4)
    assert found.muted_until == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert found.is_muted(datetime(2026, 12, 1, 22, tzinfo=UTC))
    assert not found.is_muted(datetime(2026, 12, 1, 23, tzinfo=UTC))
    assert found.quiet
    assert not found.heartbeat


def test_an_unquoted_time_is_taken_as_yaml_reads_it(written: Written, register: Register) -> None:
    assert read(written, register, "rhythm: {at: 8:30}").rhythm.at == time(8, 30)
    assert read(written, register, "rhythm: {at: 08:30}").rhythm.at == time(8, 30)


@pytest.mark.parametrize("word", ["guiyang", "贵阳", "贵阳市", "Guiyang", "GUIYANG"])
def test_a_city_goes_by_all_its_names(written: Written, register: Register, word: str) -> None:
    scope = read(written, register, f"filter: {{cities: [{word}]}}").scope
    assert scope.slugs == frozenset({"guiyang"})
    assert scope.names_zh == ("贵阳",)


def test_a_province_is_all_its_portals_and_names_who_has_none(written: Written, register: Register) -> None:
    scope = read(written, register, "filter: {provinces: [贵州]}").scope
    active = {slug for slug, portal in register.portals.items() if portal.province == "贵州省" and portal.crawlable}
    assert scope.slugs == active
    governed = {portal.government for portal in register.portals.values()}
    none = {g.short_zh for g in register.governments.values() if g.province == "贵州省" and g.adcode not in governed}
    assert {silent.name_zh for silent in scope.silent if silent.why == "no_portal"} == none


def test_a_city_without_a_portal_and_one_without_a_spider_are_taken_and_named(
    written: Written, register: Register
) -> None:
    governed = {portal.government for portal in register.portals.values()}
    without = [g for g in register.governments.values() if g.adcode not in governed and g.level is Level.PREFECTURE]
    bare = next(one for one in without if register.read_above(one.adcode) is None)
    planned = next(p for p in register.portals.values() if p.status is PortalStatus.PLANNED)
    scope = read(written, register, f"filter: {{cities: [{bare.name_zh}, {planned.slug}]}}").scope
    assert {silent.why for silent in scope.silent} == {"no_portal", "planned"}
    assert scope.slugs == frozenset()
    heard = next(one for one in without if register.read_above(one.adcode))
    assert read(written, register, f"filter: {{cities: [{heard.name_zh}]}}").scope.slugs == {heard.adcode}


REFUSED = [
    ("filtre: {cities: [贵阳]}", r"subscriber 'desk': there is no field 'filtre'; did you mean 'filter'\?"),
    ("filter: {citys: [贵阳]}", r"there is no field 'filter.citys'; did you mean 'cities'\?"),
    ("filter: {cities: [guiyong]}", r"filter.cities: there is no city 'guiyong'; did you mean 'guiyang'\?"),
    ("filter: {cities: [贵州省]}", r"filter.cities: '贵州省' is a province, not a city; write it under `provinces`"),
    ("filter: {provinces: [贵洲]}", r"filter.provinces: there is no province '贵洲'; did you mean '贵州'\?"),
    ("filter: {cities: [贵杨]}", r"there is no city '贵杨'; did you mean '贵港' or '贵阳'\?"),
    ("filter: {cities: [Tokyo-3]}", r"docs/portals.md lists every city and portal"),
    ("filter: {provinces: [Texas]}", r"known are 北京, 天津, .*, 新疆$"),
    ("filter: {kinds: [nosuch]}", r"known are .*city.\*, .*`python -m alerts kinds` lists every kind"),
    ("filter: {cities: 贵阳}", r"filter.cities: input should be a valid list: write \[one, another\]"),
    ("urls: ['dingtlk://TOKEN']", r"address 1 \(dingtlk://…\): .*did you mean dingtalk://\? see docs"),
    ("urls: ['${NOT_SET_AT_ALL}']", r"address 1 \(\$\{NOT_SET_AT_ALL\}\): it needs \$\{NOT_SET_AT_ALL\}"),
    ("filter: {themes: [交通]}", r"filter.themes: there is no theme '交通'; did you mean '交通出行'\?"),
    ("filter: {kinds: [dataset.remove]}", r"filter.kinds: there is no event kind 'dataset.remove'; did you mean 'dataset.removed'\?"),
    ("filter: {kinds: [datasets.*]}", r"there is no event kind 'datasets.\*'; did you mean 'dataset.\*'\?"),
    ("filter: {severity: high}", r"filter.severity: input should be 'severe', 'notable' or 'quiet'"),
    ("language: fr", r"language: input should be 'zh' or 'en'"),
    ("rhythm: {every: hourly}", r"rhythm.every: input should be"),
    ("rhythm: {at: late}", r"rhythm.at: is no time of day; write it as \"08:00\""),
    ("rhythm: {at: '24:00'}", r"is no time of day"),
    ("rhythm: {timezone: China}", r"rhythm.timezone"),
    ("rhythm: {day: 32}", r"rhythm.day"),
    ("quiet: {from: '22:00'}", r"the field 'quiet.to' is missing"),
    ("quiet: {from: '08:00', to: '8:00'}", r"subscriber 'desk': quiet: begins and ends at the same time"),
    ("role: boss", r"role: input should be 'reader', 'officer', 'operator' or 'researcher'"),
    (f"urls: ['nosuch://{SECRET}']", r"urls: address 1 \(nosuch://…\): Apprise knows no such service"),
    (f"urls: ['json://h/{SECRET}?retry=2']", r"urls: address 1 \(json://h/…\): the option 'retry' cannot be used"),
    (f"urls: ['json://x/{SECRET}${{NOT_SET_AT_ALL}}']", r"address 1 \(json://x/…\): it needs \$\{NOT_SET_AT_ALL\}"),
    ("urls: []", r"urls: list should have at least 1 item"),
    (f"urls: {SECRET}", r"urls: input should be a valid list"),
    ("muted_until: tomorrow", r"muted_until: write a date or a time, such as 2027-03-12\.$"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_a_fault_is_refused_with_file_subscriber_and_field(
    written: Written, register: Register, fields: str, message: str
) -> None:
    with pytest.raises(SubscribersError, match=message) as raised:
        read(written, register, fields)
    assert "subscribers.yaml: subscriber 'desk': " in str(raised.value)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(raised.value.__cause__)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with `subscribers:`"),
        ("- a", "must begin with `subscribers:`"),
        ("subscriber: []", "the field 'subscribers' is missing"),
        (f"subscribers:\n  - name: [{SECRET}", "not valid YAML"),
        (
            f"subscribers:\n  - {{name: a, urls: ['wecombot://{SECRET}'], urls: ['wecombot://b']}}",
            "'urls' is written twice",
        ),
        (one() + one().replace("subscribers:\n", ""), "'desk' stands there twice"),
        (one(name="贵阳"), "name: write small letters, digits and `-` only"),
        (f"subscribers:\n  - urls: ['wecombot://{SECRET}']", "subscriber number 1: the field 'name' is missing"),
        (f"subscribers: !!python/object/apply:os.system ['{SECRET}']", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_list_of_subscribers_is_refused(
    written: Written, register: Register, text: str, message: str
) -> None:
    with pytest.raises(SubscribersError, match=message) as raised:
        load(written(text), register)
    assert SECRET not in str(raised.value)


def test_every_mistake_of_the_file_is_told_at_once(written: Written, register: Register) -> None:
    with pytest.raises(SubscribersError) as raised:
        read(written, register, "language: fr\nfiltre: {}\nrole: boss")
    assert [line.partition("'desk': ")[2][:14] for line in sorted(str(raised.value).splitlines())] == [
        "language: inpu",
        "role: input sh",
        "there is no fi",
    ]
    other = one("filter: {themes: [x]}", name="other").replace("subscribers:\n", "")
    with pytest.raises(SubscribersError) as raised:
        load(written(one("filter: {cities: [Atlantis]}") + other), register)
    assert [line.split("'")[1] for line in str(raised.value).splitlines()] == ["desk", "other"]


def test_a_missing_or_unreadable_file_says_what_to_do(tmp_path: Path, register: Register) -> None:
    with pytest.raises(SubscribersError, match=r"copy subscribers\.example\.yaml"):
        load(tmp_path / "none.yaml", register)
    (tmp_path / "latin.yaml").write_bytes("subscribers: é".encode("latin-1"))
    with pytest.raises(SubscribersError, match="UTF-8"):
        load(tmp_path / "latin.yaml", register)


def test_secrets_come_from_the_environment_or_dotenv(
    written: Written, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"FROM_FILE=wecombot://{SECRET}\nSUBSCRIBERS=/elsewhere/people.yaml\n", "utf-8")
    found = read(written, register, "urls: ['${FROM_FILE}']")
    assert SECRET in found.targets[0].identity
    assert SECRET not in repr(found)
    assert subscribers_path() == Path("/elsewhere/people.yaml")


def test_the_shipped_example_is_right(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_USER", "u")
    monkeypatch.setenv("MAIL_PASSWORD", "p@ss/word")
    monkeypatch.setenv("WECOM_BOT_URL", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={SECRET}")
    monkeypatch.setenv("OPERATORS_URL", "json://127.0.0.1/hook")
    found = load(Path("subscribers.example.yaml"), register)
    assert [len(subscriber.targets) for subscriber in found] == [2, 1, 1, 1, 1]


def taken(written: Written, register: Register, fields: str, *events: Event) -> list[str]:
    found = read(written, register, fields)
    return [event.kind for event in events if found.scope.takes(event, found.role)]


def test_a_filter_takes_what_it_names_and_no_more(written: Written, register: Register) -> None:
    stop, gone = event("city.stopped"), event("dataset.removed", dataset="d", title="公交线路", office="交通运输局")
    other = event("dataset.removed", dataset="e", title="医院名录", office="卫生健康委员会")
    elsewhere = event("city.stopped", "jinan")
    assert taken(written, register, "filter: {cities: [贵阳]}", stop, gone, elsewhere) == [
        "city.stopped",
        "dataset.removed",
    ]
    assert taken(written, register, "filter: {kinds: [city.*]}", stop, gone) == ["city.stopped"]
    assert taken(written, register, "filter: {severity: severe}", stop, gone) == ["city.stopped"]
    assert taken(written, register, "filter: {themes: [交通出行]}", stop, gone, other) == [
        "city.stopped",
        "dataset.removed",
    ]


def test_a_theme_an_event_states_counts_before_what_its_title_says(written: Written, register: Register) -> None:
    stated = event("dataset.new", dataset="d", title="公交线路", evidence={"themes": ["卫生健康"]})
    assert taken(written, register, "filter: {themes: [交通出行]}", stated) == []
    assert taken(written, register, "filter: {themes: [卫生健康]}", stated) == ["dataset.new"]
