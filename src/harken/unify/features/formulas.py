"""Features of a company's own: arithmetic over other features, checked before anything is computed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harken.unify.features.catalogue import Feature
from harken.unify.features.families import is_lever
from harken.unify.features.recipes import Catalogue, Formula
from harken.vocabulary.errors import Problem, SettingsError
from harken.vocabulary.messages import Message, gettext_noop

if TYPE_CHECKING:
    from sqlglot import exp

_NAME = re.compile(r"[^\W\d]\w*")
_KEYS = ("name", "formula", "family", "label", "lever", "unit")


@dataclass(frozen=True, slots=True)
class FormulaText:
    """A formula as a workspace declares it: the new feature's name and arithmetic over other features' names."""

    name: str
    formula: str
    family: str | None = None
    label: str | None = None
    lever: bool | None = None
    unit: str = ""


def read_formulas(rows: Sequence[Mapping[str, object]], file: str | None = None) -> tuple[FormulaText, ...]:
    """The `[[feature]]` tables of a settings file as formulas; `SettingsError` names every mistake at once.

    >>> read_formulas([{"name": "mean_order", "formula": "order_amount_sum_90d / order_count_90d"}])[0].name
    'mean_order'
    >>> read_formulas([{"name": "Mean order"}])
    Traceback (most recent call last):
    ...
    harken.vocabulary.errors.SettingsError: Some features of the settings cannot be used.
      column Mean order: A feature's name is letters, digits and underscores.
      column Mean order: “formula” is missing.
    """
    problems: list[Problem] = []
    formulas = []
    for row in rows:
        name, formula = str(row.get("name", "")), str(row.get("formula", ""))

        def wrong(text: str, name: str = name, **params: str) -> None:
            problems.append(Problem(Message(text, params), file=file, column=name or None))

        if not _NAME.fullmatch(name):
            wrong(gettext_noop("A feature's name is letters, digits and underscores."))
        if not formula.strip():
            wrong(gettext_noop("“{key}” is missing."), key="formula")
        for key in sorted(set(row) - set(_KEYS)):
            wrong(gettext_noop("“{key}” is not known here; known are {known}."), key=key, known=", ".join(_KEYS))
        lever = row.get("lever")
        if lever is not None and not isinstance(lever, bool):
            wrong(gettext_noop("“{key}” is true or false."), key="lever")
        family, label = row.get("family"), row.get("label")
        formulas.append(
            FormulaText(
                name,
                formula,
                None if family is None else str(family),
                None if label is None else str(label),
                lever if isinstance(lever, bool) else None,
                str(row.get("unit", "")),
            )
        )
    _raise(problems)
    return tuple(formulas)


def with_formulas(catalogue: Catalogue, formulas: Sequence[FormulaText]) -> Catalogue:
    """The catalogue with the company's own features behind the others; a formula may use earlier formulas.

    A formula takes the family of the first feature it uses unless it names one. Raises `SettingsError` with every
    unknown name, forbidden function and taken name at once.
    """
    known = {feature.name: feature for feature in catalogue.features}
    added: list[Formula] = []
    problems: list[Problem] = []
    declared = {formula.feature.name: formula.expression for formula in catalogue.formulas}
    for text in formulas:
        if declared.get(text.name) == text.formula:
            continue  # the catalogue was planned with it
        uses, reasons = _check(text, known)
        if reasons:
            problems.extend(Problem(reason, column=text.name, value=text.formula[:80]) for reason in reasons)
            continue
        first = known[uses[0]]
        family = text.family or first.family
        lever = text.lever if text.lever is not None else is_lever(family)
        label = Message(gettext_noop("{column}"), {"column": text.label or text.name})
        feature = Feature(text.name, family, label, unit=text.unit, lever=lever, source="formula")
        known[text.name] = feature
        added.append(Formula(feature, text.formula, uses))
    _raise(problems)
    return replace(catalogue, formulas=catalogue.formulas + tuple(added))


def apply_formula(formula: Formula, column: Callable[[str], NDArray[np.floating[Any]]]) -> NDArray[np.float64]:
    """The values of a formula, shape (n,): `column` gives each used feature's values; x / 0 is unknown (NaN).

    >>> from harken.unify.features.recipes import Catalogue, Block, Planned, Recipe
    >>> parts = tuple(Planned(Feature(n, "orders", Message(n)), Recipe("total")) for n in ("a", "b"))
    >>> catalogue = with_formulas(Catalogue((Block("events", "order", parts),)), [FormulaText("r", "a / (b + 1)")])
    >>> apply_formula(catalogue.formulas[0], {"a": np.array([6.0, 1.0]), "b": np.array([2.0, -1.0])}.__getitem__)
    array([ 2., nan])
    """
    from sqlglot import parse_one

    columns = {name: np.asarray(column(name), dtype=np.float64) for name in formula.uses}
    with np.errstate(all="ignore"):
        values = _evaluate(parse_one(formula.expression, dialect="duckdb"), columns)
    shape = next(iter(columns.values())).shape
    filled: NDArray[np.float64] = np.broadcast_to(np.asarray(values, dtype=np.float64), shape).copy()
    filled[~np.isfinite(filled)] = np.nan
    return filled


def _check(text: FormulaText, known: Mapping[str, Feature]) -> tuple[tuple[str, ...], list[Message]]:
    """The features a formula uses in order of appearance, and everything that is wrong with it."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    reasons: list[Message] = []
    if text.name in known:
        reasons.append(Message(gettext_noop("There is already a feature of that name.")))
    try:
        tree = parse_one(text.formula, dialect="duckdb")
    except SqlglotError:
        reasons.append(Message(gettext_noop("The formula cannot be read.")))
        return (), reasons
    uses: list[str] = []
    allowed = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Paren, exp.Identifier)
    for node in tree.walk(bfs=False):
        if isinstance(node, exp.Column):
            if node.table:
                reasons.append(_only_arithmetic(node.sql()))
            elif node.name not in known:
                reasons.append(_unknown(node.name, known))
            elif known[node.name].type == "category":
                message = gettext_noop("“{name}” is a category: formulas count with numbers only.")
                reasons.append(Message(message, {"name": node.name}))
            elif node.name not in uses:
                uses.append(node.name)
        elif not isinstance(node, allowed) and not (isinstance(node, exp.Literal) and not node.is_string):
            reasons.append(_only_arithmetic(node.sql(dialect="duckdb")[:60]))
            break
    if not uses and not reasons:
        reasons.append(Message(gettext_noop("The formula uses no feature.")))
    return tuple(uses), reasons


def _only_arithmetic(part: str) -> Message:
    text = gettext_noop("“{part}” is not allowed: a formula is features, numbers, + - * / and brackets.")
    return Message(text, {"part": part})


def _unknown(name: str, known: Mapping[str, Feature]) -> Message:
    near = difflib.get_close_matches(name, known, n=3)
    if not near:
        return Message(gettext_noop("There is no feature “{name}”."), {"name": name})
    params = {"name": name, "near": ", ".join(near)}
    return Message(gettext_noop("There is no feature “{name}”; near it are {near}."), params)


def _evaluate(node: exp.Expr, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64] | np.float64:
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _evaluate(node.this, columns)
    if isinstance(node, exp.Neg):
        return -_evaluate(node.this, columns)
    if isinstance(node, exp.Column):
        return columns[node.name]
    if isinstance(node, exp.Literal):
        return np.float64(node.this)
    left, right = _evaluate(node.this, columns), _evaluate(node.expression, columns)
    if isinstance(node, exp.Add):
        return left + right
    if isinstance(node, exp.Sub):
        return left - right
    if isinstance(node, exp.Mul):
        return left * right
    return np.divide(left, right)


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise SettingsError(
            Message(gettext_noop("Some features of the settings cannot be used.")), problems=problems
        )
