"""Mangetamain: une page de recettes, assez petite pour montrer le pipeline."""
