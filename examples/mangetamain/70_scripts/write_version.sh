#!/bin/sh
# Écrit le commit en ligne dans le dossier courant; l'application le montre dans sa page.
set -eu
git rev-parse HEAD > VERSION.nouveau
mv VERSION.nouveau VERSION
