"""Tests du classement."""

from src.recettes import classement, moyenne


def test_moyenne() -> None:
    """La moyenne est arrondie à une décimale."""
    assert moyenne([5, 4, 5]) == 4.7


def test_moyenne_sans_note() -> None:
    """Sans note, la moyenne est nulle."""
    assert moyenne([]) == 0


def test_classement() -> None:
    """La mieux notée vient d'abord."""
    assert [nom for nom, _ in classement()][0] == "Tarte Tatin"
