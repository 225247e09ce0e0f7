//! Tests of what an array looks like on /metrics.
