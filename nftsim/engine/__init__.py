"""The simulator: a model is compiled to a plan of plain arrays, which one program advances."""
