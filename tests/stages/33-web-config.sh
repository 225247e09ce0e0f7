#!/usr/bin/env bash
# proves: promtool and the exporter agree on the example of a web configuration, certificates included
# needs: openssl, promtool
# costs: 2 s
source "$(dirname "$0")/prepare.sh"
needs openssl openssl
needs promtool prometheus
with_binary
cp deploy/web-config.example.yml "$work/web-config.yml"
for name in server client-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$name" \
        -keyout "$work/$name.key" -out "$work/$name.crt" 2>/dev/null
done
promtool check web-config "$work/web-config.yml"
: >"$work/no-arrays.toml"
"$BINARY" --config.check --config.file "$work/no-arrays.toml" --web.config.file "$work/web-config.yml"
