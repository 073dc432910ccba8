"""Whether customers come again: what a contact is among its customer's others.

A contact is a repeat when its customer had come within the window before it, about anything. It settled its topic at
first when its customer does not come about the same topic within the window after it; until that is over, it may still
turn out otherwise. What the centre dials itself is no coming again.
"""

from __future__ import annotations

WINDOW_DAYS = 7
"""Changing it needs new versions of the metrics, and every contact judged anew."""
