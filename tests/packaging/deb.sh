#!/usr/bin/env bash
# Makes the Debian package from the given binary, and takes it through a Debian's life: lint, install, run, upgrade, remove,
# purge. The service runs under a real systemd, in systemd-nspawn, as the shipped unit says, against simulated arrays.
source "$(dirname "$0")/prepare.sh"
with_binary "$@"
[[ $(id -u) == 0 ]] || skip "installing a package needs root"
needs dpkg-deb dpkg
needs lintian lintian
needs curl curl
needs python3 python3
needs groff groff-base
needs systemd-nspawn systemd-container
source deploy/packagers.sh
packager deb || skip "cargo-deb cannot be installed"
bookworm_root

# The same with systemd, and what the package depends on; made once, in seconds.
bookworm_systemd() {
    booting=$CACHE/bookworm-systemd.tar
    [[ -e $booting ]] && return
    mkdir "$work/booting"
    tar -C "$work/booting" -xf "$bookworm"
    # The host's way to Debian's packages, if it is a Debian.
    cp /etc/resolv.conf "$work/booting/etc/"
    chroot "$work/booting" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive chroot "$work/booting" apt-get install -y -qq --no-install-recommends \
        systemd systemd-sysv adduser ca-certificates >"$work/apt" 2>&1 || { cat "$work/apt"; skip "apt-get cannot install systemd"; }
    chroot "$work/booting" apt-get clean
    tar -C "$work/booting" --exclude='./var/lib/apt/lists/*_*' -cf "$booting.new" .
    mv "$booting.new" "$booting"
    rm -rf --one-file-system "$work/booting"
}
bookworm_systemd

say "build"
cargo run --quiet --example manual -- "$work/target/release/manual"
export CARGO_TARGET_DIR=$work/target
install -D "$binary" "$CARGO_TARGET_DIR/release/replication_exporter"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
make_deb() { cargo deb --quiet --no-build --strip --fast --deb-version "$1" -o "$work/$1.deb" >"$work/cargo-deb" 2>&1 || { cat "$work/cargo-deb"; exit 1; }; }
make_deb "$version-1"
make_deb "$version-2"
expect changelog "$(sed -n '1s/.*(\(.*\)).*/\1/p' deploy/debian/changelog)" "$version-1"

say "lint"
lintian --fail-on error "$work/$version-1.deb" >"$work/lintian" 2>&1 || { cat "$work/lintian"; fail "lintian found errors"; }
cat "$work/lintian"

say "install"
root=$work/root
mkdir "$root"
tar -C "$root" -xf "$booting"
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
put_in() { cp "$1" "$root/tmp/new.deb" && inside dpkg --force-confold -i /tmp/new.deb >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; fail "dpkg -i"; }; }
put_in "$work/$version-1.deb"
expect "configuration" "$(inside stat -c %U:%G:%a /etc/replication_exporter/config.toml)" root:replication_exporter:640
expect "folder" "$(inside stat -c %U:%G:%a /etc/replication_exporter)" root:replication_exporter:750
expect "secrets" "$(inside stat -c %U:%G:%a /etc/replication_exporter/secrets)" root:root:700
for file in docs/runbooks/StorageArrayDown.md examples/prometheus/alerts.rules.yml examples/grafana/overview.json \
    examples/alertmanager/alertmanager.example.yml; do
    inside test -s "/usr/share/doc/replication-exporter/$file" || fail "$file is not in the package"
done
expect "enabled" "$(inside systemctl is-enabled replication_exporter)" enabled
for command in "" -demo -simulate -once -doctor -init -healthcheck -catalogue; do
    page=$root/usr/share/man/man1/replication_exporter$command.1.gz
    # The pages that a reader would see: man's own complaints count.
    zcat "$page" | groff -man -Tutf8 -ww >"$work/page" 2>"$work/groff" && [[ -s $work/page && ! -s $work/groff ]] ||
        { cat "$work/groff"; fail "the page of replication_exporter$command"; }
done
bash -c 'source "$1"; COMP_WORDS=(replication_exporter he) COMP_CWORD=1; _replication_exporter replication_exporter he replication_exporter
    [[ " ${COMPREPLY[*]} " == *" healthcheck "* ]]' - "$root/usr/share/bash-completion/completions/replication_exporter" ||
    fail "bash does not complete a command"
as_service() { inside setpriv --reuid replication_exporter --regid replication_exporter --init-groups "$@"; }
as_service replication_exporter --config.check
as_service replication_exporter --version

say "in the foreground, as the service's user"
chroot "$root" setpriv --reuid replication_exporter --regid replication_exporter --init-groups \
    replication_exporter --web.listen-address 127.0.0.1:0 >"$work/foreground" 2>&1 &
pid=$!
finally 'kill $pid 2>/dev/null; wait $pid 2>/dev/null'
wait_for 15 port_said "$work/foreground" >/dev/null
port=$(port_said "$work/foreground")
wait_for 15 curl -sf -o /dev/null "http://127.0.0.1:$port/-/healthy"
as_service replication_exporter healthcheck --web.listen-address "127.0.0.1:$port"
kill -TERM "$pid"
wait "$pid" || { cat "$work/foreground"; fail "it did not end with status 0 when told to"; }

say "the administrator's part: simulated arrays, secrets as credentials"
"$binary" simulate --listen 127.0.0.1:0 --arrays 2 --config.out "$work/simulated/config.toml" >"$work/simulator" 2>&1 &
simulator=$!
finally 'kill $simulator 2>/dev/null; wait $simulator 2>/dev/null'
wait_for 30 test -s "$work/simulated/config.toml"
cp "$work"/simulated/*.token "$work"/simulated/*.password "$root/etc/replication_exporter/secrets/" 2>/dev/null || true
chmod 0600 "$root"/etc/replication_exporter/secrets/*
install -m 0644 "$work/simulated/ca.pem" "$root/etc/replication_exporter/ca.pem"
drop_in=$root/etc/systemd/system/replication_exporter.service.d/test.conf
mkdir -p "${drop_in%/*}"
{
    # Faster than the unit's, so that the test need not wait; the rest is as shipped.
    printf '[Service]\nWatchdogSec=3\nRestartSec=100ms\n'
    for secret in "$root"/etc/replication_exporter/secrets/*; do
        name=${secret##*/}
        echo "LoadCredential=$name:/etc/replication_exporter/secrets/$name"
    done
} >"$drop_in"
{
    echo '# the administrator was here'
    printf '[poll]\ninterval = "2s"\ntimeout = "1s"\nstale_after = "6s"\n'
    sed -E "s|^(token\|password)_file = \".*/([^/]*)\"|\1_credential = \"\2\"|; s|\"$work/simulated/|\"/etc/replication_exporter/|" "$work/simulated/config.toml"
} >"$work/config.toml"
cat "$work/config.toml" >"$root/etc/replication_exporter/config.toml"
echo "REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0" >>"$root/etc/default/replication_exporter"

say "upgrade"
put_in "$work/$version-2.deb"
grep -q '^# the administrator was here' "$root/etc/replication_exporter/config.toml" || fail "the configuration was overwritten"
expect "configuration" "$(inside stat -c %U:%G:%a /etc/replication_exporter/config.toml)" root:replication_exporter:640

say "under systemd"
systemd-nspawn --quiet --register=no --keep-unit --directory="$root" --boot </dev/null >"$work/boot" 2>&1 &
nspawn=$!
finally 'kill -TERM $nspawn 2>/dev/null; wait $nspawn 2>/dev/null'
# The init inside is the only child of systemd-nspawn that is called systemd.
init() { pgrep -P "$nspawn" -x systemd; }
(wait_for 20 init >/dev/null) || { tail "$work/boot"; skip "systemd-nspawn cannot boot here"; }
leader=$(init)
service() { nsenter --target "$leader" --mount --uts --ipc --pid -- systemctl "$@"; }
# The log of the service goes to the journal; it is what one wants to see when something is wrong.
log_of_service() { nsenter --target "$leader" --mount --uts --ipc --pid -- journalctl --no-pager "$@" -u replication_exporter; }
show_log() { log_of_service -n 30; }
finally '[[ $status == 0 ]] || show_log'
property() { service show --value --property "$1" replication_exporter; }
is() { [[ $(property "$1") == "$2" ]]; }
wait_for 30 is ActiveState active
expect type "$(property Type)" notify
arrays=$(grep -c '^name = ' "$work/config.toml")
up() { port=$(log_of_service -o cat | port_said) && [[ $(curl -sf "http://127.0.0.1:$port/metrics" | grep -c '^storage_array_up{.*} 1$') == "$arrays" ]]; }
((arrays > 0)) || fail "no simulated array"
wait_for 60 up
say "$arrays arrays are up, their secrets came as credentials"
curl -sf -o "$work/metrics" "http://127.0.0.1:$port/metrics"
grep -qE '^process_start_time_seconds [1-9]' "$work/metrics" || fail "the sandbox hides the start time"

before=$(property MainPID)
service reload replication_exporter
wait_for 10 up
expect "process after a reload" "$(property MainPID)" "$before"
expect "restarts after a reload" "$(property NRestarts)" 0

# A process that hangs is not there for systemd.
kill -STOP "$(pgrep -P "$leader" -x 'replication_exp')"
restarted() { (($(property NRestarts) >= 1)) && is ActiveState active; }
wait_for 20 restarted
wait_for 60 up
say "the watchdog restarted a process that hung"

service stop replication_exporter
expect "result" "$(property Result)" success
expect "facts" "$(inside stat -c %U:%G /var/lib/replication_exporter/facts.json)" replication_exporter:replication_exporter
expect "folder of the facts" "$(inside stat -c %a /var/lib/replication_exporter)" 750

echo 'nonsense = 1' >>"$root/etc/replication_exporter/config.toml"
service reset-failed replication_exporter
if service start replication_exporter 2>/dev/null; then fail "it starts with a wrong configuration"; fi
expect "exit status of a wrong configuration" "$(property ExecMainStatus)" 2
expect "state after a wrong configuration" "$(property ActiveState)" failed
service poweroff 2>/dev/null
wait "$nspawn" || true

say "remove and purge"
inside dpkg --remove replication-exporter >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; fail remove; }
[[ -e $root/etc/replication_exporter/config.toml && -e $root/var/lib/replication_exporter/facts.json ]] || fail "remove is not purge"
[[ ! -e $root/usr/bin/replication_exporter ]] || fail "the program is still there"
inside dpkg --purge replication-exporter >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; fail purge; }
[[ ! -e $root/etc/replication_exporter/config.toml && ! -e $root/var/lib/replication_exporter && ! -e $root/etc/default/replication_exporter ]] ||
    fail "purge leaves something"
[[ -e $root/etc/replication_exporter/ca.pem ]] || fail "purge took what the administrator put there"
say "purged"
