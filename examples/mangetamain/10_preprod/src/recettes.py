"""Les recettes et leurs notes."""

RECETTES: dict[str, list[int]] = {
    "Ratatouille": [5, 4, 5],
    "Blanquette": [4, 4, 3],
    "Tarte Tatin": [5, 5],
}


def moyenne(notes: list[int]) -> float:
    """Calcule la moyenne des notes, arrondie à une décimale.

    Args:
        notes: Les notes, de 0 à 5; une liste vide donne 0.

    Returns:
        La moyenne arrondie.
    """
    if not notes:
        return 0.0
    return round(sum(notes) / len(notes), 1)


def classement() -> list[tuple[str, float]]:
    """Classe les recettes, la mieux notée d'abord.

    Returns:
        Les noms et leurs moyennes.
    """
    notees = [(nom, moyenne(notes)) for nom, notes in RECETTES.items()]
    return sorted(notees, key=lambda recette: (-recette[1], recette[0]))
