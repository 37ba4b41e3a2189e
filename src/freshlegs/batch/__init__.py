"""The same verdict over a whole population: one kernel, and an adapter a few lines long for each engine.

``kernel``: whole athletes in, declared tables out, pure. ``local``: a laptop, all cores, bounded memory.
``spark``: a cluster that exists already; PySpark is imported there and nowhere else.
"""
