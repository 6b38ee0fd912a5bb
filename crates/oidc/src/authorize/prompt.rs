//! What the person must be asked (OpenID Connect Core §3.1.2.1, Initiating User Registration 1.0).

use serde::{Deserialize, Serialize};

use crate::acr::words;
use crate::error::Fault;
use crate::params::Params;

words! {
    /// A value of `prompt`.
    Prompt {
        None = ("none", "Nothing may be asked."),
        Login = ("login", "The person signs in anew."),
        Consent = ("consent", "The person is asked for consent anew."),
        SelectAccount = ("select_account", "The person chooses an account."),
        Create = ("create", "The person makes an account."),
    }
}

/// The values of one request, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Whether the value is among them.
    #[must_use]
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// Whether nothing may be asked.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.contains(Prompt::None)
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Known values; unknown ones are ignored, and so is `create` where nobody may make an account; `none` stands alone.
pub(super) fn check(params: &Params, sign_up: bool) -> Result<Prompts, Fault> {
    let words = params
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    if words.contains(&Prompt::None.as_str()) && words.len() > 1 {
        return Err(Fault::PromptNoneWithOthers);
    }
    let offered = |prompt: &Prompt| sign_up || *prompt != Prompt::Create;
    let known = words.iter().filter_map(|word| word.parse().ok());
    let mut prompts: Vec<Prompt> = known.filter(offered).collect();
    prompts.sort_unstable();
    prompts.dedup();
    Ok(Prompts(prompts))
}
