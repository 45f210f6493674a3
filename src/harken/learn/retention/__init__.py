"""Who is likely to leave, what leaving means, and how far the forecast can be trusted."""

from harken.learn.retention.definition import NoEventDefinition, propose_no_event_definition
from harken.learn.retention.model import Candidate, RetentionFit, RetentionModel, RetentionResult, fit_retention
from harken.learn.retention.validation import (
    AucComparison,
    Decile,
    Validation,
    ValidationKind,
    auc_estimate,
    compare_auc,
    validate,
)

__all__ = [
    "AucComparison",
    "Candidate",
    "Decile",
    "NoEventDefinition",
    "RetentionFit",
    "RetentionModel",
    "RetentionResult",
    "Validation",
    "ValidationKind",
    "auc_estimate",
    "compare_auc",
    "fit_retention",
    "propose_no_event_definition",
    "validate",
]
