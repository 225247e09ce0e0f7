//! The lines below HTTP: name, TCP, TLS. Reads what `source::probe` found; asks nobody.

use super::Line;
use crate::{
    config::Trust,
    model::Timestamp,
    source::probe::{Certificate, Probe, Refused, TlsFailure, TlsProbe},
};
use reqwest::Url;

/// A certificate that expires sooner deserves a look.
const SOON_DAYS: f64 = 30.0;
const DAY: f64 = 86_400.0;

/// What the probe of one address found.
pub(crate) fn lines(url: &Url, probe: &Probe, trust: &Trust, now: Timestamp) -> Vec<Line> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let mut lines = Vec::new();
    match &probe.addresses {
        Err(message) => {
            let remedy = "check the host in `url` and this machine's resolver: `getent hosts NAME` must answer";
            lines.push(Line::fail("dns", format!("{host}: {message}"), remedy));
            return lines;
        }
        Ok(addresses) => {
            let all: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
            lines.push(Line::ok("dns", format!("{host}: {}", all.join(", "))));
        }
    }
    let reached = probe.dials.iter().any(|(_, dial)| dial.is_ok());
    for (address, dial) in &probe.dials {
        lines.push(match dial {
            Ok(took) => Line::ok("tcp", format!("{address} in {:.1} ms", took.as_secs_f64() * 1000.0)),
            Err(message) if reached => Line::warn(
                "tcp",
                format!("{address}: {message}"),
                "another address of this name answers; take the dead one out of DNS, or mend it",
            ),
            Err(message) => Line::fail("tcp", format!("{address}: {message}"), not_reached(message, port)),
        });
    }
    match &probe.tls {
        Some(tls) => lines.push(tls_line(tls, host, trust, now)),
        None if reached => lines.push(Line::warn(
            "tls",
            "none: credentials go over the network in the clear",
            "use https:// and remove `allow_plaintext`",
        )),
        None => {}
    }
    lines
}

fn not_reached(message: &str, port: u16) -> String {
    if message.contains("refused") {
        format!("nothing listens on port {port} there: check the port in `url`, and that the array's API is on")
    } else {
        format!("check that the array is up, and that firewalls let this machine reach port {port}")
    }
}

fn tls_line(tls: &TlsProbe, host: &str, trust: &Trust, now: Timestamp) -> Line {
    let about = tls.certificate.as_ref().map(|certificate| describe(certificate, now));
    let about = about.unwrap_or_else(|| "no certificate was presented".to_owned());
    let left = tls
        .certificate
        .as_ref()
        .and_then(|certificate| certificate.expires)
        .map(|expires| expires.seconds_since(now) / DAY);
    match &tls.verdict {
        Ok(version) if trust.insecure_skip_verify => Line::warn(
            "tls",
            format!("{version}, NOT VERIFIED, {about}"),
            format!(
                "anyone on the network can pose as this array: use `ca_file`, or after comparing it on the array {}",
                pin(tls)
            ),
        ),
        Ok(version) if left.is_some_and(|days| days < SOON_DAYS) => Line::warn(
            "tls",
            format!("{version}, {about}"),
            "renew the array's certificate before polls begin to fail",
        ),
        Ok(version) => Line::ok("tls", format!("{version}, {about}")),
        Err(failure) => Line::fail("tls", format!("{failure}; {about}"), remedy(failure, tls, host)),
    }
}

fn describe(certificate: &Certificate, now: Timestamp) -> String {
    let expires = certificate.expires.map_or_else(
        || "expiry unknown".to_owned(),
        |at| {
            let days = at.seconds_since(now) / DAY;
            let day = at.to_rfc3339_seconds();
            let day = day.split('T').next().unwrap_or_default();
            if days < 0.0 {
                format!("EXPIRED {day} ({:.0} days ago)", -days)
            } else {
                format!("expires {day} (in {days:.0} days)")
            }
        },
    );
    format!(
        "subject {}, issuer {}, {expires}",
        certificate.subject, certificate.issuer
    )
}

fn remedy(failure: &TlsFailure, tls: &TlsProbe, host: &str) -> String {
    match failure {
        TlsFailure::Certificate(Refused::UnknownIssuer, _) => format!(
            "set `ca_file` to the certificate of the authority that signed it; for a self-signed one, after comparing it on \
             the array, {}",
            pin(tls)
        ),
        TlsFailure::Certificate(Refused::Expired, _) => {
            format!(
                "renew the array's certificate; if it is not over yet, set this machine's clock; or after comparing it on the \
                 array, {}",
                pin(tls)
            )
        }
        TlsFailure::Certificate(Refused::OtherName, _) => {
            let names = tls.certificate.as_ref().map(|certificate| certificate.names.join(", "));
            let names = names.filter(|names| !names.is_empty()).unwrap_or_else(|| "no name".to_owned());
            format!("it is for {names}, not {host}: use one of these in `url`, or set `server_name` to one of them; or after comparing it on the array, {}", pin(tls))
        }
        TlsFailure::Certificate(Refused::OtherKey, _) => format!(
            "the array got a new key, or something else answers: compare it on the array, then {}",
            pin(tls)
        ),
        TlsFailure::Certificate(Refused::Otherwise, words) if words.contains("CaUsedAsEndEntity") => format!(
            "it is the certificate of an authority (CA:TRUE), as self-signed ones often are, which no server may present, \
             whatever `ca_file` holds: after comparing it on the array, {}",
            pin(tls)
        ),
        TlsFailure::Certificate(Refused::Otherwise, words) if words.contains("UnsupportedCertVersion") => {
            "it is an X.509 certificate of version 1, which cannot be used, with a pin neither: have the array's certificate \
             made anew, as version 3"
                .to_owned()
        }
        TlsFailure::Certificate(Refused::Otherwise, _) => format!(
            "have the array's certificate made anew, with SHA-256 and an elliptic curve or an RSA key of at least 2048 bits (a \
             shorter one cannot be used, with a pin neither); else after comparing it on the array, {}",
            pin(tls)
        ),
        TlsFailure::Handshake(_) => {
            "check that the port in `url` is the API's and speaks TLS 1.2 or 1.3; a port that speaks plain HTTP fails so too. \
             TLS 1.1 and older, and TLS 1.2 with CBC cipher suites only, cannot be used, with a pin neither: switch on TLS 1.3 or suites \
             with GCM on the array, or put a proxy before it that speaks them"
                .to_owned()
        }
        TlsFailure::Setting(_) => "correct `ca_file` or `server_name` of this array".to_owned(),
    }
}

fn pin(tls: &TlsProbe) -> String {
    let pin = tls.certificate.as_ref().map(Certificate::pin);
    format!("set pin_sha256 = \"{}\"", pin.as_deref().unwrap_or("..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_told_wherever_a_pin_would_do_and_nowhere_else() {
        let tls = TlsProbe {
            certificate: None,
            verdict: Ok(String::new()),
        };
        let otherwise = |words: &str| TlsFailure::Certificate(Refused::Otherwise, words.to_owned());
        let other = |refused| TlsFailure::Certificate(refused, String::new());
        for (failure, pin_does) in [
            (otherwise("Other(OtherError(CaUsedAsEndEntity))"), true),
            (otherwise("Other(OtherError(UnsupportedCertVersion))"), false),
            (otherwise("bad signature"), true),
            (other(Refused::UnknownIssuer), true),
            (other(Refused::Expired), true),
            (other(Refused::OtherName), true),
            (other(Refused::OtherKey), true),
            (TlsFailure::Handshake("no version in common".to_owned()), false),
        ] {
            let remedy = remedy(&failure, &tls, "nyc");
            assert_eq!(remedy.contains("set pin_sha256 = "), pin_does, "{failure:?}: {remedy}");
            assert!(!remedy.contains("://"), "{remedy}");
        }
    }
}
