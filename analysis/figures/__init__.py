"""One module per figure: ``draw(...)`` returns a matplotlib Figure, ``caption(...)`` its text."""
