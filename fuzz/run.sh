#!/usr/bin/env bash
# Puts every loader to hostile input for SECONDS each; what was found lies in fuzz/artifacts.
#
# Usage: run.sh [SECONDS [SEED]]. With a seed each run walks the same way, from the committed seeds
# alone: what CI does. Without one it goes on from what earlier runs have found.
#
# Our code has no `unsafe`: panics, hangs and memory are what is looked for, so no sanitizer is
# needed, and the stable compiler does.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
seed=${2:-0}
cache=${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}
version=0.13.2

tools=$cache/tools/cargo-fuzz-$version
[[ -x $tools/bin/cargo-fuzz ]] || CARGO_TARGET_DIR=$cache/target-tools cargo install cargo-fuzz --version "$version" --locked --root "$tools"

export CARGO_TARGET_DIR=$cache/target-fuzz
export RUSTC_BOOTSTRAP=1
"$tools/bin/cargo-fuzz" build --sanitizer none
binaries=$CARGO_TARGET_DIR/$(rustc -vV | sed -n 's/^host: //p')/release
failed=()
corpus=$cache/fuzz-corpus
if ((seed)); then
    corpus=$(mktemp -d)
    trap 'rm -rf "$corpus"' EXIT
fi
for target in $("$tools/bin/cargo-fuzz" list); do
    mkdir -p "$corpus/$target" "fuzz/artifacts/$target"
    echo "fuzz $target: $seconds s"
    # The binary itself: `cargo fuzz run` would build everything anew with other flags.
    "$binaries/$target" "$corpus/$target" "fuzz/seeds/$target" -seed="$seed" \
        -artifact_prefix="fuzz/artifacts/$target/" -max_total_time="$seconds" -rss_limit_mb=2048 \
        -timeout=20 -max_len=65536 -verbosity=0 || failed+=("$target")
done
if ((${#failed[@]})); then
    echo "fuzz: ${failed[*]} failed; what did it lies in fuzz/artifacts" >&2
    exit 1
fi
