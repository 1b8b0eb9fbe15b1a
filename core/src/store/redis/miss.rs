//! Why an attempt came to nothing.

use std::sync::Arc;

use super::address::Place;
use super::connection::Lost;
use super::refusal::unavailable;
use crate::error::Error;

/// An attempt that came to nothing.
pub(super) enum Miss {
    /// Another node has the key.
    Elsewhere(Detour),
    /// The server has not done it, and would not the next time.
    Refused(Error),
    /// Another attempt may do better, if there is any hope.
    Failed { lost: Lost, hope: Hope },
    /// It was done, and too few replicas have said that they have it.
    NotReplicated(String),
}

/// Where a node sends a command to; `asking` if only for now.
pub(super) struct Detour {
    pub(super) place: Arc<Place>,
    pub(super) asking: bool,
}

/// When another attempt may do better.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hope {
    None,
    AtOnce,
    Later,
}

impl Miss {
    /// Nothing was done; it may be another time.
    pub(super) fn later(why: String) -> Self {
        Lost { why, is_sent: false, is_late: false }.into()
    }

    /// The miss of what came before the command, which was not sent then.
    pub(super) fn before(self) -> Self {
        match self {
            Self::Failed { lost, hope } => Self::Failed { lost: Lost { is_sent: false, ..lost }, hope },
            other => other,
        }
    }

    /// The error of what only read.
    pub(super) fn into_unavailable(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Failed { lost: Lost { why, .. }, .. } | Self::NotReplicated(why) => unavailable(&why),
            Self::Elsewhere(_) => unavailable("the node has moved"),
        }
    }
}

impl From<Lost> for Miss {
    fn from(lost: Lost) -> Self {
        Self::Failed { lost, hope: Hope::Later }
    }
}
