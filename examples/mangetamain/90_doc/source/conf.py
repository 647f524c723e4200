"""Configuration de Sphinx."""

project = "Mangetamain"
language = "fr"
extensions = ["myst_parser"]
html_theme = "sphinx_rtd_theme"
