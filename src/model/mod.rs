//! What an operator talks about: relationships, recovery points, jobs, health, protection.
//!
//! Pure data and pure functions in the operator's words. No vendor's JSON or XML, no I/O, no clock. The sources produce
//! these types, the store keeps them, the metrics and the pages show them.

pub(crate) mod duration;
pub mod facts;
pub mod field;
pub mod health;
pub mod job;
pub mod objective;
pub mod overview;
pub mod pairing;
pub mod protection;
pub mod relationship;
pub mod report;
pub mod section;
pub mod span;
pub mod state_word;
pub mod system;
pub mod timestamp;
pub mod units;
pub mod verdict;
pub mod view;

pub use facts::{ArrayFacts, Identity, LastJobFacts, RelationshipFacts};
pub use field::Field;
pub use health::{Condition, Exemption, Health};
pub use job::{Amounts, Job, JobResult, LastJob};
pub use objective::Objective;
pub use overview::{ArrayOverview, Overview};
pub use pairing::{Disagreement, Pair};
pub use protection::{Protection, Restriper, RestriperPhase, RestriperState};
pub use relationship::{Description, Mode, RecoveryPoint, RelationshipKey, Role};
pub use report::{Listing, Readings, RelationshipReport, SectionReport, UnknownValues};
pub use section::Section;
pub use span::Span;
pub use state_word::StateWord;
pub use system::SystemReport;
pub use timestamp::Timestamp;
pub use units::Ratio;
pub use verdict::{Counts, Standing};
pub use view::{Lasting, Present, View};
