//! What an operator talks about: relationships, recovery points, jobs, health, protection.
//!
//! Pure data and pure functions in the operator's words. No vendor's JSON or XML, no I/O, no clock. The sources produce
//! these types, the store keeps them, the metrics and the pages show them.

pub mod disagreement;
pub(crate) mod duration;
pub mod exempt_time;
pub mod facts;
pub mod field;
pub mod health;
pub mod history;
mod in_json;
pub mod job;
pub mod notice;
pub mod objective;
pub mod overview;
pub mod pairing;
pub mod protection;
pub mod relationship;
pub mod relationship_facts;
pub mod report;
pub mod section;
pub(crate) mod shown;
pub mod skew;
pub mod span;
pub mod standing;
pub mod state_word;
pub mod system;
pub mod timestamp;
pub mod units;
pub mod verdict;
pub mod view;
mod words;

pub use disagreement::Disagreement;
pub use facts::{ArrayFacts, Identity};
pub use field::Field;
pub use health::{Condition, Exemption, Health};
pub use history::{Change, Changed, History, Voice};
pub use job::{Amounts, Job, JobResult, LastJob};
pub use notice::{Concern, Notice};
pub use objective::{Objective, Override};
pub use overview::{ArrayOverview, Overview, Scope, Totals};
pub use pairing::Pair;
pub use protection::{Protection, Restriper, RestriperPhase, RestriperState};
pub use relationship::{Description, Mode, RecoveryPoint, RelationshipKey, Role};
pub use relationship_facts::{Clocks, LastJobFacts, RelationshipFacts, Terms};
pub use report::{Listing, Readings, RelationshipReport, SectionReport, UnknownValues};
pub use section::Section;
pub use span::Span;
pub use standing::{Counts, Standing};
pub use state_word::StateWord;
pub use system::SystemReport;
pub use timestamp::Timestamp;
pub use units::Ratio;
pub use view::{Lasting, Present, View};
pub(crate) use words::words;
