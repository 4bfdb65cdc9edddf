"""Open → register: a dataset that left its portal stands in the national register as a product of authorised operation.

Stated of a dataset that is removed or no longer listed, when the register named a product of exactly its title in its
province after it went missing. Only probable: titles are no ids, and what is registered need not be the same data. Not
stated where such a product was registered while the portal still listed the dataset, for then the two stood side by
side; nor of an entry among the open data, which is no sale.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.reused_ids import native
from alerts.model.events import Confidence
from alerts.model.memory import MissingDatasets
from alerts.model.states import DatasetState
from opendata_spiders.store.national import NationalLook


def draft_transfers(missing: MissingDatasets, step: RunContext) -> tuple[dict[str, DatasetState], list[Draft]]:
    """The datasets to be told so by this run, with their new states; `missing`: what is missing after the run.

    They are asked for only if the register has named a product, for `transfer_days` after they were stated as gone.
    """
    answers: dict[str, list[NationalLook]] = {}
    for answer in step.view.national.products(step.run.at):
        answers.setdefault(answer.dataset, []).append(answer)
    if not answers:
        return {}, []
    ended = missing.ended_since(step.run.at - timedelta(days=step.policy.transfer_days))
    gone = [one for one in ended.values() if not one.twin and not one.transferred]
    states, drafts = dict[str, DatasetState](), list[Draft]()
    for one in gone:
        if found := _registered_since(one, answers.get(native(one.dataset), ())):
            states[one.dataset] = replace(one, transferred=True)
            drafts.append(_draft(one, found))
    return states, drafts


def _registered_since(gone: DatasetState, answers: Sequence[NationalLook]) -> NationalLook | None:
    """The first answer since it went missing that names products, if no earlier one named any."""
    first = gone.absences[0].at
    if any(answer.at < first for answer in answers):
        return None
    return next(iter(answers), None)


def _draft(gone: DatasetState, answer: NationalLook) -> Draft:
    return Draft(
        "dataset.to_authorised_operation",
        gone.dataset,
        gone.entry.version,
        episode=gone.absences[0].run,
        since=gone.absences[0].at,
        confidence=Confidence.PROBABLE,
        evidence={
            "product_codes": answer.product_codes,
            "products": answer.products,
            "national_at": answer.at,
            "national_entries": answer.entries,
            "national_codes": answer.codes,
            "last_seen": gone.last_seen,
        },
    )
