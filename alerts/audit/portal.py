"""The audit of one portal: every rule over every dataset, with the number of datasets that each rule could judge."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alerts.audit.catalogue import Catalogue
from alerts.audit.facts import DatasetFacts, shown
from alerts.audit.groups import Group, copies, duplicates, fragments, members
from alerts.audit.rules import AuditRule, AuditSeverity, rules
from alerts.audit.tiers import relisted

Evidence = tuple[DatasetFacts, str]


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
    def of(cls, code: str, one: DatasetFacts, found: str) -> "AuditFinding":
        """A finding on this dataset; `found` is evidence as it is shown."""
        return cls(code, one.dataset, one.title, one.office, found)

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
    cards: tuple[DatasetFacts, ...] = field(default=(), repr=False)
    """The datasets whose content is stored, by id."""
    duplicates: tuple[Group, ...] = field(default=(), repr=False)
    """Groups of duplicates."""
    relisted: frozenset[str] = frozenset()
    """Ids of datasets that a city's own portal lists too."""

    @property
    def datasets(self) -> int:
        return len(self.catalogue.datasets)

    @property
    def unread(self) -> int:
        """Number of datasets whose content is not stored, which are not audited."""
        return self.datasets - len(self.cards)

    @property
    def own(self) -> list[DatasetFacts]:
        """The datasets whose content is stored and that no city's own portal lists, by id."""
        return [one for one in self.cards if one.dataset not in self.relisted]

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


def audit(catalogue: Catalogue, below: Mapping[str, str] | None = None) -> Audit:
    """Audit a catalogue; pure.

    `below`: keys of datasets already listed by city portals (tiers.Keys), for a portal that relists them.
    """
    allowed = {detailed: judgeable(catalogue, detailed=detailed) for detailed in (True, False)}
    cards = tuple(one for one in catalogue.datasets if one.is_stored)
    sizes = Counter(one.detailed for one in cards)
    judged = Counter(dict.fromkeys(rules(), 0))
    for detailed, codes in allowed.items():
        judged.update(dict.fromkeys(codes, sizes[detailed]))
    found = [
        AuditFinding.of(code, one, evidence)
        for one in cards
        for code, evidence in one.faults
        if code in allowed[one.detailed]
    ]
    again = list(relisted(cards, below or {}))
    doubles = duplicates(cards)
    together: Mapping[str, Iterable[Evidence]] = {
        "audit.duplicate": (evidence for group in doubles for evidence in copies(group)),
        "audit.fragmented": (evidence for group in fragments(cards) for evidence in members(group)),
        "audit.relisted": again,
    }
    found += (AuditFinding.of(code, one, shown(raw)) for code, many in together.items() for one, raw in many)
    places = {code: place for place, code in enumerate(rules())}
    return Audit(
        catalogue=catalogue,
        findings=tuple(sorted(found, key=lambda one: (places[one.code], one.dataset))),
        judged=dict(judged) | ({} if below else {"audit.relisted": 0}),
        cards=cards,
        duplicates=tuple(doubles),
        relisted=frozenset(one.dataset for one, _ in again),
    )


def judgeable(catalogue: Catalogue, *, detailed: bool) -> tuple[str, ...]:
    """Codes of the rules that can be judged: a missing value counts only if the portal would show it."""

    def is_judgeable(rule: AuditRule) -> bool:
        known = [catalogue.tells(name, detailed=detailed) for name in rule.needs & catalogue.fields]
        return bool(known) and (all(known) if rule.judged_on == "all" else any(known))

    return tuple(code for code, rule in rules().items() if is_judgeable(rule))
