"""An array operation of one's own, np.cumsum, in one class and its row: what test_array_operation adds to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from symback.forms import ATOM, Algebra, Form, Function, Run, Spelled, Spelling, as_form
from symback.functions import register


class CumulativeSum(Form):
    """Running sums along an axis."""

    __slots__ = ()

    @property
    def axis(self) -> int:
        return cast(int, self.data[0])

    @property
    def called(self) -> tuple[str, str] | None:
        return (r"\mathrm{cumsum}", "cumsum") if self.axis == self.ndim - 1 else None

    def spelled(self, args: Sequence[Spelled], s: Spelling) -> Spelled:
        return f"{s.module}.cumsum({args[0][0]}, axis={self.axis})", ATOM

    def evaluated(self, args: Sequence[Any], run: Run) -> Any:
        return np.cumsum(args[0], axis=self.axis)

    def entry(self, at: Sequence[Any], algebra: Algebra) -> Any:
        before, here, after = at[: self.axis], at[self.axis], at[self.axis + 1 :]

        def body(over: Sequence[Any]) -> Any:
            read = algebra.entry(self.args[0], [*before, *over, *after])
            return algebra.where_compared(read, over[0], here, "less_equal")

        return algebra.reduced(self, "sum", [self.shape[self.axis]], body)

    def over_rows(self, args: Sequence[Form], many: Sequence[bool]) -> Form | None:
        return cumulative_sum(args[0], self.axis + 1)


def cumulative_sum(x: Any, axis: int = -1) -> Form:
    form = as_form(x)
    return CumulativeSum._make((form,), (axis % form.ndim,), form.shape)


register(
    Function(
        "cumsum",
        cumulative_sum,
        entrywise=False,
        inline=True,
        parameters={"axis": -1},
        keywords={"dim": "axis"},
        latex=r"\mathrm{cumsum}",
        text="cumsum",
        title="running sums",
        aliases=("np.cumsum", "torch.cumsum"),
    )
)
