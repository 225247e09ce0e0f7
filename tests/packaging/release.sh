#!/usr/bin/env bash
# Makes a release, looks at what it gives away, makes it again in another folder, and has a new user try it (acceptance.sh).
source "$(dirname "$0")/prepare.sh"
needs objdump binutils
needs aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
[[ -e /usr/aarch64-linux-gnu/include/stdio.h ]] || needs "no C library for aarch64" libc6-dev-arm64-cross
python_with tests/packaging/manifests.txt
with_helm
deploy/release.sh

say "what the binaries give away"
for built in target/*-unknown-linux-gnu/release/replication_exporter; do
    for path in "$PWD" "${CARGO_HOME:-$HOME/.cargo}"; do
        ! strings -n 8 "$built" | grep -F "$path" || fail "$built names $path"
    done
    [[ -z $(nm "$built" 2>/dev/null) ]] || fail "$built has symbols"
done

say "the same bytes from another folder"
other=$work/another/folder
mkdir -p "$other"
git ls-files -z | tar --null -T - -c | tar -C "$other" -x
# There is no .git.
REVISION=$(git rev-parse --short=12 HEAD) SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) "$other/deploy/release.sh" x86_64 >"$work/release" 2>&1 ||
    { tail -n 20 "$work/release"; fail "the second build"; }
for file in "$other"/target/dist/*; do
    [[ ${file##*/} == SHA256SUMS || ${file##*/} == NOT-MADE.txt ]] || cmp "$file" "target/dist/${file##*/}" || fail "${file##*/} differs"
done

bash tests/packaging/acceptance.sh target/dist/*_amd64.deb target/dist/*.x86_64.rpm
