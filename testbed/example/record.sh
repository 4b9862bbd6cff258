#!/usr/bin/env bash
# Records the example cluster anew: examples/cluster, from workloads/ and nodes/ beside this file.
#
# Enters: KUBERLOCK, the kuberlock binary that collects; built here when it is not given.
# Leaves: a snapshot in examples/cluster, or where --out says; with --objects DIR also the
#         objects as `kubectl get -o yaml` shows them.
# Holds:  nothing is replaced unless everything was recorded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

testbed/build.sh >/dev/null
if [[ -z ${KUBERLOCK-} ]]; then
    cargo build --quiet --locked --release --bin kuberlock
    KUBERLOCK=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/kuberlock
    export KUBERLOCK
fi
exec cargo run --quiet --locked -p kuberlock-testbed --bin record-example -- "$@"
