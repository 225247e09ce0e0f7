#!/usr/bin/env bash
# Makes all that a release consists of, in target/dist: for each architecture an archive, a deb and an rpm; the chart, rules and
# dashboards, a list of components (SBOM), checksums.
#   deploy/release.sh             x86_64 and aarch64
#   deploy/release.sh x86_64      these alone
# The same source and the same compiler give the same bytes, wherever the folder is: times are the commit's. What cannot be made
# here is said, and stands in target/dist/NOT-MADE.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
source deploy/packagers.sh
architectures=("${@:-x86_64}")
(($#)) || architectures+=(aarch64)

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
export REVISION=${REVISION:-$(git rev-parse --short=12 HEAD)}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
readonly target=$PWD/target dist=$PWD/target/dist
export CARGO_TARGET_DIR=$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$dist"
mkdir -p "$dist"

say() { echo "--- $*"; }
not_made() { echo "not made: $*" | tee -a "$dist/NOT-MADE.txt"; }
# archive FILE: of the folders and files in $work/archive, which go.
archive() {
    tar -C "$work/archive" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=go=rX,u=rwX -c . |
        gzip -n9 >"$dist/$1"
    rm -rf "$work/archive"
}

say "manual pages and completions"
cargo run --quiet --locked --example manual -- "$target/release/manual"

# build ARCHITECTURE: its binary, archive and packages.
build() {
    local triple=$1-unknown-linux-gnu built root=$work/archive/replication_exporter-$version-linux-$1 glibc
    built=$target/$triple/release
    if [[ $1 == aarch64 && $(uname -m) != aarch64 ]]; then
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
        command -v aarch64-linux-gnu-gcc >/dev/null || { not_made "$1: the package gcc-aarch64-linux-gnu is missing"; return; }
    fi
    rustup target add "$triple" 2>/dev/null || [[ $(uname -m) == "$1" ]] || { not_made "$1: no standard library of $triple"; return; }
    say "$1"
    deploy/build.sh --target "$triple"
    rm -rf "$built/manual"
    cp -r "$target/release/manual" "$built/manual"

    install -D -t "$root" "$built/replication_exporter"
    cp -r "$built/manual" LICENSE README.md CHANGELOG.md config.example.toml docs deploy/systemd deploy/web-config.example.yml "$root"
    archive "replication_exporter-$version-linux-$1.tar.gz"

    cargo deb --quiet --no-build --no-strip --target "$triple" -o "$dist/"
    # What the binary asks for at most, and what the scripts call.
    glibc=$(objdump -T "$built/replication_exporter" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
    cargo generate-rpm --auto-req disabled --target "$triple" --source-date "$SOURCE_DATE_EPOCH" -o "$dist/" \
        --set-metadata "requires = { glibc = '>= ${glibc#GLIBC_}', ca-certificates = '*', '/usr/sbin/useradd' = '*' }"
}
packager deb
packager generate-rpm
for architecture in "${architectures[@]}"; do build "$architecture"; done

say "components"
packager cyclonedx
cargo cyclonedx --quiet --format json --target all --override-filename sbom
# Where it was built is nobody's business, and differs.
sed "s|$PWD|/build|g" sbom.json >"$dist/replication_exporter-$version.cdx.json"
rm sbom.json

say "rules and dashboards"
mkdir -p "$work/archive/replication_exporter-$version-monitoring"
cp -r deploy/prometheus deploy/grafana deploy/alertmanager docs/runbooks "$work/archive/replication_exporter-$version-monitoring"
archive "replication_exporter-$version-monitoring.tar.gz"

say "chart"
if command -v "${HELM:=helm}" >/dev/null; then
    "$HELM" package deploy/kubernetes/helm/replication-exporter -d "$work" >/dev/null 2>&1
    # Again, without the time of day in it.
    mkdir "$work/archive"
    tar -C "$work/archive" -xf "$work/replication-exporter-$version.tgz"
    archive "replication-exporter-$version.tgz"
else
    not_made "the chart: helm is missing"
fi

(cd "$dist" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
cat "$dist/SHA256SUMS"
