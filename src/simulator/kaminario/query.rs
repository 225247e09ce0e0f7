//! The list language of the API: filters, `__sort`, `__fields`, `__limit` and `__offset`, and the envelope of hits. Works on
//! the JSON of the objects; knows none of them. Called by `routes.rs`.

use crate::simulator::refusal::Refusal;
use serde_json::{Value, json};
use std::{cmp::Ordering, hash::Hasher};

/// Hits in an answer where the request does not say.
const DEFAULT_LIMIT: usize = 100;

/// A query, decoded.
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// The envelope of what matches. `is_paged` envelopes say their limit and offset; histories and statistics do not.
    pub(crate) fn list(&self, objects: Vec<Value>, is_paged: bool) -> Result<Value, Refusal> {
        let mut hits = objects;
        for (key, value) in self.0.iter().filter(|(key, _)| !key.starts_with("__")) {
            let (field, operator) = match key.rsplit_once("__") {
                Some((field, operator)) => (field, operator),
                None => (key.as_str(), "eq"),
            };
            if !hits.is_empty() && hits.iter().all(|hit| at(hit, field).is_none()) {
                return Err(Refusal::malformed(format!("Unknown field {field}.")));
            }
            let mut unknown = false;
            hits.retain(|hit| {
                let held = at(hit, field).unwrap_or(&Value::Null);
                matches(held, operator, value).unwrap_or_else(|| {
                    unknown = true;
                    false
                })
            });
            if unknown {
                return Err(Refusal::malformed(format!("Unknown filter {key}.")));
            }
        }
        let limit = self.number("__limit")?.unwrap_or(DEFAULT_LIMIT);
        let offset = self.number("__offset")?.unwrap_or(0);
        self.sort(&mut hits, is_paged.then_some(offset))?;
        let total = hits.len();
        let hits: Vec<Value> = hits
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|hit| self.trimmed(hit))
            .collect();
        Ok(if is_paged {
            json!({ "hits": hits, "limit": limit, "offset": offset, "total": total })
        } else {
            json!({ "hits": hits, "total": total })
        })
    }

    /// One object with the fields that are wanted.
    pub(crate) fn trimmed(&self, mut object: Value) -> Value {
        if let (Some(fields), Some(members)) = (self.get("__fields"), object.as_object_mut()) {
            members.retain(|name, _| fields.split(',').any(|field| field == name));
        }
        object
    }

    /// What is not sorted comes in another order on each page, so that a client that pages without sorting finds out.
    fn sort(&self, hits: &mut [Value], shuffled: Option<usize>) -> Result<(), Refusal> {
        if let Some(field) = self.get("__sort") {
            hits.sort_by(|a, b| compare(at(a, field), at(b, field)));
            match self.get("__sort_order") {
                None | Some("asc") => {}
                Some("desc") => hits.reverse(),
                Some(_) => return Err(Refusal::malformed("__sort_order is neither asc nor desc.")),
            }
        } else if let Some(offset) = shuffled {
            hits.sort_by_cached_key(|hit| {
                let mut hasher = std::hash::DefaultHasher::new();
                hasher.write(hit["id"].to_string().as_bytes());
                hasher.write_usize(offset);
                hasher.finish()
            });
        }
        Ok(())
    }

    fn number(&self, key: &str) -> Result<Option<usize>, Refusal> {
        let number = self.get(key).map(str::parse).transpose();
        number.map_err(|_| Refusal::malformed(format!("{key} is not a number.")))
    }

    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// The member at a path such as `local_volume_group.ref`.
fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(object, |value, member| match value {
        Value::Null => Some(&Value::Null),
        value => value.get(member),
    })
}

/// Whether the filter holds; `None` if there is no such filter.
fn matches(held: &Value, operator: &str, wanted: &str) -> Option<bool> {
    let text = match held {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number = || Some((held.as_f64()?, wanted.parse::<f64>().ok()?));
    let order = |is: fn(f64, f64) -> bool| number().is_some_and(|(held, wanted)| is(held, wanted));
    Some(match operator {
        "eq" => equal(held, &text, wanted),
        "neq" => !equal(held, &text, wanted),
        "in" | "m_eq" => wanted.split(',').any(|wanted| equal(held, &text, wanted)),
        "contains" => text.contains(wanted),
        "contains_some" => wanted.split(',').any(|wanted| text.contains(wanted)),
        "prefix" => text.starts_with(wanted),
        "gt" => order(|held, wanted| held > wanted),
        "gte" => order(|held, wanted| held >= wanted),
        "lt" => order(|held, wanted| held < wanted),
        "lte" => order(|held, wanted| held <= wanted),
        // `regexp` is documented, and not simulated.
        _ => return None,
    })
}

fn equal(held: &Value, text: &str, wanted: &str) -> bool {
    match held {
        // Booleans are documented as True and False.
        Value::Bool(_) => text.eq_ignore_ascii_case(wanted),
        _ => text == wanted,
    }
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
