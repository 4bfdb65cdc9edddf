"""The audit of one portal: every rule over every dataset, with the number of datasets that each rule could judge."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from alerts.audit.catalogue import Catalogue, Record
from alerts.audit.checks import CHECKS
from alerts.audit.groups import ComparedDataset, card, copies, duplicates, fragments, members
from alerts.audit.rules import AuditRule, AuditSeverity, limits, rules
from alerts.audit.tiers import relisted
from opendata_spiders import normalise

Evidence = tuple[ComparedDataset, str]


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One violation of a rule by one dataset."""

    code: str
    dataset: str
    title: str
    office: str
    detail: str
    """Evidence from the portal's own text: clean, one line, cut; empty if a value is missing."""

    @classmethod
    def of(cls, code: str, one: ComparedDataset, found: str) -> "AuditFinding":
        """A finding on this dataset; `found` is raw."""
        shown, most = normalise.text(found) or "", limits().evidence_chars
        return cls(code, one.dataset, one.title, one.office, shown if len(shown) <= most else f"{shown[:most]}…")

    @property
    def rule(self) -> AuditRule:
        return rules()[self.code]

    @property
    def severity(self) -> AuditSeverity:
        return self.rule.severity


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of the audit of one portal."""

    catalogue: Catalogue
    findings: tuple[AuditFinding, ...] = ()
    """In the order of the rules, then by dataset."""
    judged: Mapping[str, int] = field(default_factory=dict)
    """Code of each rule to the number of datasets it could judge; 0 if the portal lacks the fields."""
    cards: tuple[ComparedDataset, ...] = field(default=(), repr=False)
    duplicates: tuple[tuple[ComparedDataset, ...], ...] = field(default=(), repr=False)
    """Groups of duplicates."""
    relisted: frozenset[str] = frozenset()
    """Ids of datasets that a city's own portal lists too."""

    @property
    def datasets(self) -> int:
        return len(self.catalogue.entries)

    @property
    def unread(self) -> int:
        """Number of datasets whose content is not stored, which are not audited."""
        return self.datasets - len(self.cards)

    @property
    def counts(self) -> Mapping[str, int]:
        """Code of each rule to the number of datasets that violate it, 0 included."""
        found = Counter(one.code for one in self.findings)
        return {code: found[code] for code in rules()}

    @property
    def unsound(self) -> frozenset[str]:
        """Ids of datasets with a finding of high or medium severity."""
        return frozenset(one.dataset for one in self.findings if one.rule.counts)

    def by_office(self) -> Mapping[str, Mapping[str, int]]:
        """Office (empty if not shown) to counts by rule, sorted by office."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.findings:
            found[one.office][one.code] += 1
        return {office: dict(found[office]) for office in sorted(found)}

    def office_sizes(self) -> Mapping[str, int]:
        """Office to number of datasets."""
        return Counter(one.office for one in self.cards)


def audit(
    catalogue: Catalogue,
    records: Iterable[Record],
    below: Mapping[bytes, str] | None = None,
    on_record: Callable[[Record, ComparedDataset], None] | None = None,
) -> Audit:
    """Audit a catalogue; pure, and independent of the order of the records.

    `below`: keys of datasets already listed by city portals (tiers.Keys), for a portal that relists them. `on_record`
    is called with every record, to count something else in the same pass.
    """
    allowed = {detailed: judgeable(catalogue, detailed=detailed) for detailed in (True, False)}
    judged: Counter[str] = Counter(dict.fromkeys(rules(), 0))
    cards: list[ComparedDataset] = []
    found: list[AuditFinding] = []
    for record in records:
        one, codes = card(record), allowed[record.entry.detailed]
        cards.append(one)
        judged.update(codes)
        found += (
            AuditFinding.of(code, one, detail)
            for code in codes
            if code in CHECKS and (detail := CHECKS[code](record)) is not None
        )
        if on_record:
            on_record(record, one)
    again = list(relisted(cards, below or {}))
    doubles = duplicates(cards)
    together: Mapping[str, Iterable[Evidence]] = {
        "audit.duplicate": (evidence for group in doubles for evidence in copies(group)),
        "audit.fragmented": (evidence for group in fragments(cards) for evidence in members(group)),
        "audit.relisted": again,
    }
    found += (AuditFinding.of(code, one, detail) for code, many in together.items() for one, detail in many)
    places = {code: place for place, code in enumerate(rules())}
    return Audit(
        catalogue=catalogue,
        findings=tuple(sorted(found, key=lambda one: (places[one.code], one.dataset))),
        judged=dict(judged) | ({} if below else {"audit.relisted": 0}),
        cards=tuple(sorted(cards, key=lambda one: one.dataset)),
        duplicates=tuple(doubles),
        relisted=frozenset(one.dataset for one, _ in again),
    )


def judgeable(catalogue: Catalogue, *, detailed: bool) -> tuple[str, ...]:
    """Codes of the rules that can be judged: a missing value counts only if the portal would show it."""

    def is_judgeable(rule: AuditRule) -> bool:
        known = [catalogue.tells(name, detailed=detailed) for name in rule.needs & catalogue.fields]
        return bool(known) and (all(known) if rule.judged_on == "all" else any(known))

    return tuple(code for code, rule in rules().items() if is_judgeable(rule))
