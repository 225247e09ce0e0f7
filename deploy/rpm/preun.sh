# $1 is 0 when the last version goes.
if [ "$1" = 0 ] && [ -d /run/systemd/system ]; then
    systemctl disable --now replication_exporter.service
fi
