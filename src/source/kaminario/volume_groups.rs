//! Volume groups that no session replicates: from the list of groups and the sessions to the model. Pure; `mod.rs` calls it.

use super::{convert::Listed, wire::Named};
use crate::{
    model::{SectionReport, UnknownValues},
    source::lenient::Lenient,
};
use std::collections::BTreeSet;

/// The groups with at least one volume that no session replicates. Where it cannot be told of one, nothing is said of any:
/// a number that leaves one out would be too good.
pub(super) fn unreplicated(groups: &[Named], listed: &[Listed]) -> SectionReport {
    let mut unknown = UnknownValues::default();
    let replicated: Option<BTreeSet<_>> = listed.iter().map(|session| session.group.as_ref()).collect();
    let mut found = replicated.as_ref().map(|_| Vec::new());
    for group in groups {
        let id = group.id.clone().reading("volume_group_id", &mut unknown);
        let is_replicated = id
            .as_ref()
            .zip(replicated.as_ref())
            .map(|(id, replicated)| replicated.contains(id));
        let volumes = group.volumes_count.clone().reading("volumes_count", &mut unknown);
        match (is_replicated, volumes) {
            (Some(true), _) | (_, Some(0)) => {}
            (Some(false), Some(_)) => {
                let name = match &group.name {
                    Lenient::Value(name) => name.clone(),
                    _ => id.map(|id| id.0).unwrap_or_default(),
                };
                if let Some(found) = &mut found {
                    found.push(name);
                }
            }
            _ => found = None,
        }
    }
    if let Some(found) = &mut found {
        found.sort();
    }
    SectionReport {
        unreplicated_objects: found,
        unknown_values: unknown,
        ..SectionReport::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::wire::{Id, List},
        *,
    };
    use crate::model::{RelationshipKey, Role};

    fn listed(groups: &[Option<&str>]) -> Vec<Listed> {
        let session = |(number, group): (usize, Option<&str>)| Listed {
            key: RelationshipKey::new(number.to_string(), Role::Source),
            id: Id(number.to_string()),
            group: group.map(|id| Id(id.to_owned())),
            latest: None,
            job_running: false,
        };
        groups.iter().copied().enumerate().map(session).collect()
    }

    fn found(groups: &str, sessions: &[Option<&str>]) -> Option<Vec<String>> {
        let list: List<Named> = crate::source::lenient::parse(groups.as_bytes()).expect("a list");
        unreplicated(&list.hits, &listed(sessions)).unreplicated_objects
    }

    const GROUPS: &str = r#"{"hits": [
        {"id": 3, "name": "orders", "volumes_count": 2}, {"id": 1, "name": "erp", "volumes_count": 8},
        {"id": 2, "name": "empty", "volumes_count": 0}], "total": 3, "limit": 100, "offset": 0}"#;

    #[test]
    fn a_group_with_volumes_that_no_session_replicates_is_told() {
        assert_eq!(found(GROUPS, &[Some("1")]), Some(vec!["orders".to_owned()]));
        assert_eq!(found(GROUPS, &[Some("1"), Some("3")]), Some(vec![]));
        assert_eq!(found(GROUPS, &[]), Some(vec!["erp".to_owned(), "orders".to_owned()]));
    }

    #[test]
    fn what_cannot_be_told_of_one_is_no_number() {
        assert_eq!(
            found(&GROUPS.replace("\"volumes_count\": 2", "\"x\": 2"), &[Some("1")]),
            None
        );
        assert_eq!(
            found(GROUPS, &[Some("1"), None]),
            None,
            "a session whose group is unreadable"
        );
    }

    #[test]
    fn a_replicated_group_need_not_say_how_many_volumes_it_has() {
        let groups = GROUPS.replace("\"volumes_count\": 2", "\"x\": 2");
        assert_eq!(found(&groups, &[Some("1"), Some("3")]), Some(vec![]));
    }
}
