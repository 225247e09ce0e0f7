//! The source against a simulated Enterprise Manager.
