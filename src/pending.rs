//! Commands whose parts are not here yet: each fails and says so. To be deleted as `app`, `demo`, `simulator` and
//! `metrics::catalogue` arrive; `cli` names them in one `use`.

use crate::{cli::CatalogueFormat, exit::Failure, settings::Settings};

fn missing(command: &str) -> Result<(), Failure> {
    Err(Failure::runtime(anyhow::anyhow!("{command} is not part of this build")))
}

pub(crate) mod app {
    use super::{Failure, Settings, missing};

    pub(crate) fn check(_: &Settings) -> Result<(), Failure> {
        missing("--config.check")
    }

    pub(crate) fn run(_: Settings) -> impl Future<Output = Result<(), Failure>> {
        std::future::ready(missing("the daemon"))
    }
}

pub(crate) mod demo {
    use super::{Failure, Settings, missing, simulator::SimulateArgs};

    pub(crate) fn run(_: Settings, _: SimulateArgs) -> impl Future<Output = Result<(), Failure>> {
        std::future::ready(missing("demo"))
    }
}

pub(crate) mod simulator {
    use super::{Failure, missing};

    #[derive(clap::Args, Clone, Debug)]
    pub(crate) struct SimulateArgs {}

    pub(crate) fn run(_: SimulateArgs) -> impl Future<Output = Result<(), Failure>> {
        std::future::ready(missing("simulate"))
    }
}

pub(crate) mod catalogue {
    use super::{CatalogueFormat, Failure, missing};

    pub(crate) fn print(_: CatalogueFormat) -> Result<(), Failure> {
        missing("catalogue")
    }
}
