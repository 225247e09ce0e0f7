# The user first: the unit and the modes of the configuration need it.
getent passwd replication_exporter >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir /var/lib/replication_exporter --shell /usr/sbin/nologin \
        --comment replication_exporter replication_exporter
