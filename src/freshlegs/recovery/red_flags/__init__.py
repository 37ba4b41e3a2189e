"""When to see somebody: a fixed, readable table of rules, not learned and not weighed (science I.7).

Each rule says on which days it holds. It stays open until ``checked_by_doctor`` is entered on that day or
later, and a check answers the same spell for ``answered_d`` days. An emergency is said all the day on which it is
entered. Findings that everyday life meets inform and change nothing. A rule looks back from a day, never ahead.
"""

from freshlegs.recovery.red_flags.finding import Flag, find
from freshlegs.recovery.red_flags.held import age, infections, without_period
from freshlegs.recovery.red_flags.rules import CRISIS_LINE, EMERGENCY_NUMBER, URGENCIES

__all__ = ["CRISIS_LINE", "EMERGENCY_NUMBER", "URGENCIES", "Flag", "age", "find", "infections", "without_period"]
