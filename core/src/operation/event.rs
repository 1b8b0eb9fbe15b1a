//! What happened, for a program's log and metrics.

use crate::encoding::json_write::member;

/// Something that happened while an operation ran: a name that never changes, and members that say more.
///
/// Events are for logs and metrics. They hold no secret, and nothing depends on whether anybody takes them.
#[derive(Clone, Debug)]
pub struct Event {
    name: &'static str,
    members: Vec<(&'static str, serde_json::Value)>,
}

impl Event {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, members: Vec::new() }
    }

    pub(crate) fn with(mut self, member: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.push((member, value.into()));
        self
    }

    /// What happened, such as `keys_refreshed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A member that is a text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.members.iter().find(|(name, _)| *name == member)?.1.as_str()
    }

    /// The event as a JSON object: `event` is its name.
    #[must_use]
    pub fn to_json(&self) -> String {
        let name = serde_json::Value::from(self.name).to_string();
        let members = self.members.iter().map(|(name, value)| member(name, &value.to_string()));
        let members: Vec<String> = std::iter::once(member("event", &name)).chain(members).collect();
        format!("{{{}}}", members.join(","))
    }
}
