//! The exporter's own metric families, those without an `array` label, once: `exporter` exposes by it, the catalogue prints
//! it. Those of the process are the `prometheus` crate's.

use super::catalogue::{Family, Kind, MetricType};

/// Declares the families: an id for the code, and the row of the table.
macro_rules! own {
    ($($id:ident { name: $name:literal, metric_type: $type:ident, labels: $labels:expr, unit: $unit:literal,
        help: $help:literal $(,)? })+) => {
        /// A family by its place in [`OWN`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each one's HELP text says it")]
        pub enum Own { $($id),+ }

        /// Every one, sorted by name.
        pub static OWN: &[Family] = &[$(Family {
            name: $name, help: $help, metric_type: MetricType::$type, kind: Kind::Exporter, labels: $labels, unit: $unit,
        }),+];
    };
}

impl Own {
    /// The row of the table.
    #[must_use]
    pub fn family(self) -> &'static Family {
        &OWN[self as usize]
    }
}

own! {
    CpuSeconds {
        name: "process_cpu_seconds_total", metric_type: Counter, labels: &[], unit: "seconds",
        help: "Total user and system CPU time spent in seconds.",
    }
    MaxFds {
        name: "process_max_fds", metric_type: Gauge, labels: &[], unit: "",
        help: "Maximum number of open file descriptors.",
    }
    OpenFds {
        name: "process_open_fds", metric_type: Gauge, labels: &[], unit: "",
        help: "Number of open file descriptors.",
    }
    ResidentMemory {
        name: "process_resident_memory_bytes", metric_type: Gauge, labels: &[], unit: "bytes",
        help: "Resident memory size in bytes.",
    }
    StartTime {
        name: "process_start_time_seconds", metric_type: Gauge, labels: &[], unit: "seconds",
        help: "Start time of the process since unix epoch in seconds.",
    }
    Threads {
        name: "process_threads", metric_type: Gauge, labels: &[], unit: "",
        help: "Number of OS threads in the process.",
    }
    VirtualMemory {
        name: "process_virtual_memory_bytes", metric_type: Gauge, labels: &[], unit: "bytes",
        help: "Virtual memory size in bytes.",
    }
    VirtualMemoryMax {
        name: "process_virtual_memory_max_bytes", metric_type: Gauge, labels: &[], unit: "bytes",
        help: "Maximum amount of virtual memory available in bytes; 2^64 without a limit.",
    }
    ArraysAssigned {
        name: "replication_exporter_arrays_assigned", metric_type: Gauge, labels: &[], unit: "arrays",
        help: "Arrays that this shard polls.",
    }
    ArraysConfigured {
        name: "replication_exporter_arrays_configured", metric_type: Gauge, labels: &[], unit: "arrays",
        help: "Arrays in the configuration, those of other shards included.",
    }
    BuildInfo {
        name: "replication_exporter_build_info", metric_type: Gauge, labels: &["version", "revision", "rustc"], unit: "",
        help: "Version, revision and compiler of this exporter.",
    }
    ReloadSuccessAt {
        name: "replication_exporter_config_last_reload_success_timestamp_seconds", metric_type: Gauge, labels: &[], unit: "seconds",
        help: "When the configuration in use was loaded.",
    }
    ReloadSuccessful {
        name: "replication_exporter_config_last_reload_successful", metric_type: Gauge, labels: &[], unit: "",
        help: "1 if the last attempt to load the configuration succeeded.",
    }
    HttpRequestDuration {
        name: "replication_exporter_http_request_duration_seconds", metric_type: Histogram, labels: &["handler"], unit: "seconds",
        help: "Time from a request to the beginning of its answer, by route.",
    }
    HttpRequests {
        name: "replication_exporter_http_requests_total", metric_type: Counter, labels: &["handler", "code"], unit: "requests",
        help: "Requests by route (other: no route) and status of the answer, each pair from its first time on.",
    }
    ShardInfo {
        name: "replication_exporter_shard_info", metric_type: Gauge, labels: &["index", "count"], unit: "",
        help: "Which shard this is, from 0, and of how many.",
    }
    StateFileSuccessful {
        name: "replication_exporter_state_file_last_write_successful", metric_type: Gauge, labels: &[], unit: "",
        help: "1 if the last attempt to write the state file succeeded; only where one is configured.",
    }
    StateFileWrittenAt {
        name: "replication_exporter_state_file_last_write_timestamp_seconds", metric_type: Gauge, labels: &[], unit: "seconds",
        help: "When this process last wrote the state file, which it does when something changed.",
    }
    WebConfigSuccessful {
        name: "replication_exporter_web_config_last_reload_successful", metric_type: Gauge, labels: &[], unit: "",
        help: "0 while a changed certificate or web configuration is refused and the one before is in use.",
    }
}
