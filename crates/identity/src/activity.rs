//! What happened with a person's account, for the person.

use doorward_storage::{Cursor, Page};

use crate::Identity;
use crate::error::Error;
use crate::limits;
use crate::records::audit::Event;
use crate::sessions::SignedIn;

impl Identity {
    /// The account's events, the newest first, a page at a time, as far back as they are shown.
    ///
    /// # Errors
    /// [`Error`] when it cannot be told.
    pub async fn activity_of(&self, who: &SignedIn, after: Option<&Cursor>) -> Result<Page<Event>, Error> {
        let now = self.now();
        let under = Event::under(Some(who.account.id));
        let mut page = self
            .store()
            .list::<Event>(&under, after, limits::PAGE, now)
            .await?;
        let since = now.minus(self.limits().activity);
        let found = page.records.len();
        page.records.retain(|event| event.at >= since);
        if page.records.len() < found {
            page.next = None;
        }
        Ok(page)
    }
}
