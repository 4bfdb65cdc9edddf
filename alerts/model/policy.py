"""The thresholds of every rule, read from policy.csv."""

from dataclasses import dataclass
from functools import cache

from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class EventPolicy:
    """One attribute for each row of policy.csv, which gives units and meaning."""

    removal_hours: float
    removal_absences: int
    undecided_absences: int
    bulk_floor: int
    bulk_share: float
    import_floor: int
    import_share: float
    mismatch_runs: int
    slowed_days: int
    slowed_gap_factor: float
    slowed_gap_floor: int
    slowed_min_gaps: int
    stopped_days: int
    stopping_ahead: tuple[int, ...]
    resumed_days: int
    resume_floor: int
    resume_share: float
    restamp_share: float
    restamp_floor: int
    restamp_same_content: float
    restamp_quiet_days: int
    restamp_fastest_promise: float
    shift_floor: int
    shift_lag_days: int
    shift_days: int
    rewritten_floor: int
    reused_score: float
    same_score: float
    down_runs: int
    down_hours: float
    streak_nights: int
    empty_runs: int
    rekey_score: float
    rekey_candidates: int
    rekey_title: int
    office_floor: int
    office_share: float
    detail_coverage: float
    update_days_kept: int
    terms_sentences: int
    terms_chars: int
    transfer_days: int
    evidence_listed: int
    dormant_days: int
    dormant_gap_factor: float
    dormant_min_gaps: int
    dataset_days_kept: int
    size_floor: int
    shrunk_share: float
    grown_factor: float
    fake_advances: int
    incident_share: float
    gone_days: int
    gone_nights: int
    merged_share: float
    merged_floor: int
    merged_every: int
    merged_overlap_days: int
    newcomer_days: int
    hidden_days: int
    left_days: int
    continued_share: float
    sample_gone: int
    undated_share: float
    undated_floor: int
    broken_checks: int
    broken_hours: float
    files_down_files: int
    files_down_datasets: int
    schema_rename: float
    schema_kept: float
    schema_cell: int
    sampled_days: int
    return_chance: float
    lost_prior: int
    prior_catalogue: int
    mass_days: int
    flap_days: int
    record_half_months: int
    paired_share: float
    hidden_share: float
    hidden_half: float
    hidden_nights: int
    swings_kept: int
    flapping_swings: int
    flapping_days: int
    emptied_nights: int

    def bulk_limit(self, catalogue: int) -> float:
        """More removals in one run than this are stated as one bulk deletion."""
        return max(self.bulk_floor, self.bulk_share * catalogue)

    def import_limit(self, catalogue: int) -> float:
        """More new datasets in one run than this are stated as one bulk import."""
        return max(self.import_floor, self.import_share * catalogue)

    def mass_limit(self, catalogue: int) -> float:
        """If this many datasets change alike at once, the portal was rewritten and not the single datasets."""
        return max(self.restamp_floor, self.restamp_share * catalogue)

    def resume_need(self, catalogue: int) -> float:
        """Number of datasets with confirmed updates that ends a stop."""
        return max(self.resume_floor, self.resume_share * catalogue)


@cache
def policy() -> EventPolicy:
    """The thresholds as shipped. Raises TableError."""
    return Tables("alerts.model").policy(EventPolicy)
