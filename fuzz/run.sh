#!/usr/bin/env bash
# Puts every loader to hostile input for SECONDS each; what was found lies in fuzz/artifacts.
# Our code has no `unsafe`: panics, hangs and memory are what is looked for, so no sanitizer is
# needed, and the stable compiler does.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
cache=${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}
version=0.13.2

tools=$cache/tools/cargo-fuzz-$version
[[ -x $tools/bin/cargo-fuzz ]] || CARGO_TARGET_DIR=$cache/target-tools cargo install cargo-fuzz --version "$version" --locked --root "$tools"

export CARGO_TARGET_DIR=$cache/target-fuzz
export RUSTC_BOOTSTRAP=1
targets=$("$tools/bin/cargo-fuzz" list)
"$tools/bin/cargo-fuzz" build --sanitizer none >/dev/null
for target in $targets; do
    mkdir -p "$cache/fuzz-corpus/$target"
    echo "fuzz $target: $seconds s"
    "$tools/bin/cargo-fuzz" run --sanitizer none "$target" "$cache/fuzz-corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -max_len=65536 -verbosity=0 -print_final_stats=0
done
