"""Campaigns: long runs of what the suite tries in small.

``pytest -m campaign`` runs them; the suite runs the same functions with a smaller count. What they found last stands in
docs/campaigns.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

Test = Callable[..., None]


def campaign(sample: int, whole: int) -> Callable[[Test], Test]:
    """Give a test its ``count``: a small one in the suite, a large one in a campaign."""
    return pytest.mark.parametrize(
        "count",
        [pytest.param(sample, id="sample"), pytest.param(whole, id="campaign", marks=pytest.mark.campaign)],
    )


def tried(sample: int, whole: int, *strategies: SearchStrategy[Any]) -> Callable[[Test], Test]:
    """Make a test of a property of random values: always the same ones in the suite, others in each campaign."""

    def of(held: Test) -> Test:
        @campaign(sample, whole)
        def test(count: int) -> None:
            chosen = settings(
                max_examples=count,
                deadline=None,
                derandomize=count == sample,
                suppress_health_check=list(HealthCheck),
            )
            chosen(given(*strategies)(held))()

        test.__name__, test.__doc__, test.__module__ = held.__name__, held.__doc__, held.__module__
        return test

    return of
