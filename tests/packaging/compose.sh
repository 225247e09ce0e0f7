#!/usr/bin/env bash
# Judges deploy/compose: by docker compose itself, by promtool and amtool, by what it mounts; and runs the simulator and the
# exporter with the commands and variables that it says, from the given binary. No container is started.
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
assert set(services) == {"simulator", "exporter", "prometheus", "alertmanager", "grafana"}, services.keys()
for name, service in services.items():
    assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), f"{name}: {service['image']} is not pinned"
    assert service["read_only"] and service["cap_drop"] == ["ALL"], f"{name} is not confined"
    assert service["security_opt"] == ["no-new-privileges:true"], name
    for port in service.get("ports", []):
        host = port["host_ip"] if isinstance(port, dict) else port.split(":")[0]
        assert host == "127.0.0.1", f"{name}: {port}"
    for volume in service["volumes"]:
        source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
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
"$binary" --help >"$work/help"
mapfile -t variables < <(grep -rohE 'REPLICATION_EXPORTER_[A-Z][A-Z_]*[A-Z]' deploy Dockerfile docs/install.md | sort -u)
((${#variables[@]} >= 5)) || fail "only ${#variables[@]} variables found"
for variable in "${variables[@]}"; do
    grep -q "\[env: $variable=" "$work/help" || fail "$variable is not in --help"
done

say "simulator and exporter, as compose says"
mkdir "$work/state"
arguments() { query "'\n'.join(s['$1']['command'])" | sed "s|/var/lib/replication_exporter|$work/state|; s|^--listen=.*|--listen=127.0.0.1:0|"; }
mapfile -t simulate < <(arguments simulator)
mapfile -t export < <(arguments exporter)
mapfile -t environment < <(query "'\n'.join(f'{k}={v}' for k, v in s['exporter']['environment'].items())")
mapfile -t health < <(query "'\n'.join(s['simulator']['healthcheck']['test'][2:])" | sed "s|/var/lib/replication_exporter|$work/state|")
"$binary" "${simulate[@]}" >"$work/simulator" 2>&1 &
simulator=$!
finally 'kill $simulator 2>/dev/null; wait $simulator 2>/dev/null'
wait_for 30 "$binary" "${health[@]}" >/dev/null
# Where the image keeps its state.
env "${environment[@]}" STATE_DIRECTORY="$work/state" REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS=127.0.0.1:0 \
    "$binary" "${export[@]}" >"$work/exporter" 2>&1 &
exporter=$!
finally 'kill $exporter 2>/dev/null; wait $exporter 2>/dev/null'
finally '[[ $status == 0 ]] || tail -n 20 "$work/simulator" "$work/exporter"'
arrays=$(grep -c '^name = ' "$work/state/config.toml")
up() {
    port=$(port_said "$work/exporter") && curl -sf -o "$work/metrics" "http://127.0.0.1:$port/metrics" &&
        [[ $(grep -c '^storage_array_up{.*} 1$' "$work/metrics") == "$arrays" ]]
}
wait_for 60 up
grep -q '^storage_poll_interval_seconds{.*} 5$' "$work/metrics" || fail "the variables of compose.yml do not reach [poll]"
say "$arrays arrays are up"
