#!/usr/bin/env bash
# Compares a release table with the --help of the binaries that were built.
# The table of the test cluster's own release is taken unless another is named.
# Those of the kubelet and of kube-proxy are compared where they are named: in
# the test cluster's own folder, these two are stand-ins that have no help.
#
# Usage: check-help.sh [folder of binaries [table [component...]]]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${1:-$("$here/../build.sh" --print)}
minor=$("$bin/kube-apiserver" --version | sed -E 's/.* v([0-9]+\.[0-9]+).*/\1/')
table=${2:-$here/../../data/releases/$minor.json}
table=$(realpath "$table")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

components=("${@:3}")
((${#components[@]})) || components=(etcd kube-apiserver kube-controller-manager kube-scheduler)

for component in "${components[@]}"; do
    "$bin/$component" --help >"$work/$component.help" 2>&1
done
cd "$here"
GOWORK=off go run ./check "$table" "$work"/*.help
echo "$(basename "$table") agrees with the binaries"
