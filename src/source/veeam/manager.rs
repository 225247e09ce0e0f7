//! Enterprise Manager itself: its versions and its collections, from the wire. Pure functions; `mod.rs` calls them.

use super::{
    book::MOST_AHEAD,
    wire::Document,
    xml::{self, Text, moment, read},
};
use crate::{
    model::{Field, Timestamp, UnknownValues},
    source::lenient::Lenient,
};

/// The end of the newest collection that succeeded. One that lies in the future is none.
pub(super) fn newest_collection(
    body: &[u8],
    now: Timestamp,
    unknown: &mut UnknownValues,
) -> Result<Option<Timestamp>, String> {
    let Document::SystemSessions(sessions) = xml::parse(body)? else {
        return Err("the answer is no list of system sessions".to_owned());
    };
    let mut newest = None;
    for session in sessions.rows {
        let says = |element: Option<&Text>, words: &[&str]| matches!(read::<String>(element), Lenient::Value(word) if words.contains(&word.as_str()));
        if says(session.session_type.as_ref(), &["CollectJob"])
            && says(session.state.as_ref(), &["CompletedSuccessfully", "CompletedWarning"])
        {
            let end = moment(session.end_time.as_ref(), "end_time", unknown).value();
            if end.is_some_and(|end| end.seconds_since(now) > MOST_AHEAD) {
                unknown.count("end_time");
            }
            newest = newest.max(end.filter(|end| *end <= now));
        }
    }
    Ok(newest)
}

/// The highest version of the API, such as `v1_7`.
pub(super) fn api_version(body: &[u8], unknown: &mut UnknownValues) -> Result<Field<String>, String> {
    let Document::EnterpriseManager(root) = xml::parse(body)? else {
        return Err("the answer is not that of an Enterprise Manager".to_owned());
    };
    let names = root.versions.into_iter().flat_map(|versions| versions.list);
    let newest = names.filter_map(|version| version.name).max_by_key(|name| {
        let numbers = name.trim_start_matches('v').split('_');
        numbers.map(|number| number.parse().unwrap_or(0)).collect::<Vec<u32>>()
    });
    Ok(newest
        .map_or(Lenient::Absent, Lenient::Value)
        .fact("supported_versions", unknown))
}
