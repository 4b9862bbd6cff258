#!/usr/bin/env bash
# Builds kube-bench from its Go module, where it is missing, and prints its path.
#
# Enters: the Go module beside this file. Leaves:
# ${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}/kube-bench/<version>_r1/kube-bench. Holds: the file is
# whole, for it is built under another name and then moved; it is apart from the test cluster's
# binaries, so that neither is built anew for the other.
#
# Usage: build.sh           build, then print the path
#        build.sh --print   only print it
set -euo pipefail
export GOWORK=off

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's|.*github.com/aquasecurity/kube-bench v\([^ ]*\).*|\1|p' "$here/go.mod")
folder=${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}/kube-bench/${version}_r1
binary=$folder/kube-bench

if [[ ${1-} != --print && ! -x $binary ]]; then
    command -v go >/dev/null || { echo "kube-bench: Go is needed to build it" >&2; exit 2; }
    mkdir -p "$folder"
    exec 9>"$folder/lock"
    flock 9
    if [[ ! -x $binary ]]; then
        began=$SECONDS
        (cd "$here" && env -u GOOS -u GOARCH CGO_ENABLED=0 go build -mod=readonly -buildvcs=false \
            -trimpath -ldflags '-s -w' -o "$folder/.part" github.com/aquasecurity/kube-bench)
        mv "$folder/.part" "$binary"
        echo "kube-bench: $((SECONDS - began)) s" >&2
    fi
fi
echo "$binary"
