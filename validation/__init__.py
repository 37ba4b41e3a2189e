"""How far the forecast and the verdict can be trusted, measured on real people's diaries: ``python -m validation``.

Nothing of a person is kept here, only what was computed about all of them. The folder with the diaries is not part of
the project; see `validation.people`.
"""
