//! The certificate authorities that arrays trust, as their file was when the configuration was read.
//!
//! Each file is read once per load, however many arrays name it, so that what was checked is what is used, and using it asks
//! no file system any more. `check` reads them; `source::trust` builds verifiers of them.

use super::file::read_small;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// No bundle of authorities is larger; the system's own has about 250 KB.
const CA_FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// The content of a CA file. Two are equal if place and content are.
#[derive(Clone, Debug)]
pub struct Authorities {
    /// Where they were read.
    pub path: PathBuf,
    /// SHA-256 of the file: a renewed authority is another trust.
    pub digest: [u8; 32],
    /// The certificates; never none.
    pub roots: Arc<RootCertStore>,
}

impl Authorities {
    /// Reads a file. The error says what is wrong, and not with which file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let pem = read_small(path, CA_FILE_LIMIT).map_err(|reason| format!("this file cannot be read: {reason}"))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| "this file is not valid PEM".to_owned())?;
            roots
                .add(certificate)
                .map_err(|_| "a certificate in this file cannot be read".to_owned())?;
        }
        if roots.is_empty() {
            return Err("this file holds no certificate in PEM (-----BEGIN CERTIFICATE-----)".to_owned());
        }
        Ok(Self {
            path: path.to_owned(),
            digest: Sha256::digest(&pem).into(),
            roots: Arc::new(roots),
        })
    }
}

impl PartialEq for Authorities {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.digest == other.digest
    }
}

impl Eq for Authorities {}

/// The files of one load, each read once.
#[derive(Debug, Default)]
pub(crate) struct CaFiles(BTreeMap<PathBuf, Result<Authorities, String>>);

impl CaFiles {
    /// What is in a file, or what is wrong with it.
    pub(crate) fn read(&mut self, path: &Path) -> Result<Authorities, String> {
        let known = self.0.entry(path.to_owned());
        known.or_insert_with(|| Authorities::read(path)).clone()
    }
}
