//! Where things are, as far as is known.

use std::sync::Arc;

use super::address::{Address, Layout, Place};
use super::cluster::Cluster;
use super::sentinels::Sentinels;

/// A [`Layout`], and what was learned of it.
pub(super) enum Whereabouts {
    Single(Arc<Place>),
    Sentinels(Sentinels),
    Cluster(Cluster),
}

impl Whereabouts {
    pub(super) fn new(address: &Arc<Address>) -> Self {
        match &address.layout {
            Layout::Single(place) => Self::Single(Arc::clone(place)),
            Layout::Sentinel(places, name) => Self::Sentinels(Sentinels::new(address, places, name)),
            Layout::Cluster(seeds) => Self::Cluster(Cluster::new(seeds)),
        }
    }

    /// Something is wrong there, or it was only too late: another server may have taken over.
    pub(super) fn failed(&self, place: &Arc<Place>, is_late: bool) {
        match self {
            Self::Single(_) => {}
            Self::Sentinels(sentinels) => sentinels.failed(is_late),
            Self::Cluster(cluster) => cluster.failed(place, is_late),
        }
    }
}
