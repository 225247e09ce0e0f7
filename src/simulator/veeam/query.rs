//! The query service: type, filter, one sort key, pages. Stateless, so rows move between pages while the manager collects.
//! Called by `routes.rs`.

use super::{
    filter::Filter,
    refusal::Refusal,
    row::{Kind, Row, Shape},
    time::Micros,
    wire,
    world::World,
};
use std::cmp::Ordering;

/// Rows of a page where the request does not say: not all of them, whatever the documentation's text says.
pub(crate) const PAGE: usize = 100;
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
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let url = reqwest::Url::parse(&format!("http://any/?{query}"))
            .map_err(|_| Refusal::malformed("The query cannot be read."))?;
        let pairs = url.query_pairs();
        Ok(Self(
            pairs
                .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
                .collect(),
        ))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(each, _)| each == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether whole entities are asked for: `Entity` of one or of a collection, `Entities` of a query.
    pub(crate) fn wants_entities(&self) -> bool {
        let format = self.get("format").unwrap_or_default();
        format.eq_ignore_ascii_case("Entity") || format.eq_ignore_ascii_case("Entities")
    }

    fn positive(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse()
            .ok()
            .filter(|number| (1..=LARGEST_PAGE).contains(number))
            .ok_or_else(|| Refusal::malformed(format!("{text:?} is no {name}.")))
    }
}

/// The type that a query asks for.
pub(crate) fn kind(parameters: &Parameters) -> Result<Kind, Refusal> {
    let name = parameters.get("type").unwrap_or_default();
    Kind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| Refusal::malformed(format!("{name:?} is no type of the query service.")))
}

/// Answers a query: the XML of one page.
pub(crate) fn run(world: &World, kind: Kind, parameters: &Parameters) -> Result<String, Refusal> {
    let filter = match parameters.get("filter") {
        Some(text) => Filter::parse(kind, text).map_err(Refusal::malformed)?,
        None => Filter::Everything,
    };
    let mut rows = rows(world, kind, &filter);
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

/// Every row that the filter may accept.
pub(crate) fn rows<'a>(world: &'a World, kind: Kind, filter: &Filter) -> Vec<Row<'a>> {
    let (from, to) = filter.created(world.longest_run(), world.shown(world.collected));
    let (from, to) = (world.unshown(from), world.unshown(to));
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
    let (field, shape) = kind
        .field(key)
        .ok_or_else(|| Refusal::malformed(format!("{key:?} is no parameter of this type.")))?;
    let directed = |order: Ordering| if ascending { order } else { order.reverse() };
    if shape == Shape::Time && field == "CreationTime" {
        rows.sort_by(|a, b| directed(a.created().cmp(&b.created())));
        return Ok(());
    }
    rows.sort_by(|a, b| match (a.value(world, field), b.value(world, field)) {
        (Some(a), Some(b)) => directed(a.compare(&b)),
        (a, b) => directed(a.is_some().cmp(&b.is_some())),
    });
    Ok(())
}

/// 30 nominal days: what a plain collection goes back.
pub(crate) fn recent(world: &World) -> Micros {
    world.collected - world.month()
}
