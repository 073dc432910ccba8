"""The rules: what a fact is (`fact`), what it measures (`kinds`), which event makes which (`sources`); what a metric
is (`metric`, `catalogue`), what may be asked (`question`) and of which time (`period`)."""
