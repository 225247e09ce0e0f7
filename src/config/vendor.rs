//! What the program is told of a vendor: the form of a descriptor, and the handle by which everything else knows a vendor.
//! Names no vendor: each one's folder fills its descriptor, `source::vendors` lists them, and this folder is given the list.

use crate::model::{Role, Section};
use std::{cmp::Ordering, fmt, hash, ops::Deref, time::Duration};

/// A vendor: its descriptor, compared by name.
#[derive(Clone, Copy)]
pub struct Vendor(&'static Descriptor);

/// Everything about a vendor that is data. What it *does* is its `Reader`.
#[derive(Debug)]
pub struct Descriptor {
    /// The `vendor` label, and the name of the configuration's section.
    pub name: &'static str,
    /// How documents call it.
    pub title: &'static str,
    /// How a message calls one of its systems.
    pub system: &'static str,
    /// Where its API listens unless somebody moved it.
    pub port: u16,
    /// Every section of a poll, `system` among them, sorted by name.
    pub sections: &'static [SectionSpec],
    /// The fields whose unknown values are counted, sorted; each counter starts at 0.
    pub counted_fields: &'static [&'static str],
    /// Its words for the state of a relationship, as exposed: a list for each kind of relationship.
    pub states: &'static [&'static [&'static str]],
    /// `interval` where nothing says otherwise.
    pub interval: Duration,
    /// `timeout` where nothing says otherwise.
    pub timeout: Duration,
    /// Whether a system itself states an objective for each relationship.
    pub states_objectives: bool,
    /// How it can be proved who asks, the best way first.
    pub credentials: &'static [CredentialSpec],
    /// How an account is made that can only read.
    pub account: Account,
    /// Keys of the configuration that only this vendor has.
    pub own_keys: &'static [OwnKey],
    /// What to do about failures.
    pub remedies: Remedies,
    /// Each metric family that it fills, by name, and the field that it comes from.
    pub sources: &'static [(&'static str, &'static str)],
    /// Wire fields that become a label, or a part of one.
    pub labels: &'static [&'static str],
    /// Wire fields that are no metric and no label.
    pub left_out: &'static [LeftOut],
}

/// One section of a vendor.
#[derive(Debug)]
pub struct SectionSpec {
    /// Its name.
    pub section: Section,
    /// The right that it needs, as the vendor calls it; `None`: no right at all.
    pub right: Option<&'static str>,
    /// Whether the exporter does without the right: the section only adds to others, and a least-privileged user lacks it.
    pub is_optional: bool,
    /// What to do where the right is missing.
    pub without: &'static str,
    /// Whether relationships come and go with it, and the roles of which it then lists **all**. This is a claim: where such
    /// a section succeeds without a relationship of a role named here, `storage_replication_relationships` is 0 for that
    /// role, which says that there is none, and an alert believes it. A role that only sometimes occurs in it is not named.
    pub lists: Option<&'static [Role]>,
    /// How often it is read whole, where that is less often than every poll: its readings live three of these.
    pub period: Option<Duration>,
}

impl SectionSpec {
    /// A section that needs `right`, lists nothing and is read at every poll.
    #[must_use]
    pub const fn new(section: Section, right: Option<&'static str>, without: &'static str) -> Self {
        Self {
            section,
            right,
            is_optional: false,
            without,
            lists: None,
            period: None,
        }
    }
}

/// One way to prove who asks.
#[derive(Debug)]
pub struct CredentialSpec {
    /// Which.
    pub kind: CredentialKind,
    /// The own key without which it is of no use, and which has none with any other kind; with what to say then.
    pub only_with: Option<(&'static str, &'static str)>,
    /// What to do where it is refused.
    pub refused: &'static str,
    /// The commands that give `{user}` a new secret, as those of [`Account`].
    pub renew: &'static [&'static str],
}

/// The kinds of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// A long-lived token.
    Token,
    /// User and password in the body of a log-on.
    Password,
    /// User and password by HTTP Basic, which ends the user at the first colon (RFC 7617, section 2).
    Basic,
}

/// How an account is made that can only read: lines of a shell on any machine, in the system's own commands, comments where
/// it has none. `{host}` and `{port}` stand for its address, `{user}` for the account, `{rights}` for rights.
#[derive(Debug)]
pub struct Account {
    /// What a new configuration has as `username`, where it has one; the same account as in the commands.
    pub username: &'static str,
    /// Makes it, with `{rights}`.
    pub make: &'static [&'static str],
    /// Gives it `{rights}` that it lacks.
    pub grant: &'static [&'static str],
}

/// A key of the configuration that one vendor has.
#[derive(Debug)]
pub struct OwnKey {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: OwnKind,
}

/// What an own key takes.
#[derive(Debug)]
pub enum OwnKind {
    /// A duration, and which where nothing says otherwise.
    Period(Duration),
    /// A path before those of the API.
    Path {
        /// What was expected.
        expected: &'static str,
        /// What to do with a path in `url`.
        instead_of_url: &'static str,
        /// What to say where the credentials are not of the kind that needs it.
        without_credentials: &'static str,
    },
}

/// What to do about failures: sentences for the operator.
#[derive(Debug)]
pub struct Remedies {
    /// Where no version is told.
    pub no_version: &'static str,
    /// What to check where nothing is replicated.
    pub no_relationships: &'static str,
    /// What the user needs to read, all in all.
    pub least: &'static str,
    /// Where an API is not there.
    pub unsupported: &'static str,
    /// Where the answer is an error of the system itself.
    pub http_status: &'static str,
    /// Where something answers that is not this API.
    pub not_the_api: &'static str,
}

/// Wire fields that are deliberately no metric, for the same reason.
#[derive(Debug)]
pub struct LeftOut {
    /// Where the fields are.
    pub object: &'static str,
    /// The fields.
    pub fields: &'static [&'static str],
    /// Why they are left out.
    pub reason: &'static str,
}

/// A vendor's column of the catalogue: each family, and the field that it comes from.
macro_rules! sources {
    ($($family:literal => $source:literal,)+) => {
        /// A family's name, and the field that it comes from. A family that is not here is not there.
        pub(super) const SOURCES: &[(&str, &str)] = &[$(($family, $source)),+];
    };
}
pub(crate) use sources;

/// What of a vendor's documented objects is no metric and no label: by object, fields and the reason.
macro_rules! left_out {
    ($($object:literal { $($($field:literal),+ => $reason:literal,)+ })+) => {
        /// Every field of the documented objects that is no metric and no label.
        pub(super) const LEFT_OUT: &[crate::config::vendor::LeftOut] = &[$($(crate::config::vendor::LeftOut {
            object: $object, fields: &[$($field),+], reason: $reason,
        }),+),+];
    };
}
pub(crate) use left_out;

impl Vendor {
    /// The vendor that is described so.
    #[must_use]
    pub const fn new(descriptor: &'static Descriptor) -> Self {
        Self(descriptor)
    }

    /// The `vendor` label, and the name of the configuration's section.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Every section of a poll, `system` among them, sorted by name.
    #[must_use]
    pub fn sections(self) -> Vec<Section> {
        self.0.sections.iter().map(|spec| spec.section).collect()
    }

    /// What there is to know of a section, if this vendor has it.
    #[must_use]
    pub fn section(self, section: Section) -> Option<&'static SectionSpec> {
        self.0.sections.iter().find(|spec| spec.section == section)
    }

    /// The key of this name, if it is this vendor's.
    #[must_use]
    pub fn own_key(self, name: &str) -> Option<&'static OwnKey> {
        self.0.own_keys.iter().find(|key| key.name == name)
    }
}

impl Deref for Vendor {
    type Target = Descriptor;

    fn deref(&self) -> &Descriptor {
        self.0
    }
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Vendor {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Vendor {}

impl PartialOrd for Vendor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Vendor {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

impl hash::Hash for Vendor {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}
