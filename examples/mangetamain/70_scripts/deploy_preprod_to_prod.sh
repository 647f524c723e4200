#!/bin/sh
# Installe dans 20_prod le 10_preprod du commit que git a posé dans ce même clone. À côté d'abord, puis
# par renommage: ce qui tourne a déjà lu ses fichiers, et peut être relancé à tout moment.
set -eu
cd "$(dirname "$0")/.."
rm -rf 20_prod/.nouveau
mkdir 20_prod/.nouveau
cp -a 10_preprod/src 10_preprod/tests 10_preprod/pyproject.toml 10_preprod/.flake8 20_prod/.nouveau/
git rev-parse HEAD > 20_prod/.nouveau/VERSION
for nom in src tests pyproject.toml .flake8 VERSION; do
    rm -rf "20_prod/$nom"
    mv "20_prod/.nouveau/$nom" "20_prod/$nom"
done
rmdir 20_prod/.nouveau
echo "20_prod: $(cut -c 1-7 20_prod/VERSION)"
