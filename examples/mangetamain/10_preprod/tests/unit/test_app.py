"""Tests des réponses du serveur."""

import json
from pathlib import Path

from src.app import VERSION, reponse
from src.version import version


def test_page() -> None:
    """La page nomme le site et le commit en ligne."""
    statut, genre, corps = reponse("/", "PREPROD")
    assert statut == 200
    assert genre.startswith("text/html")
    assert f"Mangetamain {VERSION}" in corps
    assert "PREPROD" in corps


def test_sante() -> None:
    """Le contrôle de santé répond comme celui de Streamlit."""
    statut, _, corps = reponse("/_stcore/health", "PREPROD")
    assert statut == 200
    assert json.loads(corps)["status"] == "ok"


def test_page_inconnue() -> None:
    """Une page inconnue donne 404."""
    assert reponse("/ailleurs", "PREPROD")[0] == 404


def test_version(tmp_path: Path) -> None:
    """La version est le début du SHA que le déploiement a écrit."""
    fichier = tmp_path / "VERSION"
    assert version(fichier) == "local"
    fichier.write_text("acfdb42" + "0" * 33 + "\n")
    assert version(fichier) == "acfdb42"
