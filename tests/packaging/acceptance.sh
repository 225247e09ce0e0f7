#!/usr/bin/env bash
# What a new user does, from a Debian with nothing in it: the deb, `init` against an address, `doctor`, Prometheus with the rules of the
# package, until a page arrives. Then the rpm, by rpm without its dependencies, in such a Debian too: files, user, unit, `doctor`; it is
# not tried on a distribution of its own.
#   acceptance.sh DEB RPM
source "$(dirname "$0")/prepare.sh"
[[ $# == 2 ]] || { echo "usage: ${0##*/} DEB RPM"; exit 2; }
deb=$(cd "$caller" && realpath "$1") rpm=$(cd "$caller" && realpath "$2")
[[ $(id -u) == 0 ]] || skip "installing a package needs root"
needs rpm rpm
needs promtool prometheus
needs amtool prometheus-alertmanager
needs python3 python3
bookworm_root
python_with tests/alerts/requirements.txt

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
as_service() { inside setpriv --reuid replication_exporter --regid replication_exporter --init-groups "$@"; }
fresh() {
    root=$work/$1
    mkdir "$root"
    tar -C "$root" -xf "$bookworm"
    # The host's way to Debian's packages, if it is a Debian.
    cp /etc/resolv.conf "$root/etc/"
}
# Simulated arrays, by the installed program itself; their credentials are in $root/tmp/arrays.
simulate() {
    inside replication_exporter simulate --scenario data-at-risk --listen 127.0.0.1:0 --config.out /tmp/arrays/config.toml \
        >"$work/simulate" 2>&1 &
    finally "kill $! 2>/dev/null; wait $! 2>/dev/null"
    wait_for 30 grep -q '^configuration: ' "$work/simulate"
}
# told ARRAY KEY: what the simulator says of an array.
told() {
    "$venv/bin/python" -c '
import sys, tomllib
sections = tomllib.load(open(sys.argv[1], "rb")).values()
array = next(array for section in sections if isinstance(section, list) for array in section if array["name"] == sys.argv[2])
print(array.get(sys.argv[3], ""))' "$root/tmp/arrays/config.toml" "$1" "$2"
}
# The administrator's part for an array: what `init` writes of its address, the user that there is, and the secret where it belongs.
introduce() {
    local config=$root/etc/replication_exporter ending=password
    [[ -z $(told "$1" token_file) ]] || ending=token
    inside replication_exporter init "$(told "$1" url)" --name "$1" >"$work/section" || fail "init of $1"
    # A user and a password where there is no token, and the user's own name.
    [[ $ending == token ]] || sed -i "s|^token_file = .*|username = \"\"\npassword_file = \"$1.password\"|" "$work/section"
    sed "s|^username = .*|username = \"$(told "$1" username)\"|" "$work/section" >>"$config/config.toml"
    cp "$root/$(told "$1" "${ending}_file")" "$config/$1.$ending"
    chgrp --reference="$config/config.toml" "$config/$1.$ending"
    chmod 0640 "$config/$1.$ending"
}
doctor() {
    as_service replication_exporter doctor >"$work/doctor" || { cat "$work/doctor"; fail "doctor"; }
    say "doctor: $(grep -c '^ *ok ' "$work/doctor") fine, $(grep -c '^ *warn' "$work/doctor" || true) warned about"
}

say "the deb"
fresh deb
cp "$deb" "$root/tmp/new.deb"
inside apt-get update -qq >"$work/apt" 2>&1 && inside apt-get install -y -qq --no-install-recommends /tmp/new.deb >>"$work/apt" 2>&1 ||
    { tail -n 20 "$work/apt"; fail "apt-get install"; }
inside replication_exporter --version
simulate
for array in nyc-prod sfo-dr k2-ams k2-fra em1; do introduce "$array"; done
inside install -d -o replication_exporter -g replication_exporter -m 0750 /var/lib/replication_exporter
doctor
as_service env REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 replication_exporter >"$work/exporter" 2>&1 &
finally "kill $! 2>/dev/null; wait $! 2>/dev/null"
finally "[[ \$status == 0 ]] || tail -n 20 $work/exporter"
wait_for 30 port_said "$work/exporter" >/dev/null
as_service env REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS="127.0.0.1:$(port_said "$work/exporter")" replication_exporter healthcheck
PYTHONPATH=tests/alerts "$venv/bin/python" tests/packaging/page.py \
    "$root/usr/share/doc/replication-exporter/examples" "127.0.0.1:$(port_said "$work/exporter")" "$work/stack"

say "the rpm"
rpm() { command rpm --force-debian --root "$root" "$@"; }
fresh rpm
rpm -i --nodeps "$rpm"
inside replication_exporter --version
# Everything is as packaged: sizes, digests, modes, owners.
rpm -V --nodeps replication-exporter || fail "rpm -V"
expect "configuration" "$(inside stat -c %U:%G:%a /etc/replication_exporter/config.toml)" root:replication_exporter:640
expect "folder" "$(inside stat -c %U:%G:%a /etc/replication_exporter)" root:replication_exporter:750
expect "secrets" "$(inside stat -c %U:%G:%a /etc/replication_exporter/secrets)" root:root:700
for file in lib/systemd/system/replication_exporter.service share/man/man1/replication_exporter.1.gz \
    share/doc/replication-exporter/docs/runbooks/StorageArrayDown.md share/licenses/replication-exporter/LICENSE; do
    [[ -s $root/usr/$file ]] || fail "/usr/$file is not in the rpm"
done
rpm -q --requires replication-exporter >"$work/requires"
for needed in 'glibc >= 2\.[0-9]+' ca-certificates /usr/sbin/useradd; do
    grep -qxE "$needed" "$work/requires" || fail "the rpm does not ask for $needed"
done
simulate
introduce sfo-dr
inside install -d -o replication_exporter -g replication_exporter -m 0750 /var/lib/replication_exporter
doctor
rpm -e replication-exporter
[[ ! -e $root/usr/bin/replication_exporter && -e $root/etc/replication_exporter/sfo-dr.password ]] ||
    fail "the rpm goes with too little or too much"
say "gone"
