//! When and how much an array is asked: the keys that `[poll]` and each array share.

use crate::config::{
    Polling, Vendor,
    findings::{Findings, Setting},
    key_path::KeyPath,
    quantity::{ByteCount, ForgetAfter, Period},
    raw::RawPolling,
};
use std::{ops::RangeInclusive, time::Duration};

const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
const MAX_BODY: RangeInclusive<u64> = 1024..=1024 * 1024 * 1024;
const DEFAULT_MAX_BODY: u64 = 16 * 1024 * 1024;
const DEFAULT_MAX_SERIES: usize = 100_000;

/// The keys as they are set in one table, or in an array's table over `[poll]`.
pub(super) struct PollingSettings {
    interval: Setting<Period>,
    timeout: Setting<Period>,
    stale_after: Setting<Period>,
    forget_after: Setting<ForgetAfter>,
    max_body: Setting<ByteCount>,
    max_series: Setting<usize>,
}

impl PollingSettings {
    /// Reads one table; what is wrong with a value by itself is told here, once, however many arrays use it.
    pub(super) fn read(findings: &mut Findings<'_>, table: &KeyPath, raw: RawPolling) -> Self {
        let settings = Self {
            interval: findings.read(table, "interval", raw.interval),
            timeout: findings.read(table, "timeout", raw.timeout),
            stale_after: findings.read(table, "stale_after", raw.stale_after),
            forget_after: findings.read(table, "forget_after", raw.forget_after),
            max_body: findings.read(table, "max_body", raw.max_body),
            max_series: findings.read(table, "max_series", raw.max_series),
        };
        if let Setting::Set(Period(interval), at) = &settings.interval
            && !INTERVAL.contains(interval)
        {
            findings.problem(at, "must be from \"1s\" to \"24h\"");
        }
        if let Setting::Set(ByteCount(bytes), at) = &settings.max_body
            && !MAX_BODY.contains(bytes)
        {
            findings.problem(at, "must be from \"1KiB\" to \"1GiB\"");
        }
        if let Setting::Set(0, at) = &settings.max_series {
            findings.problem(at, "must be above zero");
        }
        settings
    }

    /// An array's own keys where they are set, else those of `[poll]`.
    pub(super) fn over(self, poll: &Self) -> Self {
        Self {
            interval: self.interval.or(&poll.interval),
            timeout: self.timeout.or(&poll.timeout),
            stale_after: self.stale_after.or(&poll.stale_after),
            forget_after: self.forget_after.or(&poll.forget_after),
            max_body: self.max_body.or(&poll.max_body),
            max_series: self.max_series.or(&poll.max_series),
        }
    }

    /// With the vendor's defaults, and with what must hold between the keys.
    pub(super) fn resolve(self, findings: &mut Findings<'_>, vendor: Vendor) -> Polling {
        self.timeout_is_below_interval(findings, vendor);
        self.stale_after_spans_two_intervals(findings, vendor);
        let interval = period(&self.interval).unwrap_or(vendor.interval);
        let stale_after = period(&self.stale_after).unwrap_or(interval.saturating_mul(3));
        if let Setting::Set(ForgetAfter(Some(forget_after)), at) = &self.forget_after
            && *forget_after < stale_after
        {
            findings.problem(
                at,
                "must be at least `stale_after`: facts would be gone before readings are",
            );
        }
        Polling {
            interval,
            timeout: period(&self.timeout).unwrap_or_else(|| default_timeout(vendor, interval)),
            stale_after,
            forget_after: self.forget_after.value().and_then(|ForgetAfter(after)| after),
            max_body: self.max_body.value().map_or(DEFAULT_MAX_BODY, |ByteCount(bytes)| bytes),
            max_series: self.max_series.value().unwrap_or(DEFAULT_MAX_SERIES),
        }
    }

    /// What is wrong is only what was written: a default gives way (see [`default_timeout`]).
    fn timeout_is_below_interval(&self, findings: &mut Findings<'_>, vendor: Vendor) {
        let default_interval = vendor.interval;
        let below = |timeout: Duration, interval: Duration| timeout < interval;
        match (&self.timeout, &self.interval) {
            (Setting::Set(Period(timeout), at), Setting::Set(Period(interval), interval_at))
                if !below(*timeout, *interval) =>
            {
                findings.problem(more_specific(at, interval_at), "`timeout` must be below `interval`");
            }
            (Setting::Set(Period(timeout), at), Setting::Unset) if !below(*timeout, default_interval) => findings
                .problem(
                    at,
                    format!(
                        "must be below `interval`, by default {} for {}: set that too",
                        words(default_interval),
                        vendor.name()
                    ),
                ),
            _ => {}
        }
    }

    fn stale_after_spans_two_intervals(&self, findings: &mut Findings<'_>, vendor: Vendor) {
        let Setting::Set(Period(stale_after), at) = &self.stale_after else {
            return;
        };
        match &self.interval {
            Setting::Set(Period(interval), interval_at) if *stale_after < interval.saturating_mul(2) => findings
                .problem(
                    more_specific(at, interval_at),
                    "`stale_after` must be at least 2 x `interval`, or readings vanish between polls",
                ),
            Setting::Unset if *stale_after < vendor.interval.saturating_mul(2) => findings.problem(
                at,
                format!(
                    "must be at least 2 x `interval`, by default {} for {}, or readings vanish between polls",
                    words(vendor.interval),
                    vendor.name()
                ),
            ),
            _ => {}
        }
    }
}

/// The vendor's default, or half of an interval that was set below it.
fn default_timeout(vendor: Vendor, interval: Duration) -> Duration {
    let default = vendor.timeout;
    if default < interval { default } else { interval / 2 }
}

fn period(setting: &Setting<Period>) -> Option<Duration> {
    match setting {
        Setting::Set(Period(duration), _) => Some(*duration),
        Setting::Unset | Setting::Unusable => None,
    }
}

/// Of the places of two keys that contradict each other: the array's, where one is in `[poll]` and would suit others.
fn more_specific<'k>(first: &'k KeyPath, second: &'k KeyPath) -> &'k KeyPath {
    if first.poll_key().is_some() && second.poll_key().is_none() {
        second
    } else {
        first
    }
}

/// A default in words; the defaults are whole seconds.
fn words(default: Duration) -> String {
    format!("\"{}s\"", default.as_secs())
}
