//! The table of floors, as CONTRIBUTING shows it.

/// A row: a floor and its rooms.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) floor: Floor,
    pub(super) rooms: Vec<String>,
    /// As it is written.
    pub(super) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Floor {
    Number(u32),
    /// Beside the house.
    Aside {
        /// The only rooms that may use it: the names in its third cell.
        users: Vec<String>,
        /// All that it may use: the names in its fourth cell.
        may_use: Vec<Vec<String>>,
    },
}

/// The rows of the table that begins with `| floor |`.
pub(super) fn rows(document: &str) -> Vec<Row> {
    let lines = document
        .lines()
        .skip_while(|line| !line.starts_with("| floor |"))
        .skip(2);
    lines.take_while(|line| line.starts_with('|')).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [floor, rooms, holds, never] = cells[..] else {
        panic!("four cells: {line}")
    };
    let rooms = quoted(rooms).map(|room| room.trim_end_matches('/').trim_end_matches(".rs").to_owned());
    let floor = floor.parse().map_or_else(
        |_| Floor::Aside {
            users: quoted(holds).map(str::to_owned).collect(),
            may_use: quoted(never)
                .map(|path| path.split("::").map(str::to_owned).collect())
                .collect(),
        },
        Floor::Number,
    );
    Row {
        floor,
        rooms: rooms.collect(),
        text: line.to_owned(),
    }
}

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}
