//! Where the page's links out lead: to the runbooks and dashboards of whoever runs this. Without a base there is no link.

use super::question::encoded;
use crate::{
    model::{Concern, Exemption, Notice, Pair, Standing},
    settings::Links,
};

/// Where to read what to do.
pub(super) fn of_pair(pair: &Pair) -> &'static str {
    match pair.standing {
        Standing::NoCopy => "ReplicationNoCopy",
        Standing::Behind => "ReplicationBehind",
        Standing::Failing => "ReplicationFailing",
        Standing::Unknown => "ReplicationStandingUnknown",
        Standing::Unjudged => "ReplicationUnjudged",
        Standing::Stopped => match pair.stopped {
            Some(Exemption::FailedOver) => "ReplicationFailedOver",
            Some(Exemption::Pending) => "ReplicationNotAuthorized",
            _ => "ReplicationPauseForgotten",
        },
        Standing::Protected => "README",
    }
}

/// The same for a notice.
pub(super) fn of_notice(notice: &Notice) -> &'static str {
    match notice.about {
        Concern::DataAtRisk => "StorageDataAtRisk",
        Concern::ArrayDown => "StorageArrayDown",
        Concern::RestriperBlocked => "StorageRestriperBlocked",
        Concern::LogInRefused => "StorageLoginFailing",
        Concern::SectionFailing => "StorageSectionFailing",
        Concern::ClockWrong => "StorageClockSkew",
        Concern::Configuration if notice.array.is_none() => "ReplicationExporterReloadFailed",
        Concern::Configuration => "README",
    }
}

/// The page of a runbook.
pub(super) fn runbook(links: &Links, name: &str) -> Option<String> {
    links.runbook.as_ref().map(|base| format!("{base}/{name}.md"))
}

/// The dashboard of one relationship.
pub(super) fn dashboard(links: &Links, pair: &str) -> Option<String> {
    let base = links.dashboard.as_ref()?;
    Some(format!(
        "{base}/d/storage-replication-relationship?var-pair={}",
        encoded(pair)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::status::fixture::overview;

    /// What has a runbook: every alert, and the folder itself.
    fn is_there(name: &str) -> bool {
        let alerts = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/prometheus/alerts.rules.yml");
        let alerts = std::fs::read_to_string(alerts).expect("the alerts");
        name == "README"
            || alerts
                .lines()
                .any(|line| line.trim().trim_start_matches("- ") == format!("alert: {name}"))
    }

    #[test]
    fn every_runbook_that_a_page_names_is_that_of_an_alert() {
        let mut pair = overview().relationships.remove(0);
        let reasons = [
            None,
            Some(Exemption::FailedOver),
            Some(Exemption::Pending),
            Some(Exemption::Paused),
        ];
        let mut notices = overview().notices;
        notices.push(Notice::of_refused_reload(overview().now, "x"));
        let mut names: Vec<&str> = notices.iter().map(of_notice).collect();
        for &about in Concern::ALL {
            names.push(of_notice(&Notice {
                about,
                ..notices[0].clone()
            }));
        }
        for &standing in Standing::ALL {
            for stopped in reasons {
                (pair.standing, pair.stopped) = (standing, stopped);
                names.push(of_pair(&pair));
            }
        }
        names.retain(|name| !is_there(name));
        assert_eq!(names, Vec::<&str>::new());
    }

    #[test]
    fn without_a_base_there_is_no_link() {
        let none = Links::default();
        assert_eq!((runbook(&none, "README"), dashboard(&none, "x")), (None, None));
        let links = Links {
            runbook: Some("https://books.example/runbooks/".parse().expect("a base")),
            dashboard: Some("https://grafana.example/g".parse().expect("a base")),
            external: None,
        };
        assert_eq!(
            runbook(&links, "README").as_deref(),
            Some("https://books.example/runbooks/README.md")
        );
        assert_eq!(
            dashboard(&links, "1/2~3/4").as_deref(),
            Some("https://grafana.example/g/d/storage-replication-relationship?var-pair=1%2F2~3%2F4")
        );
    }
}
