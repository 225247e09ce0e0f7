//! The log of how relationships stand: a line for each that is not well at first sight, and for each change. How they stand
//! is the verdict that the page shows; this only compares it with the one before. `app` runs it, `once` asks it at the end.

use super::budget::LogBudget;
use crate::{
    model::{
        Counts, Exemption, Pair, Standing,
        shown::{MESSAGE, NAME, shown},
    },
    store::Store,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// How often it looks: as often as lag is refreshed.
const PERIOD: Duration = Duration::from_secs(15);
/// At most this many are told one by one after one look.
const MOST: usize = 20;

/// How every relationship stood when last looked at, by vendor and `pair`.
#[derive(Debug, Default)]
pub struct Standings {
    known: HashMap<(&'static str, String), Stand>,
    /// What may still be logged, by the arrays that see a relationship.
    budgets: HashMap<String, LogBudget>,
}

/// How one stands, and why it is stopped, if it is.
type Stand = (Standing, Option<Exemption>);

/// What a look found.
#[derive(Debug, Default, PartialEq)]
pub struct Look {
    /// What there is to tell, one by one.
    told: Vec<Told>,
    /// How many more there are.
    more: usize,
    /// How all stand.
    counts: Counts,
}

/// One relationship that stands otherwise than before.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    pair: String,
    relationship: String,
    arrays: String,
    /// `None` at first sight.
    before: Option<Stand>,
    standing: Stand,
    why: String,
}

/// Looks for ever, and logs what changed.
pub async fn tell_standings(store: Arc<Store>) {
    let mut standings = Standings::default();
    loop {
        tokio::time::sleep(PERIOD).await;
        let store = store.clone();
        // Off the async workers: with very many relationships it takes a moment.
        let looking = tokio::task::spawn_blocking(move || {
            let look = standings.look(&store);
            (standings, look)
        });
        let Ok((looked, look)) = looking.await else {
            standings = Standings::default();
            continue;
        };
        standings = looked;
        standings.tell(&look);
    }
}

impl Standings {
    /// Compares how every relationship stands with how it stood.
    pub fn look(&mut self, store: &Store) -> Look {
        let before = std::mem::take(&mut self.known);
        let (mut told, mut more, mut all) = (Vec::new(), 0, Vec::new());
        store.for_each_pair(|pair| {
            let name = name(&pair);
            let was = before.get(&name).copied();
            // What is well at first sight is told by its number.
            let is = (pair.standing, pair.stopped);
            if was != Some(is) && (was.is_some() || is_bad(pair.standing)) {
                if told.len() < MOST {
                    told.push(Told::of(&pair, was));
                } else {
                    more += 1;
                }
            }
            all.push(pair.standing);
            self.known.insert(name, is);
        });
        Look {
            told,
            more,
            counts: Counts::of(all.into_iter()),
        }
    }

    /// Logs what there is to tell.
    pub fn tell(&mut self, look: &Look) {
        for told in &look.told {
            let budget = self.budgets.entry(told.arrays.clone());
            if let Some(left_out) = budget.or_insert_with(LogBudget::new).spend() {
                told.tell(left_out);
            }
        }
        if look.more > 0 {
            let count = look.more;
            tracing::warn!(count, "more relationships stand otherwise than are logged one by one");
        }
    }
}

impl Look {
    /// How many stand how, in words.
    #[must_use]
    pub fn totals(&self) -> String {
        let counts = Standing::ALL
            .iter()
            .map(|&standing| (standing, self.counts.get(standing)));
        let some = counts.filter(|(_, count)| *count > 0);
        let some: Vec<String> = some
            .map(|(standing, count)| format!("{count} {}", standing.word()))
            .collect();
        if some.is_empty() {
            "none".to_owned()
        } else {
            some.join(", ")
        }
    }
}

impl Told {
    fn of(pair: &Pair, before: Option<Stand>) -> Self {
        let lead = &pair.lead().description;
        let arrays: Vec<&str> = pair.views.iter().map(|view| &*view.array).collect();
        Self {
            pair: shown(&lead.pair, NAME),
            relationship: shown(&lead.relationship, NAME),
            arrays: arrays.join(","),
            before,
            standing: (pair.standing, pair.stopped),
            why: shown(&pair.why, MESSAGE),
        }
    }

    /// `left_out`: how many changes of the same arrays were not logged since the last one.
    fn tell(&self, left_out: u64) {
        if left_out > 0 {
            let arrays = &self.arrays;
            tracing::warn!(
                arrays,
                left_out,
                "standings change so often here that not every change is logged"
            );
        }
        let Self {
            pair,
            relationship,
            arrays,
            why,
            ..
        } = self;
        let standing = in_words(self.standing);
        match self.before.map(in_words) {
            None => tracing::warn!(
                pair,
                relationship,
                arrays,
                standing,
                why,
                "relationship does not stand well"
            ),
            Some(before) if is_bad(self.standing.0) => {
                tracing::warn!(pair, relationship, arrays, before, standing, why, "standing changed");
            }
            Some(before) => {
                tracing::info!(pair, relationship, arrays, before, standing, why, "standing changed");
            }
        }
    }
}

/// The word, and while it is stopped the reason's.
fn in_words((standing, stopped): Stand) -> String {
    let reason = stopped.map(|reason| format!(" ({})", reason.word()));
    format!("{}{}", standing.word(), reason.unwrap_or_default())
}

fn is_bad(standing: Standing) -> bool {
    match standing {
        Standing::NoCopy | Standing::Behind | Standing::Failing | Standing::Unknown => true,
        Standing::Unjudged | Standing::Stopped | Standing::Protected => false,
    }
}

fn name(pair: &Pair) -> (&'static str, String) {
    let lead = pair.lead();
    let name = match lead.description.pair.as_str() {
        "" => format!("{} {}", lead.array, lead.key.id),
        known => known.to_owned(),
    };
    (lead.vendor, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{ArrayFacts, Condition, Health},
        store::tests::{START, array, listing, poll, relationship, store},
    };

    fn told(look: &Look) -> Vec<(Option<String>, String)> {
        let words = |told: &Told| (told.before.map(in_words), in_words(told.standing));
        look.told.iter().map(words).collect()
    }

    fn change(before: &str, after: &str) -> Vec<(Option<String>, String)> {
        vec![(Some(before.to_owned()), after.to_owned())]
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_of_standing_is_told_once_with_why() {
        let store = store();
        let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
        slot.publish(poll(vec![listing(vec![relationship("r\u{202e}", START)])]));
        let mut standings = Standings::default();
        let first = standings.look(&store);
        assert_eq!((told(&first), first.totals()), (vec![], "1 protected".to_owned()));
        tokio::time::advance(Duration::from_secs(150)).await;
        slot.tick();
        let look = standings.look(&store);
        assert_eq!(told(&look), change("protected", "behind"));
        let found = &look.told[0];
        assert_eq!((&*found.pair, &*found.arrays), ("r\u{fffd}", "nyc"));
        assert!(
            found.why.contains("is 2 m 30 s old; objective 1 m 40 s"),
            "{}",
            found.why
        );
        assert_eq!(told(&standings.look(&store)), vec![]);
        slot.publish(poll(vec![listing(vec![relationship("r\u{202e}", START + 150.0)])]));
        let look = standings.look(&store);
        assert_eq!(told(&look), change("behind", "protected"));
        let mut before = "protected";
        for (health, after) in [
            (Health::Paused, "stopped (paused)"),
            (Health::FailedOver, "stopped (failed_over)"),
        ] {
            let mut said = relationship("r\u{202e}", START + 150.0);
            said.readings.condition = Some(Condition::Decided(health));
            slot.publish(poll(vec![listing(vec![said])]));
            assert_eq!(
                told(&standings.look(&store)),
                change(before, after),
                "the reason is told too"
            );
            before = after;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn not_more_than_twenty_are_told_one_by_one() {
        let store = store();
        let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
        let late = (0..30).map(|number| relationship(&number.to_string(), START - 1000.0));
        slot.publish(poll(vec![listing(late.collect())]));
        let look = Standings::default().look(&store);
        assert_eq!((look.told.len(), look.more), (20, 10));
        assert!(told(&look).iter().all(|said| *said == (None, "behind".to_owned())));
        assert_eq!(look.totals(), "30 behind");
    }
}
