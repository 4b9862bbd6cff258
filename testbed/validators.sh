#!/usr/bin/env bash
# Installs what others validate the outputs by, pinned, outside the tree; does nothing where it is.
#
# Leaves in $KUBERLOCK_CACHE/validators-VERSION: `bin/python` with junitparser, prometheus-client,
# py-ocsf-models and jsonschema; `sarif.json`, the schema of SARIF 2.1.0; `crd/`, the definitions of
# OpenReports and PolicyReport. Prints that folder with --print.
set -euo pipefail

version=1
folder=${KUBERLOCK_CACHE:-$HOME/.cache/kuberlock}/validators-$version
if [[ ${1:-} == --print ]]; then
    echo "$folder"
    exit
fi
[[ -e $folder/complete ]] && exit

echo "installing the validators of outputs"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check \
    junitparser==5.0.3 prometheus-client==0.26.0 py-ocsf-models==0.10.0 jsonschema==4.25.1 \
    PyYAML==6.0.3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The crate holds the schema as OASIS published it.
mkdir -p "$work/src"
touch "$work/src/lib.rs"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "schema"
version = "0.0.0"
edition = "2024"
[dependencies]
serde-sarif = "=0.8.0"
[workspace]
TOML
cargo metadata --quiet --format-version 1 --manifest-path "$work/Cargo.toml" >"$work/metadata"
manifest=$("$folder/bin/python" -c '
import json, sys
packages = json.load(open(sys.argv[1]))["packages"]
print(next(p["manifest_path"] for p in packages if p["name"] == "serde-sarif"))' "$work/metadata")
cp "$(dirname "$manifest")/src/schema.json" "$folder/sarif.json"

module() {
    (cd "$work" && GOFLAGS=-mod=mod GONOSUMDB='*' go mod download -json "$1") |
        "$folder/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'
}
mkdir "$folder/crd"
cp "$(module github.com/openreports/reports-api@v0.2.1)"/config/crd/*.yaml "$folder/crd/"
cp "$(module github.com/kyverno/kyverno@v1.13.0)"/config/crds/policyreport/*.yaml "$folder/crd/"
chmod -R u+w "$folder/crd"
touch "$folder/complete"
