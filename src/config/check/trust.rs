//! How it is proved who answers: which of the keys go together, and whether each can be used.

use crate::config::{
    Authorities, Trust,
    findings::{Findings, Setting},
    key_path::KeyPath,
    raw::RawTrust,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::ServerName;

/// The trust settings of one array.
pub(super) fn resolve(findings: &mut Findings<'_>, array: &KeyPath, raw: RawTrust) -> Trust {
    let ca_file = findings.read(array, "ca_file", raw.ca_file);
    let pin = findings.read(array, "pin_sha256", raw.pin_sha256);
    let server_name = findings.read(array, "server_name", raw.server_name);
    let insecure = findings.read(array, "insecure_skip_verify", raw.insecure_skip_verify);

    if let Setting::Set(true, at) = &insecure {
        findings.warning(
            at,
            "anyone on the network can pose as this array: use `ca_file` or `pin_sha256`",
        );
        if ca_file.is_written() || pin.is_written() || server_name.is_written() {
            let message = "goes with none of `ca_file`, `pin_sha256` and `server_name`: remove it, or them";
            findings.problem(at, message);
        }
    }
    if let Setting::Set(_, at) = &pin
        && ca_file.is_written()
    {
        findings.problem(at, "replaces every authority: remove it, or `ca_file`");
    }
    Trust {
        ca_file: check_ca_file(findings, ca_file),
        pin_sha256: check_pin(findings, pin),
        server_name: check_server_name(findings, server_name),
        insecure_skip_verify: insecure.value().unwrap_or(false),
    }
}

fn check_ca_file(findings: &mut Findings<'_>, setting: Setting<String>) -> Option<Authorities> {
    let Setting::Set(path, at) = setting else {
        return None;
    };
    let path = findings.beside_the_file(&path);
    findings
        .ca_files
        .read(&path)
        .map_err(|message| findings.problem(&at, message))
        .ok()
}

fn check_pin(findings: &mut Findings<'_>, setting: Setting<String>) -> Option<[u8; 32]> {
    let Setting::Set(text, at) = setting else {
        return None;
    };
    let pin = parse_pin(&text);
    if pin.is_none() {
        let message = "expected the SHA-256 of the public key: 64 hex digits, with or without colons, or base64";
        findings.problem(&at, message);
    }
    pin
}

/// Hex as openssl prints it, or base64 with or without curl's `sha256//`.
fn parse_pin(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b':').collect();
    if digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit) {
        let value = |digit: u8| {
            char::from(digit)
                .to_digit(16)
                .and_then(|value| u8::try_from(value).ok())
        };
        let bytes: Option<Vec<u8>> = digits
            .chunks(2)
            .map(|pair| Some(value(pair[0])? * 16 + value(pair[1])?))
            .collect();
        return bytes?.try_into().ok();
    }
    let base64 = text.strip_prefix("sha256//").unwrap_or(text);
    STANDARD.decode(base64).ok()?.try_into().ok()
}

fn check_server_name(findings: &mut Findings<'_>, setting: Setting<String>) -> Option<String> {
    let Setting::Set(name, at) = setting else {
        return None;
    };
    if ServerName::try_from(name.as_str()).is_err() {
        findings.problem(&at, "expected a host name or an IP address, without port");
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_reads_as_hex_and_as_base64() {
        let pin = Some([0xab; 32]);
        assert_eq!(parse_pin(&"ab".repeat(32)), pin);
        assert_eq!(parse_pin(&vec!["AB"; 32].join(":")), pin);
        assert_eq!(parse_pin(&STANDARD.encode([0xab; 32])), pin);
        assert_eq!(parse_pin(&format!("sha256//{}", STANDARD.encode([0xab; 32]))), pin);
        for bad in ["", "ab", &"zz".repeat(32), &STANDARD.encode([0; 31])] {
            assert_eq!(parse_pin(bad), None, "{bad}");
        }
    }
}
