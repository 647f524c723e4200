"""Le serveur web: la page, et `/_stcore/health` comme le fait Streamlit."""

import json
import os
import signal
import sys
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from src.recettes import classement
from src.version import version

DEBUT = time.monotonic()
# Lue au démarrage: la page dit ce qui tourne, pas ce qui vient d'être copié à côté.
VERSION = version()


def page(site: str) -> str:
    """Compose la page.

    Args:
        site: PREPROD ou PRODUCTION.

    Returns:
        Du HTML, avec le commit en ligne dans le titre.
    """
    lignes = "".join(f"<li>{escape(nom)}: {note}</li>" for nom, note in classement())
    titre = f"Mangetamain {VERSION}"
    return (
        f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{titre}</title>'
        f"<h1>{titre}</h1><p>{escape(site)}</p><ol>{lignes}</ol></html>"
    )


def sante() -> str:
    """Dit que le serveur va bien.

    Returns:
        Du JSON, avec le temps depuis le démarrage en secondes.
    """
    return json.dumps({"status": "ok", "uptime": time.monotonic() - DEBUT})


def reponse(chemin: str, site: str) -> tuple[int, str, str]:
    """Répond à une requête.

    Args:
        chemin: Le chemin demandé.
        site: PREPROD ou PRODUCTION.

    Returns:
        Le statut, le type et le corps.
    """
    if chemin == "/":
        return 200, "text/html; charset=utf-8", page(site)
    if chemin == "/_stcore/health":
        return 200, "application/json", sante()
    return 404, "text/plain; charset=utf-8", "Page inconnue\n"


class Site(BaseHTTPRequestHandler):  # pragma: no cover
    """Sert les réponses par HTTP."""

    def do_GET(self) -> None:
        """Répond à un GET."""
        site = os.environ.get("SITE", "LOCAL")
        statut, genre, corps = reponse(self.path, site)
        octets = corps.encode()
        self.send_response(statut)
        self.send_header("Content-Type", genre)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)


def main() -> None:  # pragma: no cover
    """Démarre le serveur; SIGTERM l'arrête aussitôt."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ.get("PORT", "8501"))
    ThreadingHTTPServer(("", port), Site).serve_forever()


if __name__ == "__main__":  # pragma: no cover
    main()
