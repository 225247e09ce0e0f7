//! The base of links: a URL of this exporter, of dashboards or of runbooks, perhaps with a path.

use reqwest::Url;
use std::{fmt, str::FromStr};

/// `http` or `https`, a host, and perhaps a port and a path; without what could hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: &'static str,
    host_and_port: String,
    path: String,
    text: String,
}

/// A URL that is no such one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]")]
pub struct ParseBaseUrlError;

impl FromStr for BaseUrl {
    type Err = ParseBaseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseBaseUrlError> {
        let url = Url::parse(text).map_err(|_| ParseBaseUrlError)?;
        let scheme = match url.scheme() {
            "http" => "http",
            "https" => "https",
            _ => return Err(ParseBaseUrlError),
        };
        let is_base = url.query().is_none() && url.fragment().is_none();
        if !is_base || !url.username().is_empty() || url.password().is_some() {
            return Err(ParseBaseUrlError);
        }
        let host = url.host_str().ok_or(ParseBaseUrlError)?;
        let port = url.port_or_known_default().ok_or(ParseBaseUrlError)?;
        Ok(Self {
            scheme,
            host_and_port: format!("{host}:{port}"),
            path: url.path().trim_end_matches('/').to_owned(),
            text: url.as_str().trim_end_matches('/').to_owned(),
        })
    }
}

impl BaseUrl {
    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// `HOST:PORT`, the port of the scheme where none was written.
    #[must_use]
    pub fn host_and_port(&self) -> &str {
        &self.host_and_port
    }

    /// The path without a `/` at its end: empty, or with one at its beginning.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Without a `/` at its end, so that a link is this, a `/` and what it points to.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_read_in_its_parts() {
        for (text, scheme, host_and_port, path, shown) in [
            ("http://a.example", "http", "a.example:80", "", "http://a.example"),
            ("http://[::1]:10094/", "http", "[::1]:10094", "", "http://[::1]:10094"),
            (
                "https://a.example/x/y/",
                "https",
                "a.example:443",
                "/x/y",
                "https://a.example/x/y",
            ),
        ] {
            let base: BaseUrl = text.parse().expect(text);
            let parts = (base.scheme(), base.host_and_port(), base.path());
            assert_eq!(parts, (scheme, host_and_port, path), "{text}");
            assert_eq!(base.to_string(), shown);
        }
    }

    #[test]
    fn a_base_is_http_with_a_host_and_nothing_that_could_be_a_secret() {
        for wrong in [
            "",
            "a.example:1",
            "ftp://a.example",
            "javascript:alert(1)",
            "http://",
            "http://u:p@a.example",
            "http://a.example/?token=1",
            "http://a.example/#x",
        ] {
            assert_eq!(wrong.parse::<BaseUrl>(), Err(ParseBaseUrlError), "{wrong}");
        }
    }
}
