"""The rules of asking, reminding, escalating and answering: frozen dataclasses and pure functions."""
