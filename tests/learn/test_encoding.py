"""Features become model columns the same way everywhere: by hand-computed values and by laws."""

import numpy as np
import pytest

from harken.learn.encoding import STATISTICS_ROWS, fit_linear, fit_tree
from harken.unify.features.catalogue import Feature, FeatureTable
from harken.vocabulary.messages import Message

NAN = np.nan


def table(columns: dict[str, list[float]], categories: dict[str, tuple[str, ...]] | None = None) -> FeatureTable:
    categories = categories or {}
    features = tuple(
        Feature(
            name,
            name[0],
            Message(name),
            "category" if name in categories else "number",
            levels=categories.get(name, ()),
        )
        for name in columns
    )
    values = np.array(list(columns.values()), dtype=np.float32).T
    return FeatureTable(np.arange(len(values), dtype=np.int64), values, features, None)


def test_numbers_are_standardised_and_missing_values_marked():
    t = table({"age": [20, 30, 40, 50, 60, NAN, NAN, NAN, NAN, NAN]})
    encoding = fit_linear(t)
    out = encoding.transform(t.values)
    assert [c.name for c in encoding.columns] == ["age", "age:missing"]
    # the median, 40, stands for the missing: mean 40, sd sqrt(1000 / 10) = 10
    assert out[:, 0] == pytest.approx([-2, -1, 0, 1, 2, 0, 0, 0, 0, 0])
    assert out[:, 1].tolist() == [0] * 5 + [1] * 5


def test_skewed_counts_enter_as_logarithms_and_others_do_not():
    skewed = [0.0] * 90 + [100.0] * 10
    negative = [-100.0] + [1.0] * 98 + [2.0]
    t = table({"orders": skewed, "balance": negative})
    out = fit_linear(t).transform(t.values)
    logs = np.log1p(skewed)
    assert out[:, 0] == pytest.approx((logs - logs.mean()) / logs.std(), abs=1e-5)
    assert out[0, 1] == -6  # ten standard deviations away: held at six
    assert np.isfinite(out).all()


def test_squares_and_kinks():
    x = np.arange(101.0)
    t = table({"wait": x.tolist()})
    encoding = fit_linear(t, squares=True, kinks=1)
    out = encoding.transform(t.values)
    z = (x - 50) / x.std()
    assert [c.name for c in encoding.columns] == ["wait", "wait^2", "wait>50"]
    assert out[:, 1] == pytest.approx(z * z - 1, abs=1e-5)
    assert out[:, 2] == pytest.approx(np.maximum(z, 0), abs=1e-5)
    two_valued = table({"flag": [0.0, 1.0] * 20})
    assert [c.name for c in fit_linear(two_valued, squares=True, kinks=2).columns] == ["flag"]


def test_categories_rare_levels_pooled_and_unknown_codes_go_with_them():
    plan = [0.0] * 60 + [1.0] * 30 + [2.0, 3.0, 4.0, 2.0, 3.0, 4.0] + [NAN] * 6
    t = table({"plan": plan}, {"plan": ("basic", "gold", "a", "b", "c")})
    encoding = fit_linear(t, rare_share=0.05)
    assert [c.name for c in encoding.columns] == ["plan=gold", "plan=(other)", "plan:missing"]
    out = encoding.transform(np.array([[0], [1], [2], [77], [NAN]], dtype=np.float32))
    assert out.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    full = fit_linear(t, rare_share=0.05, reference=False)
    assert full.transform(t.values).sum(axis=1) == pytest.approx(np.ones(len(plan)))


def test_what_never_varies_is_dropped_and_named():
    t = table(
        {"a": [1.0] * 20, "b": [NAN] * 20, "c": list(range(20)), "d": [3.0] * 10 + [NAN] * 10, "e": [0.0] * 20},
        {"e": ("only",)},
    )
    encoding = fit_linear(t)
    assert encoding.dropped == ("a", "b", "e")
    assert [c.name for c in encoding.columns] == ["c", "d:missing"]
    assert fit_tree(t).dropped == ("a", "b", "e")


def test_the_same_missing_rows_are_marked_once():
    holes = [NAN] * 10
    t = table({"x": [*range(10), *holes], "y": [*range(5, 15), *holes], "z": [*holes, *range(10)]})
    assert [c.name for c in fit_linear(t).columns] == ["x", "x:missing", "y", "z", "z:missing"]


def test_full_rank_with_reference_levels():
    rng = np.random.default_rng(2)
    t = table(
        {
            "p": rng.integers(0, 4, 400).tolist(),
            "q": rng.integers(0, 3, 400).tolist(),
            "n": rng.normal(size=400).tolist(),
        },
        {"p": tuple("abcd"), "q": tuple("abc")},
    )
    X = fit_linear(t).transform(t.values)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(400), X])) == X.shape[1] + 1


def test_families_cover_every_column_once():
    t = table({"wait": list(range(30)), "web": [NAN] * 10 + list(range(20)), "age": list(range(30))})
    families = fit_linear(t, squares=True).families
    assert list(families) == ["a", "w"]
    assert sorted(sum(families.values(), ())) == list(range(7))


def test_only_the_given_rows_teach_the_encoding():
    t = table({"x": [*range(20), *([1e6] * 20)]})
    rows = np.arange(40) < 20
    out = fit_linear(t, rows).transform(t.values)
    assert out[:20, 0].mean() == pytest.approx(0, abs=1e-6)
    assert (out[20:, 0] == 6).all()


def test_infinite_values_count_as_missing():
    t = table({"x": [*range(20), *([np.inf] * 10)]})
    assert fit_linear(t).transform(t.values)[:, 1].sum() == 10
    assert np.isnan(fit_tree(t).transform(t.values)[20:, 0]).all()


def test_tree_codes_are_pooled_by_frequency():
    codes = [7.0] * 50 + [3.0] * 30 + [9.0] * 5 + [8.0] * 4 + [NAN]
    t = table({"n": [*range(len(codes))], "c": codes}, {"c": ()})
    encoding = fit_tree(t, max_levels=3)
    out = encoding.transform(np.array([[1, 7], [2, 3], [3, 9], [4, 55], [5, NAN]], dtype=np.float32))
    assert encoding.categorical.tolist() == [False, True]
    assert out[:4, 1].tolist() == [0, 1, 2, 2]
    assert np.isnan(out[4, 1])
    assert out.dtype == np.float32


def test_big_tables_are_learned_from_a_sample_that_row_order_cannot_move():
    rng = np.random.default_rng(3)
    n = STATISTICS_ROWS + 10_000
    ids = np.arange(n, dtype=np.int64)
    values = rng.lognormal(size=(n, 1)).astype(np.float32)
    feature = (Feature("x", "x", Message("x")),)
    order = rng.permutation(n)
    one = fit_linear(FeatureTable(ids, values, feature, None))
    other = fit_linear(FeatureTable(ids[order], values[order], feature, None))
    assert one.plans[0].centre == pytest.approx(other.plans[0].centre, rel=1e-12)
    assert abs(one.transform(values)[:, 0].mean()) < 0.02
