"""Fuzzers of every reader: ``python -m fuzz``, or ``make fuzz SECONDS=3600``.

What must hold stands in `fuzz.invariant`, what they begin with in `fuzz.seeds`, how files are changed in
`fuzz.mutation` and by atheris, which keeps what reaches new code. Nothing here is part of the package.
"""
