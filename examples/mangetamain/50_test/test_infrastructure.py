"""Tests d'infrastructure: ce que le code ne peut pas savoir de lui-même."""

import os
import urllib.request
from pathlib import Path

import pytest

DOCKER = Path(__file__).parent.parent / "30_docker"


@pytest.mark.parametrize("site", ["preprod", "prod"])
def test_compose(site: str) -> None:
    """Chaque site s'arrête vite et a son nom de service."""
    texte = (DOCKER / f"docker-compose-{site}.yml").read_text(encoding="utf-8")
    assert "init: true" in texte
    assert f"\n  {site}:\n" in texte


def test_stockage() -> None:
    """Le stockage S3 répond."""
    url = os.environ.get("S3_ENDPOINT_URL")
    assert url, "le secret S3_ENDPOINT_URL manque"
    with urllib.request.urlopen(url, timeout=10) as reponse:
        assert reponse.status < 500


def test_duckdb() -> None:
    """Une requête SQL passe par DuckDB, là où il est installé."""
    duckdb = pytest.importorskip("duckdb")
    notes = duckdb.sql("SELECT avg(note) FROM (VALUES (4), (5)) AS t(note)")
    assert notes.fetchone() == (4.5,)
