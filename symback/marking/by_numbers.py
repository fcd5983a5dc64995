"""Verdicts from numbers alone: what was written beside what is right, at several points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from symback.marking.points import gap
from symback.marking.report import Difference, Verdict

_MOST_SHOWN = 3


class Compared(NamedTuple):
    """Two arrays that should be alike, at one point."""

    claimed: np.ndarray
    right: np.ndarray
    entries: tuple[tuple[int, ...], ...] | None
    """The entries of ``right`` that are known; None for all."""
    tolerance: Any
    rows: int | None
    given: bool


def judged_by_numbers(
    verdict: Verdict,
    compared: Sequence[Compared],
    table: Mapping[str, str],
    own_rows: int | None = None,
) -> Verdict:
    """Return the verdict that numbers alone give; ``own_rows`` is the size of the code's own batch."""
    differences: list[Difference] = []
    kinks: list[Difference] = []
    for one in compared:
        claimed, right = one.claimed, one.right
        if claimed.shape != right.shape and claimed.size == right.size == 1:
            claimed = claimed.reshape(right.shape)
        if claimed.shape != right.shape:
            message = table["mark shape"].format(
                name=verdict.name, shape=_shape(claimed), variable=verdict.variable, expected=_shape(right), place=""
            )
            return _said(verdict, "shape", message, (), table)
        entries = list(np.ndindex(right.shape)) if one.entries is None else one.entries
        if one.entries is None:
            error, _ = gap(claimed, right)
            wrong = error > one.tolerance
        else:
            wrong = any(not abs(claimed[e] - right[e]) <= one.tolerance[e] for e in entries)
        if wrong:
            entry = max(entries, key=lambda e: _size(claimed[e] - right[e]))
            found = Difference(tuple(map(int, entry)), float(claimed[entry]), float(right[entry]), one.rows, one.given)
            (kinks if one.given else differences).append(found)
    randoms = any(not c.given for c in compared)
    if not differences and (not kinks or randoms):
        return replace(
            _said(verdict, "agrees", table["mark agrees"].format(name=verdict.name), (), table),
            note="kink" if kinks else verdict.note,
        )
    shown = (*differences, *kinks)[:_MOST_SHOWN]
    only, slip, ratio = "", *_ratio(compared)
    message = table["mark wrong"].format(name=verdict.name, place="")
    if slip is not None:
        key = f"mark slip {slip}" + (" ratio" if slip == "constant_factor" else "")
        message += " " + table[key].format(
            ratio="" if ratio is None else f"{ratio:.6g}",
            size="n",
            variable=verdict.variable,
            factor="",
            written="",
            meant="",
        )
    if own_rows is not None and all(d.rows is not None for d in shown) and any(c.rows is None for c in compared):
        only = f"batch {own_rows}"
        message += " " + table["mark only batch 1" if own_rows == 1 else "mark only batch"].format(rows=own_rows)
    return replace(_said(replace(verdict, only=only), "wrong", message, shown, table), slip=slip, ratio=ratio)


def _ratio(compared: Sequence[Compared]) -> tuple[str | None, float | None]:
    """Return the slip that shows in numbers alone, a constant factor, and the factor."""
    ratios: list[tuple[float, int | None]] = []
    for one in compared:
        claimed, right = one.claimed.reshape(one.right.shape), one.right
        entries = list(one.entries) if one.entries is not None else list(np.ndindex(right.shape))
        largest = max(entries, key=lambda e: _size(right[e]))
        if not right[largest] or not np.isfinite(claimed[largest]):
            return None, None
        ratio = float(claimed[largest] / right[largest])
        size = abs(float(right[largest]))
        if not ratio or any(abs(claimed[e] - ratio * right[e]) > 1e-5 * abs(ratio) * size for e in entries):
            return None, None
        ratios.append((ratio, one.rows))

    def alike(values: Sequence[float]) -> bool:
        return all(abs(v - values[0]) <= 1e-5 * abs(values[0]) for v in values)

    wider = [(r, n) for r, n in ratios if n is not None]
    if len({n for _, n in wider}) > 1:
        for slip, factors in (
            ("missing_mean", [r / n for r, n in wider if n]),
            ("extra_mean", [r * n for r, n in wider if n]),
        ):
            if alike(factors) and abs(factors[0] - 1) < 1e-4:
                return slip, None
    if not alike([r for r, _ in ratios]):
        return None, None
    ratio = round(ratios[0][0], 6)
    return {-1.0: "sign", 0.5: "missing_two", 2.0: "missing_half"}.get(ratio, "constant_factor"), ratio


def _said(
    verdict: Verdict, status: str, message: str, points: tuple[Difference, ...], table: Mapping[str, str]
) -> Verdict:
    if points:
        point = points[0]
        where = "mark where given" if point.given else "mark where random" if point.rows is None else "mark where rows"
        key = "mark differs" if point.entry else "mark differs number"
        message += "\n" + table[key].format(
            entry=f"[{', '.join(map(str, point.entry))}]",
            claimed=f"{point.claimed:.6g}",
            correct=f"{point.right:.6g}",
            where=table[where].format(rows=point.rows),
        )
    if status == "agrees":
        verdict = replace(verdict, right="", right_latex="", factor="", record=None)
    if verdict.right and status in ("wrong", "shape"):
        message += "\n" + table["mark right"].format(right=verdict.right)
    return replace(verdict, status=status, message=message, points=points, slip=None, executed=True)


def _shape(array: np.ndarray) -> str:
    return str(tuple(int(s) for s in array.shape))


def _size(value: Any) -> float:
    return abs(float(value)) if np.isfinite(value) else float("inf")


__all__ = ["Compared", "judged_by_numbers"]
