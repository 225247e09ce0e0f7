#!/usr/bin/env bash
# Judges deploy/compose: by docker compose itself, by promtool and amtool, by what it mounts; and runs the demo and the
# exporter of arrays with the commands and variables that it says, from the given binary. No container is started.
source "$(dirname "$0")/prepare.sh"
with_binary "$@"
needs promtool prometheus
needs amtool prometheus-alertmanager
needs curl curl
python_with tests/packaging/manifests.txt
file=deploy/compose/compose.yml

say "compose"
if docker compose version >/dev/null 2>&1; then
    compose() { docker compose -f "$file" "$@"; }
else
    needs docker-compose docker-compose
    if [[ $(docker-compose version --short) == 1.* ]]; then
        # Debian 12 has the last one of version 1, which knows everything here but the name of the project.
        grep -v '^name: ' "$file" >deploy/compose/.without-name.yml
        finally 'rm -f deploy/compose/.without-name.yml'
        file=deploy/compose/.without-name.yml
    fi
    compose() { docker-compose -f "$file" "$@"; }
fi
# Not into `head`, which ends before docker-compose has said everything.
compose version >"$work/version"
head -n 1 "$work/version"
compose config >"$work/rendered.yml"
# query EXPRESSION: of the rendered file, `c`.
query() { "$venv/bin/python" -c 'import json, sys, yaml; c = yaml.safe_load(open(sys.argv[1])); s = c["services"]; print('"$1"')' "$work/rendered.yml"; }

say "images are pinned, processes are confined, ports are on loopback"
"$venv/bin/python" - "$work/rendered.yml" <<'CHECK'
import os, re, sys, yaml
services = yaml.safe_load(open(sys.argv[1]))["services"]
assert set(services) == {"demo", "arrays", "prometheus", "alertmanager", "grafana"}, services.keys()
switch = dict(line.strip().split("=") for line in open("deploy/compose/.env") if not line.startswith("#"))["COMPOSE_PROFILES"]
starts = [name for name, service in services.items() if switch in service.get("profiles", [switch])]
assert starts.count("demo") == 1 and "arrays" not in starts, f"without an array named, {starts} start"
demo, arrays = services["demo"], services["arrays"]
assert (demo["profiles"], arrays["profiles"]) == (["demo"], ["arrays"]), "the switch is the name of the service"
assert all(demo[key] == arrays[key] for key in ("ports", "networks")), "Prometheus and people find both at the same place"
for name, service in services.items():
    assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), f"{name}: {service['image']} is not pinned"
    assert service["read_only"] and service["cap_drop"] == ["ALL"], f"{name} is not confined"
    assert service["security_opt"] == ["no-new-privileges:true"], name
    for port in service.get("ports", []):
        host = port["host_ip"] if isinstance(port, dict) else port.split(":")[0]
        assert host == "127.0.0.1", f"{name}: {port}"
    for volume in service.get("volumes", []):
        source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
        if name == "arrays" and os.path.basename(source) in ("config.toml", "secrets"):
            continue  # The user's.
        assert not source.startswith("/") or os.path.exists(source), f"{name}: {source} is not there"
CHECK

say "Prometheus, Alertmanager, Grafana"
# As mounted: the rules beside the configuration.
sed "s|/etc/prometheus/rules/|$PWD/deploy/prometheus/|" deploy/compose/prometheus.yml >"$work/prometheus.yml"
promtool check config "$work/prometheus.yml" | tee "$work/promtool"
rules=(deploy/prometheus/*.rules.yml)
expect "rule files" "$(grep -c 'rules found' "$work/promtool" || true)" "${#rules[@]}"
amtool check-config deploy/compose/alertmanager.yml
"$venv/bin/python" - <<'CHECK'
import glob, json, yaml
sources = yaml.safe_load(open("deploy/compose/grafana/datasources.yml"))["datasources"]
providers = yaml.safe_load(open("deploy/compose/grafana/dashboards.yml"))["providers"]
mounts = yaml.safe_load(open("deploy/compose/compose.yml"))["services"]["grafana"]["volumes"]
assert any(mount.split(":")[1] == providers[0]["options"]["path"] for mount in mounts), "the dashboards are not mounted"
uids = {source["uid"] for source in sources}
for file in glob.glob("deploy/grafana/*.json"):
    text = json.dumps(json.load(open(file)))
    dashboard = json.loads(text)
    fixed = {panel["datasource"]["uid"] for panel in dashboard.get("panels", []) if isinstance(panel.get("datasource"), dict)}
    strange = {uid for uid in fixed if not uid.startswith("$") and uid not in uids | {"-- Grafana --", "grafana"}}
    assert not strange, f"{file}: no datasource {strange}"
CHECK

say "every variable that deploy/ and the image name is a flag's"
"$binary" --help | grep -oE '^ +--[a-z]+\.[a-z.-]+' | tr -d ' ' | tr '[:lower:].-' '[:upper:]__' | sed 's/^__/REPLICATION_EXPORTER_/' >"$work/flags"
mapfile -t variables < <(grep -rohE 'REPLICATION_EXPORTER_[A-Z][A-Z_]*[A-Z]' deploy Dockerfile docs/install.md | sort -u)
((${#variables[@]} >= 5)) || fail "only ${#variables[@]} variables found"
for variable in "${variables[@]}"; do
    grep -qx "$variable" "$work/flags" || fail "$variable is not a flag of --help"
done

say "the demo and the arrays, as compose says"
mkdir "$work/state"
# run SERVICE ARGUMENT...: with its variables, as the image runs it, but on any free port of loopback; waits until every array is up.
run() {
    local service=$1 command environment log=$work/$1.log
    shift
    mapfile -t command < <(query "'\n'.join(s['$service']['command'])")
    # The first line keeps an empty list from being an empty word.
    mapfile -t environment < <(query "'\n'.join(['_=', *(f'{k}={v}' for k, v in s['$service'].get('environment', {}).items())])")
    env "${environment[@]}" STATE_DIRECTORY="$work/state" REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 \
        "$binary" "${command[@]}" "$@" >"$log" 2>&1 &
    finally "kill $! 2>/dev/null; wait $! 2>/dev/null"
    finally "[[ \$status == 0 ]] || tail -n 20 $log"
    wait_for 60 all_up "$log"
    say "$service: $(grep -c '^storage_array_up{.*} 1$' "$work/metrics") arrays are up"
}
all_up() {
    local port
    port=$(port_said "$1") && curl -sf -o "$work/metrics" "http://127.0.0.1:$port/metrics" &&
        grep -q '^storage_array_up{' "$work/metrics" && ! grep -q '^storage_array_up{.*} 0$' "$work/metrics"
}
run demo --listen 127.0.0.1:0
# The user's part: a configuration with secrets as files.
"$binary" simulate --listen 127.0.0.1:0 --config.out "$work/user/config.toml" >"$work/simulator.log" 2>&1 &
finally "kill $! 2>/dev/null; wait $! 2>/dev/null"
wait_for 30 test -s "$work/user/config.toml"
run arrays --config.file "$work/user/config.toml"
[[ -s $work/state/facts.json ]] || wait_for 20 test -s "$work/state/facts.json"
