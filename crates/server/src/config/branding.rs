//! `[branding]`

use super::section::section;

section! {
    /// What people read.
    branding: Branding;

    /// The name of this instance.
    name: String = "Doorward";

    /// A sentence at the foot of every page, such as where to find help. Empty: none.
    help: String = "";

    /// Whom to ask when nothing else helps: a name, a room, an address.
    contact: String = "your operator";
}
