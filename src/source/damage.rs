//! Damaged payloads, for the tests of every vendor's conversion.

use crate::model::UnknownValues;

/// The payload with `from` replaced by `to`, which must occur.
pub(super) fn edited(payload: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(payload).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

/// Reads every prefix of `payload`, and the payload with each byte changed to each of `bytes`. None may panic; no prefix may
/// be taken for an answer; what is counted must be one of the fields that start at 0.
pub(super) fn survives(
    payload: &[u8],
    bytes: &[u8],
    counted_fields: &[&str],
    read: impl Fn(&[u8]) -> Result<UnknownValues, String>,
) {
    let end = payload.trim_ascii_end().len();
    for cut in 0..end {
        assert!(read(&payload[..cut]).is_err(), "a prefix of {cut} bytes is no answer");
    }
    let mut damaged = payload.to_vec();
    for position in 0..end {
        for &byte in bytes {
            damaged[position] = byte;
            if let Ok(unknown) = read(&damaged) {
                for (field, _) in unknown.iter() {
                    assert!(counted_fields.contains(&field), "{field}");
                }
            }
        }
        damaged[position] = payload[position];
    }
}
