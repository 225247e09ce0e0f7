//! Where an array is: `url` or `urls`, and Silk Flex's `base_path`.

use crate::config::{
    Vendor,
    checked::Checked,
    findings::{Findings, Setting},
    key_path::KeyPath,
};
use reqwest::Url;

/// What an array says about its address.
pub(super) struct AddressSettings {
    url: Setting<String>,
    urls: Setting<Vec<(String, KeyPath)>>,
    allow_plaintext: bool,
}

impl AddressSettings {
    /// Reads the keys.
    pub(super) fn read(
        findings: &mut Findings<'_>,
        array: &KeyPath,
        url: Option<Checked<String>>,
        urls: Option<Checked<Vec<Checked<String>>>>,
        allow_plaintext: Option<Checked<bool>>,
    ) -> Self {
        let url = findings.read(array, "url", url);
        let urls = match findings.read(array, "urls", urls) {
            Setting::Unset => Setting::Unset,
            Setting::Unusable => Setting::Unusable,
            Setting::Set(list, at) if list.is_empty() => {
                findings.problem(&at, "is empty: list at least one address, or use `url`");
                Setting::Unusable
            }
            Setting::Set(list, at) => Setting::Set(findings.elements(&at, list), at),
        };
        let allow_plaintext = findings.read(array, "allow_plaintext", allow_plaintext);
        Self {
            url,
            urls,
            allow_plaintext: allow_plaintext.value().unwrap_or(false),
        }
    }
}

/// The addresses, in the order to try them.
pub(super) fn urls(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    array: &KeyPath,
    settings: AddressSettings,
) -> Vec<Url> {
    let AddressSettings {
        url,
        urls,
        allow_plaintext,
    } = settings;
    if !url.is_written() && !urls.is_written() {
        findings.problem(array, "`url` is missing: set it to the array's https address");
    }
    if url.is_written()
        && let Setting::Set(_, at) = &urls
    {
        findings.problem(at, "`url` is set too: keep one of the two");
    }
    let mut found: Vec<Url> = Vec::new();
    let one = match url {
        Setting::Set(text, at) => vec![(text, at)],
        Setting::Unset | Setting::Unusable => vec![],
    };
    for (text, at) in one.into_iter().chain(urls.value().unwrap_or_default()) {
        match parse(&text, vendor, allow_plaintext) {
            Ok(url) if found.contains(&url) => findings.problem(&at, "the same address is listed before"),
            Ok(url) => found.push(url),
            Err(message) => findings.problem(&at, message),
        }
    }
    if found.iter().any(|url| url.scheme() == "http") {
        let message = "speaks http: what is sent, the credentials included, can be read on the way";
        findings.warning(array, message);
    }
    found
}

/// `base_path`, normalised to `/a/b`.
pub(super) fn base_path(findings: &mut Findings<'_>, vendor: Vendor, setting: Setting<String>) -> Option<String> {
    let Setting::Set(text, at) = setting else {
        return None;
    };
    if vendor != Vendor::Kaminario {
        findings.problem(&at, "only [[kaminario]] has this key: remove it");
        return None;
    }
    let path = text.strip_suffix('/').unwrap_or(&text);
    let segment = |segment: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '~');
        !segment.is_empty() && !segment.chars().all(|c| c == '.') && segment.chars().all(plain)
    };
    match path.strip_prefix('/') {
        Some(rest) if rest.split('/').all(segment) => Some(path.to_owned()),
        _ => {
            findings.problem(&at, "expected the path before /api/v2, such as \"/rest/sdps/12\"");
            None
        }
    }
}

fn parse(text: &str, vendor: Vendor, allow_plaintext: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL: write it as \"https://HOST:PORT\"")?;
    match url.scheme() {
        "https" => {}
        "http" if allow_plaintext => {}
        "http" => return Err("http sends the credentials in the clear: use https, or set `allow_plaintext = true`"),
        _ => return Err("must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user or password: use `username` and `password_file`");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must hold no query (?) and no fragment (#)");
    }
    match (url.path(), vendor) {
        ("/", _) => Ok(url),
        (_, Vendor::Kaminario) => Err("must hold no path; for Silk Flex, put it in `base_path`"),
        _ => Err("must hold no path: the exporter adds that of the API"),
    }
}
