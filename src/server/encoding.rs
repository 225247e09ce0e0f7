//! Which content coding a client wants (RFC 9110, 12.5.3). Pure.

use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

/// What the server can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
}

/// What `Accept-Encoding` asks for. Gzip where it is acceptable and not wanted less than identity; identity otherwise,
/// also where the client refuses both: an answer is more use than a 406.
pub(super) fn negotiate(headers: &HeaderMap) -> Encoding {
    let mut gzip = None;
    let mut identity = None;
    let mut any = None;
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    for item in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
        let Some(weight) = weight(parameters) else { continue };
        let slot = match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut gzip,
            "identity" => &mut identity,
            "*" => &mut any,
            _ => continue,
        };
        *slot = Some(slot.map_or(weight, |earlier: u16| earlier.max(weight)));
    }
    let gzip = gzip.or(any).unwrap_or(0);
    if gzip > 0 && gzip >= identity.unwrap_or(0) {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// The weight in thousandths; `None` if it is malformed, which makes the item as good as absent.
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let (name, value) = parameters.split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let value = value.trim_start();
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_and_zero_refuses() {
        for (wanted, values) in [
            (Encoding::Identity, &[][..]),
            (Encoding::Identity, &[""]),
            (Encoding::Gzip, &["gzip"]),
            (Encoding::Gzip, &["GZip"]),
            (Encoding::Gzip, &["deflate, gzip;q=0.5, br"]),
            (Encoding::Gzip, &["deflate", "x-gzip"]),
            (Encoding::Gzip, &["*"]),
            (Encoding::Gzip, &["gzip ; Q = 0.001"]),
            (Encoding::Gzip, &["identity;q=0.5, gzip;q=0.5"]),
            (Encoding::Identity, &["gzip;q=0"]),
            (Encoding::Identity, &["gzip;q=0.000, *"]),
            (Encoding::Identity, &["*;q=0"]),
            (Encoding::Identity, &["identity, gzip;q=0.5"]),
            (Encoding::Identity, &["gzip;q=2"]),
            (Encoding::Identity, &["gzip;q=0.0001"]),
            (Encoding::Identity, &["gzip;q=nan"]),
            (Encoding::Identity, &["gzipped"]),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, value.parse().expect("a header value"));
            }
            assert_eq!(negotiate(&headers), wanted, "{values:?}");
        }
    }
}
