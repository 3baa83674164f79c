"""BG/NBD (Fader, Hardie, Lee 2005) and Gamma-Gamma (Fader, Hardie 2013): own likelihoods, maximised with SciPy.

Time in weeks, orders of one day merged. Standard errors come from the curvature at the maximum. Whether the data show
that customers drop out at all is tested against the same model without drop-out (NBD).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from scipy import optimize, special

from ganbo.insights.look.figures import Sales
from ganbo.insights.look.numbers import SCALE

DAYS_A_WEEK = 7
WEEKS_A_YEAR = 365 / DAYS_A_WEEK
MOST_FITTED = 100_000  # members; of more, evenly chosen ones are fitted
LEAST_MEMBERS, LEAST_REPEAT = 30, 10
CHI_SQUARE = 5.99  # 95 % of chi-square with two degrees of freedom
STEP = 1e-4
BOUND = 12.0  # of a parameter's logarithm
Array = np.ndarray[Any, np.dtype[np.float64]]


class Distinct:
    """The different values of an array: what is dear to compute is computed once for each, then dealt out to the members."""

    def __init__(self, each: Array) -> None:
        self.values, self._place = np.unique(each, return_inverse=True)

    def dealt(self, of_values: Array) -> Array:
        """To every member what belongs to their value."""
        return of_values[self._place]


@dataclass(frozen=True)
class Histories:
    """Per member: repeat days, week of the last, weeks watched, mean value of repeat days."""

    x: Array
    t_x: Array
    t: Array
    value: Array

    @cached_property
    def repeats(self) -> Distinct:
        """The different numbers of repeat days."""
        return Distinct(self.x)

    @cached_property
    def lasts(self) -> Distinct:
        """The different weeks of the last repeat day."""
        return Distinct(self.t_x)

    @cached_property
    def watched(self) -> Distinct:
        """The different lengths of time."""
        return Distinct(self.t)


class Spending:
    """Repeat buyers: their repeat days and the mean value of one, with what every likelihood of them needs."""

    def __init__(self, x: Array, value: Array) -> None:
        self.x, self.value = x, value
        self.repeats, self.log_value, self.whole = Distinct(x), np.log(value), x * value


@dataclass(frozen=True)
class Fit:
    """Parameters at the maximum, their standard errors (none where the curvature says nothing)."""

    parameters: tuple[float, ...]
    log_likelihood: float
    errors: tuple[float, ...] | None


def histories(sold: Sales, until: date | None = None) -> Histories:
    """What each member did up to a day, inclusive."""
    end = until or sold.last
    days = sold.orders.filter(pl.col("day") <= end).group_by("m", "day").agg(pl.col("amount").sum()).sort("m", "day")
    each = (
        days.group_by("m", maintain_order=True)
        .agg(
            x=pl.len() - 1,
            first=pl.col("day").first(),
            last=pl.col("day").last(),
            value=pl.col("amount").slice(1).mean() / SCALE,
        )
        .with_columns(
            t_x=(pl.col("last") - pl.col("first")).dt.total_days() / DAYS_A_WEEK,
            t=(pl.lit(end) - pl.col("first")).dt.total_days() / DAYS_A_WEEK,
        )
    )
    return Histories(*(each[name].fill_null(0).cast(pl.Float64).to_numpy() for name in ("x", "t_x", "t", "value")))


def bg_nbd_each(h: Histories, r: float, alpha: float, a: float, b: float) -> Array:
    """Each member's log-likelihood."""
    x = h.repeats.values
    bought = (
        special.gammaln(r + x)
        - special.gammaln(r)
        + r * np.log(alpha)
        + special.betaln(a, b + x)
        - special.betaln(a, b)
    )
    log_t, rate = h.watched.dealt(np.log(alpha + h.watched.values)), r + h.x
    alive = h.repeats.dealt(bought) - rate * log_t
    odds = h.repeats.dealt(np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1), -np.inf))
    gone = odds + rate * (log_t - h.lasts.dealt(np.log(alpha + h.lasts.values)))
    return np.asarray(alive + np.logaddexp(0, gone))


def nbd_each(h: Histories, r: float, alpha: float) -> Array:
    """The same without drop-out."""
    bought = special.gammaln(r + h.repeats.values) - special.gammaln(r) + r * np.log(alpha)
    return np.asarray(h.repeats.dealt(bought) - (r + h.x) * h.watched.dealt(np.log(alpha + h.watched.values)))


def gamma_gamma_each(of: Spending, p: float, q: float, v: float) -> Array:
    """Each repeat buyer's log-likelihood of the mean value of their repeat days."""
    x, shape = of.repeats.values, p * of.x
    counted = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(v)
    logs = of.repeats.dealt(p * x * np.log(x))
    return np.asarray(
        of.repeats.dealt(counted) + (shape - 1) * of.log_value + logs - (shape + q) * np.log(v + of.whole)
    )


def maximum(each: Callable[..., Array], start: tuple[float, ...]) -> Fit:
    """The parameters that make the sum of `each` largest; searched in their logarithms."""

    def cost(logs: Array) -> float:
        with np.errstate(all="ignore"):
            total = float(-each(*np.exp(np.clip(logs, -BOUND, BOUND))).sum())
        return total if np.isfinite(total) else 1e300

    found = optimize.minimize(cost, np.log(start), method="Nelder-Mead", options={"maxiter": 150})
    found = optimize.minimize(cost, found.x, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * len(start))
    last = optimize.minimize(
        cost, found.x, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-8, "maxiter": 600}
    )
    best = last if last.fun <= found.fun else found
    values = np.exp(np.clip(best.x, -BOUND, BOUND))
    return Fit(tuple(float(one) for one in values), -float(best.fun), _errors(cost, best.x, values))


def _errors(cost: Callable[[Array], float], at: Array, values: Array) -> tuple[float, ...] | None:
    """Standard errors by the inverse of the Hessian, carried from logarithms to the parameters."""
    size = len(at)
    hessian = np.zeros((size, size))
    steps = np.eye(size) * STEP * 10
    for i in range(size):
        for j in range(size):
            hessian[i, j] = (
                cost(at + steps[i] + steps[j])
                - cost(at + steps[i] - steps[j])
                - cost(at - steps[i] + steps[j])
                + cost(at - steps[i] - steps[j])
            ) / (4 * (STEP * 10) ** 2)
    try:
        np.linalg.cholesky(hessian)
        spread = np.sqrt(np.diag(np.linalg.inv(hessian)))
    except np.linalg.LinAlgError:
        return None
    return tuple(float(one) for one in spread * values) if np.isfinite(spread).all() else None


def bg_nbd(h: Histories) -> tuple[Fit, bool] | None:
    """The fit, and whether the data identify drop-out; none with too few members."""
    if len(h.x) < LEAST_MEMBERS or (h.x > 0).sum() < LEAST_REPEAT:
        return None
    some, share = _some(h)
    rate = max(float(some.x.sum()) / max(float(some.t.sum()), 1.0), 1e-3)
    fit = maximum(lambda *given: bg_nbd_each(some, *given), (0.5, 0.5 / rate, 1.0, 2.0))
    none = maximum(lambda *given: nbd_each(some, *given), (0.5, 0.5 / rate))
    shown = 2 * (fit.log_likelihood - none.log_likelihood) > CHI_SQUARE and fit.errors is not None
    return Fit(fit.parameters, fit.log_likelihood * share, fit.errors), shown


def _some(h: Histories) -> tuple[Histories, float]:
    """Evenly chosen members when there are very many, and by how much a sum is to be enlarged."""
    size = len(h.x)
    if size <= MOST_FITTED:
        return h, 1.0
    chosen = np.linspace(0, size - 1, MOST_FITTED).astype(np.int64)
    return Histories(h.x[chosen], h.t_x[chosen], h.t[chosen], h.value[chosen]), size / MOST_FITTED


def alike_each(of: Spending, p: float, rate: float) -> Array:
    """Log-likelihood of mean values when all members spend alike: the limit of Gamma-Gamma for large q and v."""
    x = of.repeats.values
    shape = p * x
    counted, shapes = of.repeats.dealt(shape * np.log(rate * x) - special.gammaln(shape)), p * of.x
    return np.asarray(counted + (shapes - 1) * of.log_value - rate * of.x * of.value)


def gamma_gamma(h: Histories) -> tuple[Fit, bool] | None:
    """What repeat buyers spend a day, and whether the data show that they differ; none with too few, or all the same amount."""
    some, share = _some(h)
    buys = (some.x > 0) & (some.value > 0)
    x, value = some.x[buys], some.value[buys]
    if len(x) < LEAST_REPEAT or float(value.std()) == 0:
        return None
    unit = float(value.mean())  # the likelihood is searched in units of the mean, whatever the currency
    spending = Spending(x, value / unit)
    fit = maximum(lambda p, q, v: gamma_gamma_each(spending, p, q, v), (2.0, 3.0, 2.0))
    alike = maximum(lambda p, rate: alike_each(spending, p, rate), (2.0, 2.0))
    differ = 2 * (fit.log_likelihood - alike.log_likelihood) > CHI_SQUARE and fit.errors is not None
    p, q, v = fit.parameters
    errors = None if fit.errors is None else (*fit.errors[:2], fit.errors[2] * unit)
    return Fit((p, q, v * unit), (fit.log_likelihood - len(x) * float(np.log(unit))) * share, errors), differ


def expected_orders(h: Histories, parameters: tuple[float, ...], weeks: float) -> Array:
    """Each member's expected days with an order in the coming weeks."""
    r, alpha, a, b = parameters
    if abs(a - 1) < 1e-6:
        a += 1e-6
    reach = alpha + h.t
    z = weeks / (reach + weeks)
    series = special.hyp2f1(r + h.x, b + h.x, a + b + h.x - 1, z)
    ahead = (a + b + h.x - 1) / (a - 1) * (1 - (reach / (reach + weeks)) ** (r + h.x) * series)
    again = np.maximum(h.x, 1)
    odds = np.where(h.x > 0, a / (b + again - 1) * (reach / (alpha + h.t_x)) ** (r + h.x), 0)
    return np.asarray(ahead / (1 + odds))


def expected_value(h: Histories, parameters: tuple[float, ...]) -> Array:
    """Each member's expected value of a day with an order, drawn to the mean the less is known."""
    p, q, v = parameters
    return np.asarray(np.where(h.value > 0, p * (v + h.x * h.value) / (p * h.x + q - 1), p * v / (q - 1)))


def clv(sold: Sales, until: date | None = None) -> dict[str, Any]:
    """Both models and what members are expected to spend in twelve months."""
    if sold.orders.is_empty():
        return {"bg_nbd": None, "gamma_gamma": None, "expected_12_months": None}
    h = histories(sold, until)
    life, spend = bg_nbd(h), gamma_gamma(h)
    total = None
    if life and spend and spend[0].parameters[1] > 1:
        with np.errstate(all="ignore"):
            each = expected_orders(h, life[0].parameters, WEEKS_A_YEAR) * expected_value(h, spend[0].parameters)
        total = float(each.sum()) if np.isfinite(each).all() else None
    told: dict[str, Any] = {"bg_nbd": None, "gamma_gamma": None, "expected_12_months": total}
    if life:
        told["bg_nbd"] = _told(life[0], ("r", "alpha", "a", "b")) | {"dropout_identified": life[1]}
    if spend:
        told["gamma_gamma"] = _told(spend[0], ("p", "q", "v")) | {"differences_identified": spend[1]}
    return told | {"until": (until or sold.last).isoformat(), "members": len(h.x), "repeat": int((h.x > 0).sum())}


def _told(fit: Fit, names: tuple[str, ...]) -> dict[str, Any]:
    errors = None if fit.errors is None else dict(zip(names, fit.errors, strict=True))
    return dict(zip(names, fit.parameters, strict=True)) | {
        "log_likelihood": fit.log_likelihood,
        "standard_errors": errors,
    }
