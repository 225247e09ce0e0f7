//! The query service: type, filter, one sort key, pages. Stateless, so rows move between pages while the manager collects.
//! Called by `routes.rs`.

use super::{
    filter::Filter,
    row::{Kind, Row},
    time::Micros,
    wire,
    world::World,
};
use crate::simulator::{device::Request, refusal::Refusal};
use std::cmp::Ordering;

/// Rows of a page where the request does not say: not all of them, whatever the documentation's text says.
const PAGE: usize = 100;
/// The most rows of a page. No limit is documented.
const LARGEST_PAGE: usize = 10_000;

/// The parameters of a request, decoded; names in lower case.
pub(crate) struct Parameters(Vec<(String, String)>);

/// The rows of one page.
pub(crate) struct Page<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) number: usize,
    pub(crate) size: usize,
    pub(crate) count: usize,
}

impl Parameters {
    pub(crate) fn of(request: &Request) -> Self {
        let pairs = request.query().into_iter();
        Self(pairs.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    }

    fn positive(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let number = text.parse().ok().filter(|number| (1..=LARGEST_PAGE).contains(number));
        number.ok_or_else(|| Refusal::malformed(format!("{text:?} is no {name}.")))
    }
}

/// The type that a query asks for.
pub(crate) fn kind(parameters: &Parameters) -> Result<Kind, Refusal> {
    let name = parameters.get("type").unwrap_or_default();
    Kind::QUERIED
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| Refusal::malformed(format!("{name:?} is no type of the query service.")))
}

/// Answers a query: the XML of one page of entities. References instead of them are not simulated.
pub(crate) fn run(world: &World, kind: Kind, parameters: &Parameters) -> Result<String, Refusal> {
    if !parameters
        .get("format")
        .is_some_and(|format| format.eq_ignore_ascii_case("Entities"))
    {
        return Err(Refusal::malformed("Only format=Entities is simulated."));
    }
    let filter = match parameters.get("filter") {
        Some(text) => Filter::parse(kind, text).map_err(Refusal::Malformed)?,
        None => Filter::Everything,
    };
    let (from, to) = filter.created(world.longest_run(), world.shown(world.collected));
    let mut rows = rows(world, kind, (world.unshown(from), world.unshown(to)));
    rows.retain(|row| filter.accepts(&|field| row.value(world, field)));
    sort(world, kind, &mut rows, parameters)?;
    let size = parameters.positive("pagesize", PAGE)?;
    let number = parameters.positive("page", 1)?;
    let count = rows.len().div_ceil(size).max(1);
    let rows = rows.into_iter().skip((number - 1) * size).take(size).collect();
    let page = Page {
        rows,
        number,
        size,
        count,
    };
    Ok(wire::query_result(world, kind, parameters, &page))
}

/// The rows of a kind; of what has a moment of creation those between these.
pub(crate) fn rows(world: &World, kind: Kind, (from, to): (Micros, Micros)) -> Vec<Row<'_>> {
    match kind {
        Kind::Task => world.tasks(from, to).iter().map(Row::Task).collect(),
        Kind::Run => world.runs(from, to).iter().map(Row::Run).collect(),
        Kind::Point => world.points().iter().map(Row::Point).collect(),
        Kind::Replica => world.jobs.iter().map(Row::Replica).collect(),
        Kind::Job => world.jobs.iter().map(Row::Job).collect(),
        Kind::Server => (0..world.servers.len()).map(Row::Server).collect(),
    }
}

/// Without a key the order is nobody's promise: the real one mixes times, and so does this.
fn sort(world: &World, kind: Kind, rows: &mut [Row<'_>], parameters: &Parameters) -> Result<(), Refusal> {
    let (key, ascending) = match (parameters.get("sortasc"), parameters.get("sortdesc")) {
        (Some(_), Some(_)) => return Err(Refusal::malformed("There can be one sort key only.")),
        (Some(key), None) => (key, true),
        (None, Some(key)) => (key, false),
        (None, None) => {
            rows.sort_by_key(|row| row.created().rotate_left(17));
            return Ok(());
        }
    };
    let (field, _) = kind
        .field(key)
        .ok_or_else(|| Refusal::malformed(format!("{key:?} is no parameter of this type.")))?;
    let directed = |order: Ordering| if ascending { order } else { order.reverse() };
    if field == "CreationTime" {
        rows.sort_by(|a, b| directed(a.created().cmp(&b.created())));
        return Ok(());
    }
    rows.sort_by(|a, b| match (a.value(world, field), b.value(world, field)) {
        (Some(a), Some(b)) => directed(a.compare(&b)),
        (a, b) => directed(a.is_some().cmp(&b.is_some())),
    });
    Ok(())
}
