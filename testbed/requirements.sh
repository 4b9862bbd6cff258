#!/usr/bin/env bash
# Installs what the tests need beside Rust and Go, from Debian's packages, where it is missing.
set -euo pipefail

# command:package
needed=(ip:iproute2 unshare:util-linux nsenter:util-linux curl:curl c++:g++ zstd:zstd valgrind:valgrind jq:jq python3:python3 strace:strace)

missing=()
for entry in "${needed[@]}"; do
    command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
done
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
    sudo=()
    ((EUID == 0)) || sudo=(sudo)
    echo "installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

for tool in cargo go; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing: install it first" >&2
        exit 2
    }
done
