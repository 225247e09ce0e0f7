"""A small world of arrays, relationships and exporters, as the series that Prometheus would have of it.

A value is a number, a word, a function of the minute, or None for no sample. Time begins at Unix time 0.
"""

JOB = "replication_exporter"
SILENT = ("storage_array_up", "storage_poll_success")  # 0 after a start, until the first poll
STOPPED = ("ended", "failed_over", "pending", "paused")

# What is said of one relationship: by both of its sides, but for Veeam.
QUMULO = {"relationship": "nyc:/data->bos:/data", "pair": "6b1c",
          "source_system": "nyc", "source_object": "/data", "target_system": "bos", "target_object": "/data"}
K2 = {"relationship": "sql", "pair": "100/7~200/9",
      "source_system": "ams", "source_object": "vg-sql", "target_system": "fra", "target_object": "vg-sql-dr"}
VEEAM = {"relationship": "nightly/web01", "pair": "f00d/web01",
         "source_system": "vbr1", "source_object": "web01", "target_system": "", "target_object": ""}


def growing(start):
    """So many seconds at the start, and as many more as pass."""
    return lambda minute: start + 60 * minute


def until(minute, before, after=None):
    return lambda now: at(before if now < minute else after, now)


def between(begin, end, inside, outside=None):
    return lambda now: at(inside if begin <= now < end else outside, now)


def at(value, minute):
    return value(minute) if callable(value) else value


def standing(lag, counted, rpo, exempt, health, result, never):
    """The contract's table, of what one view knows."""
    if exempt in STOPPED:
        return "stopped"
    if never is not None:
        return "no_copy"
    if rpo and counted is not None and counted > rpo:
        return "behind"
    if "failed" in (health, result):
        return "failing"
    if lag is None or lag < -300 or health == "unknown":
        return "unknown"
    return "protected" if rpo else "unjudged"


class World:
    """Series by metric and labels: a list with one sample per step."""

    def __init__(self, end, step=1):
        self.minutes = [index * step for index in range(int(end / step) + 1)]
        self.step = step
        self.series = {}

    def put(self, metric, value, instance="a:10094", job=JOB, **labels):
        """What is there already stays where this has no sample."""
        key = (metric, tuple(sorted({**labels, "job": job, "instance": instance}.items())))
        old = self.series.get(key, [None] * len(self.minutes))
        self.series[key] = [before if now is None else now
                            for before, now in zip(old, (at(value, minute) for minute in self.minutes))]
        return self

    def word(self, metric, label, value, **labels):
        said = [at(value, minute) for minute in self.minutes]
        for word in dict.fromkeys(word for word in said if word is not None):
            samples = iter([1 if now == word else None for now in said])
            self.put(metric, lambda _, samples=samples: next(samples), **{label: word}, **labels)
        return self

    def array(self, name="nyc", vendor="qumulo", system_id=None, up=1, instance="a:10094", sections=(), failure=None,
              lists=("source", "target"), **families):
        """What each array has; `families` are named without `storage_`, `sections` are (name, success), `failure` is
        (section, reason) where that section fails, `lists` the roles of which relationships were listed once."""
        self.put("storage_array_info", 1, instance, array=name, vendor=vendor, system_name=name,
                 system_id=f"id-{name}" if system_id is None else system_id, version="7")
        self.put("storage_array_up", up, instance, array=name)
        for role in lists:
            self.put("storage_replication_relationships", 0, instance, array=name, role=role)
        for section, success in sections:
            self.put("storage_poll_success", success, instance, array=name, section=section)
            if failure and failure[0] == section:
                failing = lambda minute, success=success: 1 if at(success, minute) == 0 else None  # noqa: E731
                self.put("storage_poll_last_failure", failing, instance, array=name, section=section, reason=failure[1])
        for family, value in families.items():
            self.put(f"storage_{family}", value, instance, array=name)
        return self

    def side(self, array="nyc", role="source", of=QUMULO, instance="a:10094", lag=None, rpo=3600, exempt="none", health="ok",
             heard=None, result=None, counted=None, never=None, since=-86400, said=None, peer="", **families):
        """What one array says of the relationship, with the standing that follows from it. `health` is what is served, `heard`
        what was heard last (the same, if it is not given); `said` is a standing that does not follow. `families` are named
        without `storage_replication_`; a value that is None at a minute is no sample, and a side without `role` is not there."""
        for one in dict.fromkeys(filter(None, (at(role, minute) for minute in self.minutes))):
            there = lambda value, one=one: lambda minute: at(value, minute) if at(role, minute) == one else None  # noqa: E731
            rel = {"array": array, "pair": of["pair"], "relationship": of["relationship"], "role": one, "instance": instance}
            held = lambda minute: at(lag, minute) if counted is None else at(counted, minute)  # noqa: E731

            def judged(minute):
                known = at(health if heard is None else heard, minute)
                return at(said, minute) or standing(at(lag, minute), held(minute), at(rpo, minute), at(exempt, minute),
                                                    known, at(result, minute), at(never, minute))

            point = lambda minute: None if at(lag, minute) is None else 60 * minute - at(lag, minute)  # noqa: E731
            shown = lambda minute: None if at(lag, minute) is None else max(0, at(lag, minute))  # noqa: E731
            self.put("storage_replication_relationship_info", there(1), mode="", relationship_id="x", peer_system_id=peer,
                     **{**of, **rel})
            self.word("storage_replication_standing", "standing", there(judged), **rel)
            self.word("storage_replication_rpo_exempt", "reason", there(exempt), **rel)
            self.word("storage_replication_health", "health", there(health), **rel)
            self.word("storage_replication_last_job_result", "result", there(result), **rel)
            values = {"lag_seconds": shown, "counted_lag_seconds": held, "rpo_seconds": rpo,
                      "standing_since_timestamp_seconds": since, "recovery_point_timestamp_seconds": point,
                      "no_recovery_point_since_timestamp_seconds": never, **families}
            for family, value in values.items():
                self.put(f"storage_replication_{family}", there(value), **rel)
        return self

    def without(self, begin, end=10**9, instance=None, array=None):
        """Nothing is scraped from minute `begin` until `end`, of one exporter or one array."""
        for (_, labels), samples in self.series.items():
            labels = dict(labels)
            if instance in (None, labels["instance"]) and array in (None, labels.get("array")):
                samples[:] = [None if begin <= minute < end else sample for minute, sample in zip(self.minutes, samples)]
        return self

    def gap_and_restart(self, begin, families):
        """A gap of three scrapes, at whose end the exporter has just been started: facts are back, readings are missing
        until the first poll, counters of the exporter's own begin at 0. With 5 minutes between scrapes only one is missing, and
        the first poll is over at the next. `families` are the catalogue's, by name."""
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
            elif family["kind"] == "reading":
                samples[index] = None
        return self

    def input_series(self):
        """As promtool reads them. Prometheus marks the end of a series as stale, and so is the first sample that is missing."""
        def text(samples):
            return " ".join(
                repr(value) if value is not None
                else "stale" if index and samples[index - 1] is not None else "_"
                for index, value in enumerate(samples)
            )

        return [
            {"series": metric + "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}", "values": text(samples)}
            for (metric, labels), samples in self.series.items()
            if any(value is not None for value in samples)
        ]
