"""A small world of arrays, relationships and exporters, as the series that Prometheus would have of it.

A value is a number, a word (of a stateset), a function of the minute, or None for no sample. Time begins at Unix time 0.
"""

JOB = "replication_exporter"
SILENT = ("storage_array_up", "storage_poll_success")  # 0 after a start, until the first poll

# What is said of one relationship: by both of its sides, but for Veeam.
QUMULO = {
    "relationship_id": "6b1c", "relationship": "nyc:/data->bos:/data", "pair": "6b1c",
    "source_system": "nyc", "source_object": "/data", "target_system": "bos", "target_object": "/data",
}
K2 = {
    "relationship_id": "7", "relationship": "sql", "pair": "100/7~200/9",
    "source_system": "ams", "source_object": "vg-sql", "target_system": "fra", "target_object": "vg-sql-dr",
}
VEEAM = {
    "relationship_id": "f00d/web01", "relationship": "nightly/web01", "pair": "f00d/web01",
    "source_system": "vbr1", "source_object": "web01", "target_system": "", "target_object": "",
}
EXEMPT = ("none", "ended", "failed_over", "pending", "paused", "blackout")
HEALTH = ("ok", "failed", "failed_over", "transition", "paused")


def growing(start):
    """A lag of so many seconds at the start."""
    return lambda minute: start + 60 * minute


def until(minute, before, after=None):
    """One value before that minute and another from it on; each may be a function."""
    return lambda now: at(before if now < minute else after, now)


def between(begin, end, inside, outside=None):
    return lambda now: at(inside if begin <= now < end else outside, now)


def at(value, minute):
    return value(minute) if callable(value) else value


class World:
    """Series by metric and labels: a list with one sample per step."""

    def __init__(self, end, step=1):
        self.minutes = range(0, end + 1, step)
        self.step = step
        self.series = {}

    def put(self, metric, value, instance="a:10094", job=JOB, **labels):
        key = (metric, tuple(sorted({**labels, "job": job, "instance": instance}.items())))
        self.series[key] = [at(value, minute) for minute in self.minutes]
        return self

    def stateset(self, metric, label, words, value, **labels):
        said = [at(value, minute) for minute in self.minutes]
        for word in words:
            samples = iter([None if now is None else int(now == word) for now in said])
            self.put(metric, lambda _, samples=samples: next(samples), **{label: word}, **labels)
        return self

    def array(self, name="nyc", vendor="qumulo", system_name=None, up=1, instance="a:10094", sections=(), **families):
        """What each array has; `families` are named without `storage_`, `sections` are (name, success)."""
        system_name = name if system_name is None else system_name
        self.put("storage_array_info", 1, instance, array=name, vendor=vendor, system_name=system_name,
                 system_id=name, version="7")
        self.put("storage_array_up", up, instance, array=name)
        for section, success in sections:
            self.put("storage_poll_success", success, instance, array=name, section=section)
        for family, value in families.items():
            self.put(f"storage_{family}", value, instance, array=name)
        return self

    def side(self, array="nyc", role="source", of=QUMULO, instance="a:10094", lag=None, rpo=3600, exempt="none",
             health="ok", state=None, result=None, **families):
        """What one array says of the relationship; `families` are named without `storage_replication_`."""
        rel = {"array": array, "role": role, "instance": instance,
               "relationship_id": of["relationship_id"], "relationship": of["relationship"]}
        self.put("storage_replication_relationship_info", 1, mode="", **{**of, **rel})
        self.stateset("storage_replication_rpo_exempt", "reason", EXEMPT, exempt, **rel)
        self.stateset("storage_replication_health", "health", HEALTH, health, **rel)
        if state is not None:
            self.stateset("storage_replication_state", "state", ("in_sync", "suspended", "failed_over"), state, **rel)
        if result is not None:
            self.stateset("storage_replication_last_job_result", "result", ("success", "failed"), result, **rel)
        for family, value in {"lag_seconds": lag, "rpo_seconds": rpo, **families}.items():
            if value is not None:
                self.put(f"storage_replication_{family}", value, **rel)
        return self

    def without(self, begin, end, instance=None):
        """Nothing is scraped from minute `begin` until `end`: Prometheus marks the series stale."""
        for key, samples in self.series.items():
            if instance and ("instance", instance) not in key[1]:
                continue
            for index, minute in enumerate(self.minutes):
                if begin <= minute < end and samples[index] is not None:
                    previous = samples[index - 1] if index else None
                    samples[index] = "stale" if isinstance(previous, (int, float)) else None
        return self

    def gap_and_restart(self, begin, families):
        """A gap of three scrapes, at whose end the exporter has just been started: facts are back, readings are missing
        until the first poll, counters begin at 0. With 5 minutes between scrapes only one is missing, and the first poll
        is over at the next. `families` are the catalogue's, by name."""
        scrapes = 3 if self.step == 1 else 1
        back = begin + scrapes * self.step
        self.without(begin, back)
        index = self.minutes.index(back)
        for (metric, _), samples in self.series.items():
            family = families.get(metric)
            if family is None:
                continue
            if family["type"] == "counter" and family["kind"] == "exporter":
                start = samples[index]
                samples[index:] = [value - start if isinstance(value, (int, float)) else value for value in samples[index:]]
            if self.step > 1:
                continue
            if metric in SILENT:
                samples[index] = 0
            elif family["kind"] == "reading" or metric == "storage_poll_last_success_timestamp_seconds":
                samples[index] = None
        return self

    def input_series(self):
        def text(samples):
            return " ".join("_" if value is None else value if value == "stale" else repr(value) for value in samples)

        return [
            {"series": metric + "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}", "values": text(samples)}
            for (metric, labels), samples in self.series.items()
            if any(value is not None for value in samples)
        ]
