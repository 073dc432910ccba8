"""The rules: what a fact is (`fact`), which event makes which facts (`sources`), how they add up (`ledger`); what a
metric is (`metric`, `catalogue`), what may be asked (`question`) and of which time (`period`)."""
