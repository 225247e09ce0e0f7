# $1 is 1 at the first installation, 2 at an upgrade. What the administrator chose stays.
if [ "$1" = 1 ]; then
    mkdir -p /etc/replication_exporter/secrets
    chmod 0700 /etc/replication_exporter/secrets
    chgrp replication_exporter /etc/replication_exporter
    chmod 0750 /etc/replication_exporter
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    [ "$1" != 1 ] || systemctl preset replication_exporter.service
    [ "$1" = 1 ] || systemctl try-restart replication_exporter.service
fi
