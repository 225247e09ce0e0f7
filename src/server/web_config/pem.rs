//! Certificates and keys in PEM, from a file or from the web configuration itself. Called by `tls`.

use super::{
    Files,
    table::{Findings, Spot, Table},
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// PEM and where it, or the path of its file, was written. No `Debug`: it can be a private key.
pub(super) struct Pem {
    content: Vec<u8>,
    pub(super) at: Spot,
}

impl Pem {
    /// What is under the key `inline` or in the file that the key `file` names; `None` without either, or with a problem.
    pub(super) fn take(
        section: &mut Table,
        [inline, file]: [&'static str; 2],
        files: &mut Files,
        findings: &mut Findings,
    ) -> Option<Self> {
        let inline_text = section.take(inline).and_then(|field| field.text(findings));
        let path = section.take(file).and_then(|field| field.text(findings));
        match (inline_text, path) {
            (Some((_, at)), Some(_)) => {
                findings.problem(&at, format!("`{file}` is set too: keep one of the two"));
                None
            }
            (Some((text, at)), None) => Some(Self {
                content: text.into_bytes(),
                at,
            }),
            (None, Some((path, at))) => match files.read(&findings.beside_the_file(&path)) {
                Ok(content) => Some(Self { content, at }),
                Err(reason) => {
                    findings.problem(&at, format!("the file cannot be read: {reason}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// The certificates, at least one.
    pub(super) fn certificates(&self, findings: &mut Findings) -> Option<Vec<CertificateDer<'static>>> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.content).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => {
                findings.problem(&self.at, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
                None
            }
            Ok(certificates) => Some(certificates),
            Err(_) => {
                findings.problem(&self.at, "is not valid PEM");
                None
            }
        }
    }

    /// The first private key.
    pub(super) fn private_key(&self, findings: &mut Findings) -> Option<PrivateKeyDer<'static>> {
        let key = PrivateKeyDer::from_pem_slice(&self.content).ok();
        if key.is_none() {
            let message = "holds no private key in PEM (-----BEGIN PRIVATE KEY-----); an encrypted one cannot be used";
            findings.problem(&self.at, message);
        }
        key
    }

    /// The certificates as authorities.
    pub(super) fn authorities(&self, findings: &mut Findings) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates(findings)? {
            if roots.add(certificate).is_err() {
                findings.problem(&self.at, "holds a certificate that cannot be read");
                return None;
            }
        }
        Some(roots)
    }
}
