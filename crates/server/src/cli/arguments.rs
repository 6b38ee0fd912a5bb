//! The command line, declared.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A small identity provider that a team runs itself.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, about, arg_required_else_help = false)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    /// What to do; without it, serve
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// Which instance is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Place {
    /// The address that people type: scheme, host and port
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Where to listen, such as 127.0.0.1:8080
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The folder of the store
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", env = "DOORWARD_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Place {
    /// What overrides the configuration.
    pub(crate) fn overrides(&self) -> Vec<(&'static str, &'static str, String)> {
        [
            ("server", "url", &self.url),
            ("server", "listen", &self.listen),
            ("storage", "data", &self.data),
        ]
        .into_iter()
        .filter_map(|(section, key, value)| Some((section, key, value.clone()?)))
        .collect()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the provider
    Serve,
    /// Run it on a fresh folder, with a sample application that lets it sign people in
    Demo {
        /// The address of the sample application
        #[arg(long, value_name = "URL", default_value = "http://localhost:8081")]
        application_url: String,
        /// Where the sample application listens; the loopback address at the port of its own when absent
        #[arg(long, value_name = "ADDRESS")]
        application_listen: Option<std::net::SocketAddr>,
    },
    /// Make a new link for the first run; it ends the one before
    SetupLink,
    /// People
    #[command(subcommand)]
    User(UserVerb),
    /// Applications
    #[command(subcommand)]
    App(Box<AppVerb>),
    /// Data for tests
    #[command(subcommand)]
    Seed(SeedVerb),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigVerb),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// List the people
    List,
    /// Add a person; prints the link by which they make their passkey or password
    Add {
        /// The name that they type
        user_name: String,
        /// The name that others see; the user name when absent
        #[arg(long)]
        display_name: Option<String>,
        /// Their e-mail address
        #[arg(long)]
        email: Option<String>,
        /// They may administer this instance
        #[arg(long)]
        operator: bool,
    },
    /// Make a link for a person who lost everything; by it they set up how they sign in anew
    ResetLink {
        /// Whose account: user name or e-mail address
        name: String,
    },
    /// Set what an account says about its person, such as given_name=Ana or email_verified=true
    Set {
        /// Whose account
        user_name: String,
        /// Claims with their values; an empty value takes the claim away
        #[arg(required = true, value_name = "CLAIM=VALUE", value_parser = pair)]
        claims: Vec<(String, String)>,
    },
}

/// `claim=value`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be CLAIM=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it a process")]
pub(crate) enum AppVerb {
    /// List the applications
    List,
    /// Add an application; prints its id and, this once, its secret
    Add {
        /// The name that people see
        name: String,
        /// Where it may have people sent after they signed in; give it again for more
        #[arg(long = "redirect-uri", required_unless_present = "grants", value_name = "URL")]
        redirect_uris: Vec<String>,
        /// Where it may have people sent after they signed out
        #[arg(long = "post-logout-redirect-uri", value_name = "URL")]
        post_logout_redirect_uris: Vec<String>,
        /// Where its tile on the page `My apps` leads
        #[arg(long = "start-uri", value_name = "URL")]
        start_uri: Option<String>,
        /// It cannot keep a secret: an app on a phone, a page in a browser
        #[arg(long)]
        public: bool,
        /// It is a program on the person's own device: loopback addresses and private schemes are for these
        #[arg(long)]
        native: bool,
        /// It is being written: http://localhost is allowed, and people are told
        #[arg(long)]
        development: bool,
        /// It sends its secret in the form, not in the Authorization header
        #[arg(long, conflicts_with = "public")]
        post_secret: bool,
        /// Ask each person before the first sign-in to it
        #[arg(long)]
        consent: bool,
        /// A file with its public keys, a JWK Set: it proves itself by signing, and has no secret
        #[arg(long, value_name = "FILE", conflicts_with_all = ["public", "post_secret"])]
        jwks: Option<PathBuf>,
        /// Where its public keys are, instead of a file
        #[arg(long, value_name = "URL", conflicts_with_all = ["public", "post_secret", "jwks"])]
        jwks_uri: Option<String>,
        /// Where it is told that somebody signed out
        #[arg(long, value_name = "URL")]
        backchannel_logout_uri: Option<String>,
        /// What the page after a sign-out loads in a frame
        #[arg(long, value_name = "URL")]
        frontchannel_logout_uri: Option<String>,
        /// It knows people by names of its own, which other applications do not know
        #[arg(long)]
        pairwise: bool,
        /// It cannot do PKCE: weaker, and not for public applications
        #[arg(long, conflicts_with = "public")]
        no_pkce: bool,
        /// It lives under the FAPI 2.0 Security Profile: pushed requests, tokens bound to its key
        #[arg(long, requires = "jwks")]
        fapi: bool,
        /// Take only requests that it pushed before
        #[arg(long)]
        require_par: bool,
        /// Give it only tokens that are bound to its key
        #[arg(long)]
        require_dpop: bool,
        /// How it may ask for tokens, by the name in OAuth; code and refresh token when absent
        #[arg(long = "grant", value_name = "TYPE")]
        grants: Vec<String>,
        /// The scopes that it may ask for; all about people when absent
        #[arg(long, value_name = "SCOPES")]
        scope: Option<String>,
        /// A protected resource that it may ask tokens for; give it again for more
        #[arg(long = "resource", value_name = "URL")]
        resources: Vec<String>,
        /// A protected resource that it is itself: it may introspect tokens for it; give it again for more
        #[arg(long = "protects", value_name = "URL")]
        protects: Vec<String>,
    },
    /// Make an initial access token, with which applications register themselves; prints it, this once
    Token {
        /// How many applications may be registered with it
        #[arg(long, default_value_t = 1)]
        uses: u32,
        /// For how many hours it is good
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=24 * 365))]
        hours: u64,
    },
    /// Remove an application; its tokens end at once
    Remove {
        /// Its id
        client_id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SeedVerb {
    /// For the OpenID Foundation's conformance suite: an account with every claim and the applications of the static
    /// plans; prints the suite's configuration, with the account's password
    Conformance {
        /// Where the suite is, such as https://localhost.emobix.co.uk:8443
        #[arg(long, value_name = "URL")]
        suite_url: String,
        /// The suite's name for this provider
        #[arg(long)]
        alias: String,
        /// For the plan of front-channel logout: applications with frames and without a back channel
        #[arg(long)]
        front_channel: bool,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print the whole file with every key at its default
    Default,
    /// Say what is wrong with the configuration
    Check,
    /// Print every value and where it came from
    Show,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    // Every process of the machine can read the arguments of every other.
    #[test]
    fn secrets_not_in_argv() {
        let mut commands = vec![Arguments::command()];
        let mut seen = 0;
        while let Some(command) = commands.pop() {
            for argument in command
                .get_arguments()
                .filter(|one| one.get_action().takes_values())
            {
                let name = argument.get_id().as_str();
                for secret in ["password", "secret", "token", "code", "seal"] {
                    assert!(!name.contains(secret), "{} {name}", command.get_name());
                }
                seen += 1;
            }
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(seen > 5, "there are arguments: {seen}");
    }
}
