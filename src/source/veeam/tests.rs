//! The source against a simulated Enterprise Manager, over real HTTPS; time passes in jumps.

use super::*;
use crate::{
    clock::Clock,
    config::ExtraValue,
    model::{
        ArrayFacts, Condition, Health, JobResult, Listing, RecoveryPoint, RelationshipKey, RelationshipReport, Role,
        StateWord,
    },
    simulator::{FaultKind, SimulatedArray, Simulation},
    source::{
        LoginCounters, Poll, Source as _,
        poll_kit::{self, result},
        test_server::{Reply, Server, answer, config, jump, password},
        trust::TrustStore,
    },
};
use std::{collections::BTreeSet, sync::Arc};

const MINUTE: Duration = Duration::from_mins(1);

struct Site {
    simulation: Simulation,
    clock: Clock,
    config: Arc<ArrayConfig>,
    counters: Arc<LoginCounters>,
    source: Veeam,
    facts: ArrayFacts,
}

impl Site {
    async fn new(relationships: usize) -> Self {
        let (simulation, clock) = poll_kit::simulation(VENDOR, 1, relationships).await;
        let credentials = simulation.arrays()[0].credentials().clone();
        Self::over(simulation, clock, &credentials.username, &credentials.password)
    }

    fn over(simulation: Simulation, clock: Clock, user: &str, password: &str) -> Self {
        let mut config = poll_kit::simulated::<Manager>(&simulation, &simulation.arrays()[0], (user, password));
        config.polling.interval = Duration::from_mins(2);
        config
            .extra
            .set(LOOKBACK, ExtraValue::Period(Duration::from_hours(30 * 24)));
        let (source, counters) = poll_kit::source(config.clone());
        Self {
            source,
            simulation,
            clock,
            config: Arc::new(config),
            counters,
            facts: ArrayFacts::default(),
        }
    }

    /// As the exporter does after it was started anew: nothing is known but the facts.
    fn restart(&mut self) {
        let session = Veeam::connect(&self.config, &TrustStore::new(), Arc::clone(&self.counters)).expect("a session");
        self.source = Veeam::new(&self.config, session);
    }

    /// The administrator instead of the Portal User.
    fn into_administrator(self) -> Self {
        let (user, password) = self.em().credentials().admin.clone().expect("an administrator");
        Self::over(self.simulation, self.clock, &user, &password)
    }

    fn em(&self) -> &SimulatedArray {
        &self.simulation.arrays()[0]
    }

    /// How many pages of queries there were.
    fn pages(&self) -> u64 {
        self.em().log().count("GET", "/api/query")
    }

    async fn poll(&mut self) -> Poll {
        let context = PollContext {
            deadline: Instant::now() + Duration::from_secs(108),
            clock: self.clock,
            sections: self.config.sections.clone(),
            limits: (&self.config.polling).into(),
        };
        let poll = self.source.poll(&context).await;
        let outcomes = poll.sections.iter();
        let reports: Vec<_> = outcomes
            .filter_map(|outcome| Some((outcome.section, outcome.result.as_ref().ok()?)))
            .collect();
        crate::model::facts::tests::apply(&mut self.facts, &reports, self.clock.now());
        poll
    }

    /// Polls every two minutes for so long, and gives what `look` sees after each.
    async fn live<T>(&mut self, minutes: u32, mut look: impl FnMut(&mut Self, &Poll) -> T) -> Vec<T> {
        let mut seen = Vec::new();
        for _ in 0..minutes / 2 {
            jump(2 * MINUTE).await;
            let poll = self.poll().await;
            seen.push(look(self, &poll));
        }
        seen
    }

    fn names(&self) -> BTreeSet<String> {
        let relationships = self.facts.relationships.values();
        relationships
            .map(|facts| facts.description.relationship.clone())
            .collect()
    }

    fn named(&self, name: &str) -> (&RelationshipKey, &crate::model::RelationshipFacts) {
        let mut relationships = self.facts.relationships.iter();
        relationships
            .find(|(_, facts)| facts.description.relationship == name)
            .expect("a relationship")
    }
}

fn reason(poll: &Poll, section: Section) -> Option<Reason> {
    result(poll, section).err().map(|error| error.reason)
}

fn said<'a>(poll: &'a Poll, section: Section, site: &Site, name: &str) -> &'a RelationshipReport {
    let (key, _) = site.named(name);
    let relationships = &result(poll, section).expect("a report").relationships;
    relationships
        .iter()
        .find(|said| said.key == *key)
        .expect("a relationship")
}

#[tokio::test]
async fn a_poll_by_a_portal_user_says_how_every_vm_does() {
    let mut site = Site::new(16).await;
    let poll = site.poll().await;
    for section in [Section::SYSTEM, TASKS, SESSIONS, RECOVERY_POINTS] {
        assert_eq!(reason(&poll, section), None, "{section}");
    }
    assert_eq!(reason(&poll, JOBS), Some(Reason::Forbidden));
    let listed = result(&poll, TASKS).expect("a report");
    assert_eq!((listed.listing, listed.relationships.len()), (Listing::Complete, 16));
    assert_eq!(listed.unknown_values.iter().count(), 0);
    assert_eq!(site.facts.identity.version, "v1_7");

    let health = |name: &str| site.named(name).1.health.expect("a health").0;
    assert_eq!(health("Tier 1 hourly/dc01"), Health::Ok);
    assert_eq!(health("Warehouse first copy/warehouse"), Health::Initializing);
    assert_eq!(health("Branch offices/flaky01"), Health::Failed);
    assert_eq!(health("Branch offices/never01"), Health::Failed);
    assert_eq!(
        site.named("Branch offices/never01").1.recovery_point,
        RecoveryPoint::Never
    );
    assert!(
        site.named("Branch offices/flaky01")
            .1
            .recovery_point
            .timestamp()
            .is_some()
    );
    // Nothing of its tasks is within lookback; its points tell of it.
    let retired = said(&poll, RECOVERY_POINTS, &site, "Branch offices/retired01");
    assert_eq!(retired.readings.restore_points, Some(7));
    assert!(site.names().contains("Önskejobb – Malmö_clone1 /Ünï \"the first\""));
    // One name on two backup servers is two relationships.
    let servers: BTreeSet<_> = site
        .facts
        .relationships
        .values()
        .filter(|facts| facts.description.relationship == "Replication Job 1/web01")
        .map(|facts| facts.description.source_system.clone())
        .collect();
    assert_eq!(servers.len(), 2);

    let running = &said(&poll, TASKS, &site, "Warehouse first copy/warehouse").readings;
    assert_eq!(
        (running.job_running, running.state.map(StateWord::word)),
        (Some(true), Some("inprogress"))
    );
    let job = running.job.expect("a job");
    assert!(job.start.is_some() && job.progress.is_some_and(|progress| progress.get() > 0.0));
    let last = said(&poll, TASKS, &site, "Tier 1 hourly/sql01").last_job;
    assert!(matches!(
        last.result,
        Field::Is(JobResult::Success | JobResult::Warning)
    ));
    assert!(last.duration_seconds.value().is_some_and(|seconds| seconds > 60.0));
    assert!(last.protected_bytes.value().is_some_and(|bytes| bytes > 1 << 30));
    let flaky = &said(&poll, TASKS, &site, "Branch offices/flaky01").readings;
    assert!(flaky.note.contains("Cannot connect to host <esx07>"), "{}", flaky.note);
}

#[tokio::test]
async fn an_administrator_also_sees_what_is_paused_and_when_it_was_collected() {
    let mut site = Site::new(16).await.into_administrator();
    let poll = site.poll().await;
    assert_eq!(reason(&poll, JOBS), None);
    let scratch = site.named("Scratch/scratch01").1;
    assert_eq!(scratch.condition, Some(Condition::Decided(Health::Paused)));
    assert_eq!(
        said(&poll, JOBS, &site, "Scratch/scratch01").readings.enabled,
        Some(false)
    );
    assert_eq!(
        said(&poll, JOBS, &site, "Tier 1 hourly/dc01").readings.enabled,
        Some(true)
    );
    // The simulated manager collected when the world began.
    let collected = site.facts.data_timestamp.map(Timestamp::to_rfc3339_seconds);
    assert_eq!(collected.as_deref(), Some("2026-02-20T10:00:00Z"));
}

#[tokio::test]
async fn what_the_role_may_not_read_hurts_nothing_and_is_asked_for_once_an_hour_and_after_a_reload() {
    let mut site = Site::new(16).await;
    site.poll().await;
    let polls = site
        .live(58, |_, poll| {
            poll.sections.iter().any(|outcome| outcome.section == JOBS)
        })
        .await;
    assert!(polls.iter().all(|asked| !asked));
    let forbidden = |site: &Site, path: &str| {
        let counts = site.em().log().counts();
        let matching = counts
            .iter()
            .filter(|(request, _)| request.path == path && request.status == Some(403));
        matching.map(|(_, count)| *count).sum::<u64>()
    };
    let seen = |site: &Site| {
        let (query, collections) = (forbidden(site, "/api/query"), forbidden(site, "/api/systemSessions"));
        (query, collections, site.counters.totals().0)
    };
    assert_eq!(seen(&site), (1, 1, 1));
    // The session knows the rights that its user had at the log-on: one of the two is asked again with a new one.
    site.live(4, |_, _| ()).await;
    assert_eq!(seen(&site), (2, 3, 2));
    site.counters.pardon();
    site.poll().await;
    site.poll().await;
    assert_eq!(seen(&site), (3, 5, 3));
    assert_eq!(site.counters.totals().1, 0);
}

#[tokio::test]
async fn a_steady_poll_of_a_thousand_vms_reads_fewer_than_five_pages() {
    let mut site = Site::new(1000).await;
    // The manager knows 90 days; how many of them are asked for only makes the first reading longer.
    site.source.reader.lookback = Duration::from_hours(5 * 24);
    let poll = site.poll().await;
    assert_eq!(result(&poll, TASKS).expect("a report").relationships.len(), 1000);
    for _ in 0..10 {
        if result(&site.poll().await, TASKS).expect("a report").listing == Listing::Complete {
            break;
        }
    }
    let mut before = site.pages();
    let costs = site
        .live(40, |site, poll| {
            assert_eq!(reason(poll, TASKS), None);
            let is_sweep = result(poll, RECOVERY_POINTS).expect("a report").period.is_some();
            let cost = site.pages() - before;
            before = site.pages();
            (is_sweep, cost)
        })
        .await;
    let sweeps = costs.iter().filter(|(is_sweep, _)| *is_sweep).count();
    assert!((2..=3).contains(&sweeps), "{costs:?}");
    assert!(costs.iter().all(|(is_sweep, cost)| *is_sweep || *cost < 5), "{costs:?}");
    // One replica was deleted meanwhile.
    assert_eq!(site.facts.relationships.len(), 999);
    assert_eq!(site.facts.relationships_by_role()[&Role::Observer], 999);
    assert!(site.em().log().most_in_flight() <= 2);
}

#[tokio::test]
async fn a_vm_whose_replica_is_deleted_goes_with_the_next_sweep_and_nothing_else_does() {
    let mut site = Site::new(16).await;
    site.poll().await;
    let all = site.names();
    let retired = "Branch offices/retired01";
    assert!(all.contains(retired));
    let seen = site
        .live(60, |site, poll| {
            let sweep = result(poll, RECOVERY_POINTS).expect("a report").period.is_some();
            (sweep, site.names().contains(retired), site.names().len())
        })
        .await;
    // Deleted after 30 minutes; before that, every sweep finds it.
    let gone = seen.iter().position(|(_, there, _)| !there).expect("it goes");
    assert!((14..=23).contains(&gone), "{seen:?}");
    assert!(seen[gone].0, "with a sweep: {seen:?}");
    assert!(seen[gone..].iter().all(|(_, there, _)| !there));
    // The renamed job counts under its new name.
    assert_eq!(site.names().len(), all.len() - 1);
}

#[tokio::test]
async fn what_runs_weekly_keeps_its_relationship_and_last_result_also_over_a_restart() {
    let mut site = Site::new(16).await;
    site.poll().await;
    let archive = "Weekly archive/archive01";
    let last = site.named(archive).1.last_job;
    assert!(last.end.is_some() && last.result.is_some());
    let mut ends = BTreeSet::new();
    for day in 0..9 {
        if day % 3 == 2 {
            site.restart();
        }
        for _ in 0..4 {
            jump(Duration::from_hours(6)).await;
            site.poll().await;
            let now = site.named(archive).1;
            assert!(now.last_job.result.is_some() && now.recovery_point.timestamp().is_some());
            ends.insert(now.last_job.end.expect("an end"));
        }
    }
    // It ran once or twice in nine days.
    assert!((2..=3).contains(&ends.len()), "{ends:?}");
    // A fresh start without any facts finds the same.
    let (known, last) = (site.names(), site.named(archive).1.last_job);
    site.facts = ArrayFacts::default();
    site.restart();
    site.poll().await;
    assert_eq!((site.names(), site.named(archive).1.last_job), (known, last));
}

#[tokio::test]
async fn a_renamed_job_keeps_its_relationship_and_its_facts() {
    let mut site = Site::new(16).await;
    site.poll().await;
    let (key, before) = site.named("Finance/erp01");
    let (key, points) = (key.clone(), before.recovery_point);
    site.live(120, |_, _| ()).await;
    let (renamed, after) = site.named("Finance EU/erp01");
    assert_eq!(*renamed, key);
    assert!(after.recovery_point.timestamp() > points.timestamp());
    assert!(!site.names().contains("Finance/erp01"));
}

#[tokio::test]
async fn a_session_that_ends_costs_one_log_on_and_no_gap() {
    let mut site = Site::new(16).await;
    site.poll().await;
    jump(2 * MINUTE).await;
    site.em().expire_sessions();
    let poll = site.poll().await;
    for section in [Section::SYSTEM, TASKS, SESSIONS, RECOVERY_POINTS] {
        assert_eq!(reason(&poll, section), None, "{section}");
    }
    assert_eq!(site.counters.totals(), (2, 0));
    // Idle for longer than a session lives.
    jump(20 * MINUTE).await;
    assert_eq!(reason(&site.poll().await, TASKS), None);
    assert_eq!(site.counters.totals(), (3, 0));
}

#[tokio::test]
async fn a_wrong_password_costs_one_log_on_in_fifteen_minutes() {
    let site = Site::new(3).await;
    let mut site = Site::over(site.simulation, site.clock, "monitor@example.com", "wrong");
    for _ in 0..7 {
        let poll = site.poll().await;
        assert_eq!(reason(&poll, TASKS), Some(Reason::Auth));
        assert_eq!(reason(&poll, RECOVERY_POINTS), Some(Reason::Auth));
        assert!(!poll.got_something());
        jump(2 * MINUTE).await;
    }
    assert_eq!(site.em().log().count("POST", "/api/sessionMngr/"), 1);
    assert_eq!((site.pages(), site.counters.totals()), (0, (1, 1)));
    jump(2 * MINUTE).await;
    site.poll().await;
    assert_eq!(site.em().log().count("POST", "/api/sessionMngr/"), 2);
}

#[tokio::test]
async fn the_session_is_ended_and_nothing_but_get_is_sent_besides() {
    let mut site = Site::new(3).await;
    site.poll().await;
    site.source.close().await;
    let requests = site.simulation.arrays()[0].log().counts();
    let others: Vec<_> = requests.keys().filter(|request| request.method != "GET").collect();
    assert_eq!(others.len(), 2, "{others:?}");
    assert!(others[0].path.starts_with("/api/logonSessions/") && others[0].status == Some(204));
    assert_eq!(
        (others[1].path.as_str(), others[1].status),
        ("/api/sessionMngr/", Some(201))
    );
}

#[tokio::test]
async fn a_manager_that_no_longer_collects_shows_by_its_data_timestamp() {
    let mut site = Site::new(16).await;
    site.poll().await;
    site.simulation.set_fault("em1", FaultKind::NoCollect);
    let stands = site
        .live(120, |site, poll| (reason(poll, TASKS), site.facts.data_timestamp))
        .await;
    assert!(stands.iter().all(|seen| *seen == stands[0]), "{stands:?}");
    let lag = |site: &Site| {
        let (key, known) = site.named("Tier 1 hourly/dc01");
        known
            .lag_seconds(site.facts.clocks(key.role, site.clock.now()))
            .expect("a point")
    };
    assert!(lag(&site) > 7200.0);
    site.simulation.clear_faults("em1");
    site.live(4, |_, _| ()).await;
    assert!(site.facts.data_timestamp > stands[0].1);
    assert!(lag(&site) < 7200.0);
}

#[tokio::test]
async fn facts_of_a_former_run_stay_until_everything_was_read() {
    let mut site = Site::new(16).await;
    site.poll().await;
    let mut facts = site.facts.clone();
    let (_, known) = facts.relationships.iter().next().expect("a relationship");
    let stranger = RelationshipKey::new("gone/vm", Role::Observer);
    facts.relationships.insert(stranger.clone(), known.clone());
    site.facts = facts;
    site.restart();
    site.simulation
        .set_fault("em1", FaultKind::Forbid("vmReplicaPoints".to_owned()));
    let poll = site.poll().await;
    assert_eq!(reason(&poll, RECOVERY_POINTS), Some(Reason::Forbidden));
    assert_eq!(result(&poll, TASKS).expect("a report").listing, Listing::Partial);
    assert_eq!(site.facts.relationships.len(), 17);
    assert!(site.named("Tier 1 hourly/dc01").1.recovery_point.timestamp().is_some());
    site.simulation.clear_faults("em1");
    site.live(10, |_, _| ()).await;
    assert!(!site.facts.relationships.contains_key(&stranger));
    assert_eq!(site.facts.relationships.len(), 16);
}

#[tokio::test]
async fn a_right_that_is_missing_for_runs_never_makes_old_tasks_look_like_the_present() {
    let mut site = Site::new(16).await;
    site.poll().await;
    site.simulation
        .set_fault("em1", FaultKind::Forbid("replicaSessions".to_owned()));
    let seen = site
        .live(90, |_, poll| (reason(poll, SESSIONS), reason(poll, TASKS)))
        .await;
    assert!(seen.iter().all(|(sessions, _)| *sessions == Some(Reason::Forbidden)));
    assert_eq!(seen.last().expect("a poll").1, Some(Reason::Forbidden));
    assert_eq!(site.facts.relationships.len(), 16);
    site.simulation.clear_faults("em1");
    assert_eq!(reason(&site.poll().await, TASKS), None);
}

#[tokio::test]
async fn a_log_in_page_is_never_an_empty_list() {
    let mut site = Site::new(16).await;
    site.poll().await;
    site.simulation.set_fault("em1", FaultKind::Html);
    jump(2 * MINUTE).await;
    let poll = site.poll().await;
    assert!(!poll.got_something());
    assert_eq!(reason(&poll, TASKS), Some(Reason::ContentType));
    assert_eq!(site.facts.relationships.len(), 16);
}

#[tokio::test]
async fn a_point_is_as_old_as_the_exporters_own_clock_says() {
    let mut site = Site::new(16).await;
    site.simulation.set_fault("em1", FaultKind::ClockSkew(-86_400.0));
    let poll = site.poll().await;
    assert_eq!(result(&poll, TASKS).expect("a report").relationships.len(), 16);
    let skew = site.facts.clock_skew_seconds.expect("a skew");
    assert!((skew + 86_400.0).abs() < 3.0, "{skew}");
    let (key, known) = site.named("Tier 1 hourly/dc01");
    let lag = known.lag_seconds(site.facts.clocks(key.role, site.clock.now()));
    let lag = lag.expect("a point");
    assert!((86_400.0..97_200.0).contains(&lag), "{lag}");
}

/// An Enterprise Manager that answers every query with what `page` makes of its address; with 400 if that is nothing.
async fn manager(page: impl Fn(&str) -> String + Send + Sync + 'static) -> (Server, Veeam, PollContext) {
    const XML: &str = "Content-Type: application/xml\r\n";
    let server = Server::start(move |request| {
        let target = request.split_whitespace().nth(1).unwrap_or_default();
        Reply::Bytes(match target {
            "/api/" => answer("200 OK", XML, "<EnterpriseManager/>"),
            "/api/sessionMngr/?v=latest" => answer(
                "201 Created",
                "Content-Type: application/xml\r\nX-RestSvcSessionId: dG9rZW4=\r\nSet-Cookie: X-RestSvcSessionId=stale; Path=/api;\r\n",
                "<LogonSession><SessionId>abc</SessionId></LogonSession>",
            ),
            _ if target.starts_with("/api/query?") || target.starts_with("/api/replicaTaskSessions/") => match page(target) {
                refused if refused.is_empty() => answer("400 BadRequest", "", ""),
                page => answer("200 OK", XML, page),
            },
            _ => answer("404 Not Found", "", ""),
        })
    })
    .await;
    let mut config = config(&[&server.url], password("p"));
    config.vendor = VENDOR;
    let config = Arc::new(config);
    let session = Veeam::connect(&config, &TrustStore::new(), Arc::default()).expect("a session");
    let context = PollContext {
        deadline: Instant::now() + Duration::from_secs(108),
        clock: Clock::following_tokio(Timestamp::parse_rfc3339("2026-02-20T10:00:00Z").expect("a time")),
        sections: VENDOR.sections(),
        limits: (&config.polling).into(),
    };
    (server, Veeam::new(&config, session), context)
}

fn point(number: usize, second: usize) -> String {
    format!(
        "<VmReplicaPoint UID=\"urn:veeam:VmReplicaPoint:{number}\" Name=\"vm@x\"><CreationTimeUTC>\
         2026-02-20T08:00:{second:02}Z</CreationTimeUTC></VmReplicaPoint>"
    )
}

/// Answers for points by `rows` of (page, filter), and with nothing for everything else.
fn points_only(target: &str, rows: impl Fn(usize) -> (String, usize)) -> String {
    let number = target
        .rsplit_once("&page=")
        .and_then(|(_, page)| page.parse().ok())
        .unwrap_or(1);
    let (rows, pages) = if target.contains("type=VmReplicaPoint") {
        rows(number)
    } else {
        (String::new(), 1)
    };
    let entities = if rows.is_empty() {
        String::new()
    } else {
        format!("<Entities><VmReplicaPoints>{rows}</VmReplicaPoints></Entities>")
    };
    format!(
        "<QueryResult>{entities}<PagingInfo PageNum=\"{number}\" PageSize=\"500\" PagesCount=\"{pages}\"/></QueryResult>"
    )
}

const BACKUP_SERVER: &str = "<Link Type=\"BackupServerReference\" Href=\"/backupServers/s\" Name=\"vbr\"/>";

/// Answers with runs of job `j`, tasks or points, whatever is asked of them.
fn rows_of(target: &str, runs: &str, tasks: &str, points: &str) -> String {
    let (list, rows) = if target.contains("type=ReplicaJobSession") {
        ("ReplicaJobSessions", runs)
    } else if target.contains("type=VmReplicaPoint") {
        ("VmReplicaPoints", points)
    } else {
        ("ReplicaTaskSessions", tasks)
    };
    format!(
        "<QueryResult><Entities><{list}>{rows}</{list}></Entities><PagingInfo PageNum=\"1\" PagesCount=\"1\"/></QueryResult>"
    )
}

fn run_at(uid: &str, created: &str) -> String {
    format!(
        "<ReplicaJobSession UID=\"{uid}\"><Links>{BACKUP_SERVER}</Links><JobUid>j</JobUid><JobName>Job</JobName><CreationTimeUTC>\
         {created}</CreationTimeUTC><State>Stopped</State></ReplicaJobSession>"
    )
}

fn task_at(uid: &str, run: &str, vm: &str, created: &str, end: &str, result: &str) -> String {
    format!(
        "<ReplicaTaskSession UID=\"{uid}\" VmDisplayName=\"{vm}\"><JobSessionUid>{run}</JobSessionUid><CreationTimeUTC>{created}\
         </CreationTimeUTC><EndTimeUTC>{end}</EndTimeUTC><State>Completed</State><Result>{result}</Result></ReplicaTaskSession>"
    )
}

#[tokio::test]
async fn two_vms_of_one_name_and_one_that_was_left_behind_are_told_from_the_others() {
    let (mut runs, mut tasks) = (String::new(), String::new());
    for (day, vms) in [(17, &["twin", "left"][..]), (18, &["twin"]), (19, &["twin"])] {
        let at = |minute: u32| format!("2026-02-{day}T08:{minute:02}:00Z");
        runs += &run_at(&format!("r{day}"), &at(0));
        for vm in vms {
            tasks += &task_at(&format!("{vm}{day}"), &format!("r{day}"), vm, &at(1), &at(2), "Failed");
        }
        tasks += &task_at(
            &format!("other{day}"),
            &format!("r{day}"),
            "twin",
            &at(5),
            &at(6),
            "Success",
        );
    }
    // A row whose end lies two hours ahead.
    let ahead = task_at(
        "ahead",
        "r19",
        "ahead",
        "2026-02-19T08:01:00Z",
        "2026-02-20T12:00:00Z",
        "Success",
    );
    tasks += &ahead;
    let (_server, mut source, context) = manager(move |target| rows_of(target, &runs, &tasks, "")).await;
    let poll = source.poll(&context).await;
    let report = result(&poll, TASKS).expect("a report");
    let of = |vm: &str| {
        let mut relationships = report.relationships.iter();
        relationships
            .find(|said| said.key.id.ends_with(vm))
            .expect("a relationship")
    };
    let twin = &of("twin").readings;
    assert_eq!(twin.condition, Some(Condition::Decided(Health::Failed)));
    assert_eq!(of("twin").last_job.result, Field::Is(JobResult::Failed));
    assert!(twin.note.starts_with("2 VMs of this name"), "{}", twin.note);
    let left = &of("left").readings;
    assert_eq!(left.state.map(StateWord::word), Some("retired"));
    assert!(
        left.note
            .starts_with("retired: its job runs without it since 2026-02-18"),
        "{}",
        left.note
    );
    assert_eq!(twin.state.map(StateWord::word), Some("completed"));

    let counted: std::collections::BTreeMap<_, _> = report.unknown_values.iter().collect();
    assert_eq!(counted.get("duplicate"), Some(&1));
    assert!(counted.contains_key("end_time"), "{counted:?}");
    assert_eq!(of("ahead").last_job.end, Field::Silent);
    let poll = source.poll(&context).await;
    let newest = result(&poll, SESSIONS).expect("a report").data_timestamp;
    assert_eq!(
        newest.map(Timestamp::to_rfc3339_seconds).as_deref(),
        Some("2026-02-19T08:06:00Z")
    );
}

#[tokio::test]
async fn a_running_task_whose_own_document_cannot_be_read_is_not_forgotten() {
    let runs = run_at("r", "2026-02-20T09:00:00Z");
    let end = "<EndTimeUTC>2026-02-20T09:50:00Z</EndTimeUTC><State>Completed</State>";
    let task = task_at("t", "r", "vm", "2026-02-20T09:01:00Z", "2026-02-20T09:50:00Z", "None");
    let task = task.replace(end, "<State>InProgress</State>");
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let torn = task.replace("2026-02-20T09:01:00Z", "soon").replacen(
        "<ReplicaTaskSession ",
        "<ReplicaTaskSession xmlns=\"x\" ",
        1,
    );
    let (_server, mut source, context) = manager(move |target| {
        if target.starts_with("/api/replicaTaskSessions/") {
            return torn.clone();
        }
        // It is in the list at the first poll only: twice, in the first reading and in what changed.
        let is_task = target.contains("type=ReplicaTaskSession");
        let number = if is_task {
            asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
        } else {
            0
        };
        rows_of(target, &runs, if number < 2 { &task } else { "" }, "")
    })
    .await;
    source.poll(&context).await;
    let poll = source.poll(&context).await;
    let report = result(&poll, TASKS).expect("a report");
    assert_eq!(report.unknown_values.iter().collect::<Vec<_>>(), [("creation_time", 1)]);
    assert_eq!(report.relationships[0].readings.job_running, Some(true));
}

#[tokio::test]
async fn a_point_that_cannot_be_read_keeps_what_may_be_its_own_and_nothing_else_and_no_count_away() {
    // A good one, one without a readable time, and one of which not even the VM can be read.
    let row = |uid: &str, name: &str, time: &str| {
        let links = format!("<Links>{BACKUP_SERVER}<Link Type=\"ReplicaReference\" Name=\"Job\"/></Links>");
        format!(
            "<VmReplicaPoint UID=\"{uid}\" {name}>{links}<CreationTimeUTC>{time}</CreationTimeUTC></VmReplicaPoint>"
        )
    };
    let good = row("p1", "VmDisplayName=\"good\"", "2026-02-20T09:10:00Z");
    let torn = row("p2", "VmDisplayName=\"torn\"", "soon");
    let vague = row("p3", "", "soon");
    for (points, partial_sweeps) in [(format!("{good}{torn}"), 0), (format!("{good}{torn}{vague}"), 3)] {
        let (_server, mut source, context) =
            manager(move |target| rows_of(target, &run_at("r", "2026-02-20T09:00:00Z"), "", &points)).await;
        for sweep in 0..5 {
            let context = PollContext {
                deadline: Instant::now() + Duration::from_secs(108),
                ..context.clone()
            };
            let poll = source.poll(&context).await;
            let listed = result(&poll, TASKS).expect("a report");
            let is_partial = listed.listing == Listing::Partial;
            assert_eq!(is_partial, sweep < partial_sweeps, "sweep {sweep}");
            // It exists while only its row tells of it, and nobody says that it has no recovery point.
            let points = result(&poll, RECOVERY_POINTS).expect("a report");
            let torn = points.relationships.iter().find(|said| said.key.id.ends_with("torn"));
            if sweep >= partial_sweeps && sweep < 3 {
                assert_eq!(
                    torn.map(|said| said.recovery_point),
                    Some(Field::Silent),
                    "sweep {sweep}"
                );
            }
            assert_eq!(
                points
                    .relationships
                    .iter()
                    .filter(|said| said.key.id.ends_with("good"))
                    .count(),
                1
            );
            jump(16 * MINUTE).await;
        }
    }
}

#[tokio::test]
async fn pages_that_repeat_or_promise_more_than_they_hold_fail_the_section() {
    let repeats = |target: &str| points_only(target, |_| (point(1, 1) + &point(2, 2), 9));
    let empty = |target: &str| points_only(target, |_| (String::new(), 9));
    for pages in [
        Box::new(repeats) as Box<dyn Fn(&str) -> String + Send + Sync>,
        Box::new(empty),
    ] {
        let (server, mut source, context) = manager(pages).await;
        let poll = source.poll(&context).await;
        assert_eq!(reason(&poll, RECOVERY_POINTS), Some(Reason::Parse));
        assert_eq!(result(&poll, TASKS).expect("a report").listing, Listing::Partial);
        assert!(server.count("type=VmReplicaPoint") <= 4);
    }
}

#[tokio::test]
async fn a_walk_goes_on_by_time_and_by_page_where_time_stands_still() {
    let (server, mut source, context) = manager(|target| {
        points_only(target, |page| {
            let later = target.contains("08%3A00%3A03");
            match (later, page) {
                (false, _) => (point(1, 1) + &point(2, 2) + &point(3, 3), 3),
                (true, 1) => (point(3, 3) + &point(4, 3), 2),
                (true, _) => (point(5, 3), 2),
            }
        })
    })
    .await;
    let poll = source.poll(&context).await;
    let report = result(&poll, RECOVERY_POINTS).expect("a report");
    // Five points of a job that no run tells of.
    assert_eq!(report.unknown_values.iter().collect::<Vec<_>>(), [("replica_point", 5)]);
    assert_eq!(server.count("type=VmReplicaPoint"), 3);
}

#[tokio::test]
async fn a_cookie_is_never_sent_and_credentials_only_to_log_on() {
    let (server, mut source, context) = manager(|target| points_only(target, |_| (String::new(), 0))).await;
    let poll = source.poll(&context).await;
    assert_eq!(reason(&poll, TASKS), None);
    source.close().await;
    for request in server.seen() {
        let request = request.to_ascii_lowercase();
        assert!(!request.contains("\r\ncookie:"), "{request}");
        let is_log_on = request.starts_with("post /api/sessionmngr/?v=latest ");
        assert_eq!(request.contains("\r\nauthorization: basic "), is_log_on, "{request}");
        assert!(!is_log_on || request.contains("\r\ncontent-length: 0\r\n"), "{request}");
    }
    assert_eq!(server.count("DELETE /api/logonSessions/abc "), 1);
}

#[tokio::test]
async fn a_manager_that_does_not_know_or_is_asked_for_one_thing_after_the_other() {
    let (server, mut source, context) = manager(|target| {
        if target.contains("%29%2C%28") {
            return String::new();
        }
        points_only(target, |_| (String::new(), 0))
    })
    .await;
    for _ in 0..2 {
        let poll = source.poll(&context).await;
        assert_eq!((reason(&poll, TASKS), reason(&poll, SESSIONS)), (None, None));
    }
    // It was tried once for tasks and once for runs.
    assert_eq!(server.count("%29%2C%28"), 2);
    assert_eq!(server.count("filter=State%3D%3DPending&"), 2);
}

#[tokio::test]
async fn the_tasks_of_a_backup_server_that_is_collected_late_are_found() {
    let is_late = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let surfaces = Arc::clone(&is_late);
    let session = |uid: &str, time: &str| {
        format!(
            "<ReplicaJobSession UID=\"{uid}\"><JobUid>urn:veeam:Job:j{uid}</JobUid><JobName>Job {uid}</JobName>\
             <CreationTimeUTC>2026-02-20T{time}Z</CreationTimeUTC><EndTimeUTC>2026-02-20T{time}Z</EndTimeUTC>\
             <State>Stopped</State></ReplicaJobSession>"
        )
    };
    let task = |uid: &str, time: &str| {
        format!(
            "<ReplicaTaskSession UID=\"t{uid}\" VmDisplayName=\"vm\"><JobSessionUid>{uid}</JobSessionUid>\
             <CreationTimeUTC>2026-02-20T{time}Z</CreationTimeUTC><EndTimeUTC>2026-02-20T{time}Z</EndTimeUTC>\
             <State>Completed</State><Result>Failed</Result><Reason/><TotalSize>1</TotalSize></ReplicaTaskSession>"
        )
    };
    let (_server, mut source, mut context) = manager(move |target| {
        let late = surfaces.load(std::sync::atomic::Ordering::Relaxed);
        let rows = if target.contains("type=ReplicaJobSession") {
            let mut rows = session("b", "09:50:00");
            if late {
                rows += &session("a", "07:00:00");
            }
            format!("<ReplicaJobSessions>{rows}</ReplicaJobSessions>")
        } else if target.contains("type=ReplicaTaskSession") {
            let mut rows = task("b", "09:50:00");
            // Only who asks far enough back is told.
            if late && target.contains("EndTime%3E%3D%222026-02-20T07%3A00%3A00Z") {
                rows += &task("a", "07:00:00");
            }
            format!("<ReplicaTaskSessions>{rows}</ReplicaTaskSessions>")
        } else {
            String::new()
        };
        format!("<QueryResult><Entities>{rows}</Entities><PagingInfo PageNum=\"1\" PagesCount=\"1\"/></QueryResult>")
    })
    .await;
    let listed = |poll: &Poll| -> Vec<String> {
        let report = result(poll, TASKS).expect("a report");
        report
            .relationships
            .iter()
            .map(|said| said.key.id.to_string())
            .collect()
    };
    assert_eq!(listed(&source.poll(&context).await), ["jb/vm"]);
    is_late.store(true, std::sync::atomic::Ordering::Relaxed);
    jump(16 * MINUTE).await;
    context.deadline = Instant::now() + Duration::from_secs(108);
    let poll = source.poll(&context).await;
    assert_eq!(listed(&poll), ["ja/vm", "jb/vm"]);
}
