//! The sentence that says why a relationship stands as it does, with the numbers. Pure; `pairing` asks for it.

use super::{
    Exemption, Health, JobResult, Pair, RecoveryPoint, Role, Span, Standing, Timestamp, View,
    span::{minute, moment},
};

impl Pair {
    /// Why it stands so, in one sentence with the numbers.
    pub(super) fn reason(&self, now: Timestamp) -> String {
        let lead = self.lead();
        let parts = [
            self.silence(now),
            self.plight(now),
            lead.impossible_point(now),
            self.what_the_target_holds(now),
            self.objective(now),
            self.work(now),
            lead.queue(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// That the view which says most is silent; else that the source is, which knows most.
    fn silence(&self, now: Timestamp) -> Option<String> {
        let sources = self.views.iter().filter(|view| view.key.role == Role::Source);
        let sources: Vec<&View> = sources.collect();
        let source = sources.first().filter(|_| sources.iter().all(|view| !view.speaks()));
        let lead = self.lead().silence(now);
        lead.or_else(|| source.and_then(|view| view.silence(now)))
    }

    /// What is wrong or decided besides lag.
    fn plight(&self, now: Timestamp) -> Option<String> {
        let lead = self.lead();
        let health = lead.lasting.health.map(|(health, _)| health);
        let failed = || match lead.lasting.last_job.result {
            Some(JobResult::Failed) => "the last job failed",
            _ => "the array reports a failure",
        };
        let text = match self.standing {
            Standing::Stopped => match self.stopped? {
                Exemption::Ended => "ended on the other side: this is a remnant",
                Exemption::FailedOver if self.is_failing_over() => {
                    "failing over: the target is put back to its recovery point and nothing is protected"
                }
                Exemption::FailedOver => "failed over: the target is writable and nothing is protected",
                Exemption::Pending => "not accepted on the target yet",
                Exemption::Paused => "replication is switched off",
                Exemption::Blackout | Exemption::None => return None,
            },
            Standing::NoCopy => {
                let since = lead.lasting.no_recovery_point_since;
                let since = since.map(|since| format!(" since {}, {}", moment(since, now), age(since, now)));
                let failed = matches!(lead.lasting.last_job.result, Some(JobResult::Failed));
                let failed = if failed { "; the last job failed" } else { "" };
                return Some(format!("no copy yet{}{failed}", since.unwrap_or_default()));
            }
            Standing::Unknown if lead.lasting.recovery_point == RecoveryPoint::Unknown => {
                "the array has not said what the target holds"
            }
            Standing::Unknown if health == Some(Health::Unknown) => {
                "the array's word for the state is not known to the exporter"
            }
            Standing::Protected if lead.description.mode.runs_once() => "it runs once, and its last run ended well",
            Standing::Unjudged if lead.description.mode.runs_once() => "it runs once, and has not run yet",
            _ => match health? {
                Health::Failed => failed(),
                Health::Transition => "between two states",
                _ if self.standing == Standing::Failing => failed(),
                _ => return None,
            },
        };
        Some(text.to_owned())
    }

    /// Every side that knows says that the target cannot be written yet.
    fn is_failing_over(&self) -> bool {
        let writable = |view: &View| view.present.as_ref()?.readings.target_writable;
        let mut known = self.views.iter().filter_map(writable).peekable();
        known.peek().is_some() && known.all(|writable| !writable)
    }

    fn what_the_target_holds(&self, now: Timestamp) -> Option<String> {
        let Some(at) = self.recovery_point else {
            let text = match (self.standing, self.lead().lasting.recovery_point) {
                // Said already.
                (Standing::NoCopy, _) | (Standing::Unknown, RecoveryPoint::Unknown) => return None,
                (_, RecoveryPoint::Never) => "the target holds no recovery point",
                (_, RecoveryPoint::Unknown | RecoveryPoint::At(_)) => "no recovery point is known",
            };
            return Some(text.to_owned());
        };
        let keeper = self.timekeeper();
        let point = moment(at, now);
        let Some(lag) = keeper.lasting.lag_seconds else {
            return Some(format!("recovery point {point}"));
        };
        let counted = self.counted_lag_seconds.unwrap_or(lag);
        let age = Span::from_seconds(lag);
        // An interval of difference is the time since the last reading.
        let exempt = (self.stopped.is_none() && lag - counted > keeper.interval_seconds + 1.0)
            .then(|| format!(", of which {} counts: the rest was exempt", Span::from_seconds(counted)));
        Some(format!(
            "recovery point {point} is {age} old{}",
            exempt.unwrap_or_default()
        ))
    }

    fn objective(&self, now: Timestamp) -> Option<String> {
        let Some(objective) = self.objective_seconds else {
            let runs_once = self.lead().description.mode.runs_once();
            return (!runs_once).then(|| "no objective is set".to_owned());
        };
        let objective = format!("objective {}", Span::from_seconds(objective));
        if self.stopped.is_some() {
            return Some(format!("{objective} does not count meanwhile"));
        }
        let facts = &self.timekeeper().lasting;
        if facts.exemption != Exemption::Blackout {
            return Some(objective);
        }
        let until = facts
            .blackout_until
            .map(|until| format!(" until {}", moment(until, now)));
        let until = until.unwrap_or_default();
        Some(format!(
            "{objective}, which does not count while it is in a blackout{until}"
        ))
    }

    /// The running job, and where it takes the lag.
    fn work(&self, now: Timestamp) -> Option<String> {
        let lead = self.lead();
        let Some(job) = lead.job() else {
            let idle = lead.present.as_ref()?.readings.job_running == Some(false);
            let wanted = matches!(self.standing, Standing::NoCopy | Standing::Behind);
            return (idle && wanted).then(|| "no job is running".to_owned());
        };
        let since = job.start.map(|start| format!(" since {}", minute(start, now)));
        let progress = job
            .progress
            .map(|done| format!(", {:.0} %", (done.get() * 100.0).floor()));
        let left = job
            .remaining_seconds
            .map(|left| format!(", about {} left", Span::from_seconds(left)));
        let counts = lead.lasting.exemption == Exemption::None;
        let peak = lead.lasting.lag_seconds.filter(|_| counts).zip(job.remaining_seconds);
        let peak = peak.map(|(lag, left)| format!(", so lag will peak near {}", Span::from_seconds(lag + left)));
        let parts = [since, progress, left, peak].into_iter().flatten();
        Some(format!("job running{}", parts.collect::<String>()))
    }
}

impl View {
    /// That its array does not say at present how it does.
    fn silence(&self, now: Timestamp) -> Option<String> {
        if self.speaks() {
            return None;
        }
        let array = &self.array;
        let last = self.lasting.health.map(|(health, _)| health.word());
        Some(match (self.read_at, last) {
            (Some(at), Some(last)) => format!(
                "{array} is silent since {}, {} ({last} then)",
                moment(at, now),
                age(at, now),
            ),
            (Some(at), None) => format!("{array} has not said how it does, last heard at {}", moment(at, now)),
            (None, Some(last)) => {
                format!("{array} has not said how it does since the exporter started ({last} before)")
            }
            (None, None) => format!("{array} has not said yet how it does"),
        })
    }

    fn impossible_point(&self, now: Timestamp) -> Option<String> {
        let at = self.lasting.recovery_point_in_future?;
        let (array, at) = (&self.array, moment(at, now));
        Some(format!(
            "{array} gives a recovery point in the future, {at}, which is not taken: a clock is wrong"
        ))
    }

    fn queue(&self) -> Option<String> {
        match self.present.as_ref()?.readings.queued_snapshots? {
            0 => None,
            1 => Some("1 snapshot waits".to_owned()),
            count => Some(format!("{count} snapshots wait")),
        }
    }
}

fn age(at: Timestamp, now: Timestamp) -> Span {
    Span::from_seconds(now.seconds_since(at))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
pub(crate) mod tests;
