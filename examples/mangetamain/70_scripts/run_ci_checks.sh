#!/bin/sh
# Les contrôles du CI, sur ce poste: ./70_scripts/run_ci_checks.sh preprod|prod
set -eu
case "${1:-}" in
    preprod) dossier=10_preprod ;;
    prod) dossier=20_prod ;;
    *)
        echo "usage: $0 preprod|prod" >&2
        exit 2
        ;;
esac
cd "$(dirname "$0")/../$dossier"
if [ ! -d src ]; then
    echo "$dossier est vide dans ce clone: 70_scripts/deploy_preprod_to_prod.sh y installe le 10_preprod du commit" >&2
    echo "en place, comme le fait une mise en production. Avant cela: $0 preprod, c'est le même code." >&2
    exit 2
fi
uv run flake8 src tests
uv run black --check src tests
uv run pydocstyle src
uv run mypy src || echo "mypy: avertissement, ne bloque pas"
uv run pytest tests -v --cov=src --cov-report=html --cov-fail-under=90
echo "✓ $dossier: tous les contrôles passent"
