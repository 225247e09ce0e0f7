//! Where an array is: `url` or `urls`.

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

fn parse(text: &str, vendor: Vendor, allow_plaintext: bool) -> Result<Url, String> {
    let url = address(text, super::own::instead_of_path(vendor))?;
    if url.scheme() == "http" && !allow_plaintext {
        return Err("http sends the credentials in the clear: use https, or set `allow_plaintext = true`".to_owned());
    }
    Ok(url)
}

/// The address of an array, whatever it speaks; `instead_of_path` is what to do with a path where that is known.
pub fn address(text: &str, instead_of_path: Option<&str>) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is not a URL: write it as \"https://HOST:PORT\"".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user or password: use `username` and `password_file`".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must hold no query (?) and no fragment (#)".to_owned());
    }
    if url.path() == "/" {
        return Ok(url);
    }
    Err(match instead_of_path {
        Some(instead) => format!("must hold no path; {instead}"),
        None => "must hold no path: the exporter adds that of the API".to_owned(),
    })
}
