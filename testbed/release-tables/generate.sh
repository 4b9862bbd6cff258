#!/usr/bin/env bash
# Writes the release tables, data/releases/<minor>.json, from the modules of
# each minor. Every release in releases/ is read, or only the minors named.
#
# Leaves: the tables; and nothing where one cannot be made.
# Usage: generate.sh [minor...]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tables=$here/../../data/releases
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here"

components=(etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubelet)

build() { # minor, package, program
    GOWORK=off CGO_ENABLED=0 go build -modfile="releases/$1.mod" -mod=readonly \
        -buildvcs=false -trimpath -ldflags "$link_flags" -o "$3" "$2"
}

# Refuses a default that the component takes from the machine it runs on. None
# of these releases has one; one that has would need a word for it in the table.
same_elsewhere() { # program, what it printed here
    local elsewhere=(unshare --map-root-user --uts --net)
    "${elsewhere[@]}" true 2>/dev/null || return 0 # not allowed to, here
    "${elsewhere[@]}" sh -c 'hostname elsewhere; ip link set lo up; ip addr add 192.0.2.7/24 dev lo
        HOME=/none TMPDIR=/var/tmp GOMAXPROCS=1 exec "$0"' "$1" | cmp - "$2"
}

generate() { # minor
    local minor=$1 version link_flags component parts=()
    version=$(go list -modfile="releases/$minor.mod" -m -f '{{.Version}}' k8s.io/kubernetes)
    link_flags="-s -w $(../kubernetes-version-flags.sh "$version")"
    for component in "${components[@]}"; do
        echo "release table $minor: $component" >&2
        build "$minor" "./component/$component" "$work/read"
        "$work/read" >"$work/$component.json"
        same_elsewhere "$work/read" "$work/$component.json"
        parts+=("$work/$component.json")
    done
    build "$minor" ./join "$work/join"
    "$work/join" "${parts[@]}" >"$work/$minor.json"
    mkdir -p "$tables"
    mv "$work/$minor.json" "$tables/$minor.json"
}

minors=("$@")
if ((${#minors[@]} == 0)); then
    for file in releases/*.mod; do
        file=${file##*/}
        minors+=("${file%.mod}")
    done
fi
for minor in "${minors[@]}"; do generate "$minor"; done
