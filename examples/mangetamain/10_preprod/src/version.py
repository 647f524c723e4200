"""Le commit en ligne, tel que le déploiement l'a écrit."""

from pathlib import Path

FICHIER = Path(__file__).parent.parent / "VERSION"


def version(fichier: Path = FICHIER) -> str:
    """Lit le SHA du commit en ligne.

    Args:
        fichier: Écrit par le déploiement, absent sur un poste de travail.

    Returns:
        Les sept premiers chiffres du SHA, ou "local".
    """
    if not fichier.exists():
        return "local"
    return fichier.read_text(encoding="ascii").strip()[:7]
