#!/bin/sh
# Makes a Debian machine fit for the world's real-engine tests: the engine, Compose v1 and a
# static busybox from the machine's own sources, and Compose v2 from Debian trixie, taken out of
# its package without installing it. Run as root; doing it twice changes nothing.
# The v2 binary is kept OUT of Docker's system-wide plugin folders: tests switch it on through
# DOCKER_CONFIG, so that one machine can be tested with v1 only and with v2.
set -eu

plugin=/usr/local/lib/mangetamain-world/cli-plugins/docker-compose
suite=trixie

need() {
    missing=''
    for pair in dockerd:docker.io docker-compose:docker-compose busybox:busybox-static \
        iptables:iptables; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
    done
    [ -z "$missing" ] && return 0
    apt-get update
    # shellcheck disable=SC2086  # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

# The mirror this machine already uses for Debian itself, whatever it is.
mirror() {
    apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL)' 2>/dev/null |
        awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }'
}

compose_v2() {
    [ -x "$plugin" ] && return 0
    site=$(mirror)
    [ -n "$site" ] || { echo "no Debian mirror in this machine's apt sources" >&2; return 1; }
    root=$(mktemp -d)
    chmod 755 "$root" # apt downloads as its own user
    trap 'rm -rf "$root"' EXIT
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/get" "$root/out"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$site" \
        "$suite" /usr/share/keyrings/debian-archive-keyring.gpg >"$root/world.sources"
    set -- -q -o APT::Sandbox::User=root -o "Dir::State::Lists=$root/lists" -o "Dir::Cache=$root/cache" \
        -o "Dir::Etc::SourceList=$root/world.sources" -o Dir::Etc::SourceParts=/dev/null
    apt-get "$@" update
    (cd "$root/get" && apt-get "$@" download docker-compose)
    dpkg-deb -x "$root"/get/docker-compose_*.deb "$root/out"
    install -D -m 755 "$root/out/usr/libexec/docker/cli-plugins/docker-compose" "$plugin"
}

[ "$(id -u)" = 0 ] || { echo 'run me as root' >&2; exit 1; }
need
compose_v2
"$plugin" docker-cli-plugin-metadata | grep -q '"Version"' && echo "Compose v2: $plugin"
