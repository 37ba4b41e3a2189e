"""Issue 5: on the made runner, following the advice in the simulation ends the excessive state sooner."""

import pytest
from validation.advice import compare, summed


@pytest.mark.slow
def test_the_proposal_ends_the_simulated_state_sooner() -> None:
    found = summed(compare(seed=7))
    assert found["excessive_at_start"] == 1.0
    low, high = found["fewer_days_interval"]
    assert 1.5 < low < found["fewer_days"] < high < 12.0
    assert found["proposal_out_28"] > found["plan_out_28"] + 0.1
