# Sourced: the tools that make packages, each at one version. No package of its own.
# shellcheck shell=bash

# packager NAME: a sub-command of cargo, installed if it is not there; some minutes, once.
packager() {
    local version
    case $1 in
        deb) version=3.8.0 ;;
        generate-rpm) version=0.21.1 ;;
        cyclonedx) version=0.5.9 ;;
    esac
    [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo-$1 ]] || cargo install --quiet --locked "cargo-$1@$version"
}
