//! The types that a configuration key can have. Every value is written as text in one form, so that the file, the
//! environment and the command line are read by the same code, and `config show` writes what can be read again.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use url::{Host, Url};

/// How a value stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `"text"`
    Text,
    /// `15`
    Number,
    /// `true` or `false`
    Switch,
    /// `["one", "two"]`
    List,
}

/// A type that a key can have.
pub trait Setting: Sized + PartialOrd {
    /// How it stands in the file.
    const SHAPE: Shape;
    /// What is expected, for error messages: "a duration such as 30m".
    const FORM: &'static str;

    /// Reads `text`; the error is [`FORM`](Self::FORM) or something more exact.
    ///
    /// # Errors
    /// What is wrong, to be read after the name of the key.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that [`parse`](Self::parse) reads as this value.
    fn show(&self) -> String;
}

impl Setting for String {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "text without control characters, up to 1000 bytes";

    fn parse(text: &str) -> Result<Self, String> {
        if text.len() > 1000 || text.chars().any(char::is_control) {
            return Err(format!("must be {}", Self::FORM));
        }
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Setting for bool {
    const SHAPE: Shape = Shape::Switch;
    const FORM: &'static str = "true or false";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("must be {}", Self::FORM))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u32 {
    const SHAPE: Shape = Shape::Number;
    const FORM: &'static str = "a whole number";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("must be {}", Self::FORM))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Duration {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "a whole number with its unit, such as \"90s\", \"30m\", \"8h\" or \"7d\"";

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("must be {}", Self::FORM);
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, size) = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .ok_or_else(wrong)?;
        number.checked_mul(*size).map(Self::from_secs).ok_or_else(wrong)
    }

    fn show(&self) -> String {
        let seconds = self.as_secs();
        let fits = UNITS
            .iter()
            .find(|(_, size)| seconds > 0 && seconds.is_multiple_of(*size));
        fits.map_or_else(
            || format!("{seconds}s"),
            |(name, size)| format!("{}{name}", seconds / size),
        )
    }
}

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

/// A file or folder; empty text is none.
impl Setting for Option<PathBuf> {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "a path";

    fn parse(text: &str) -> Result<Self, String> {
        Ok((!text.is_empty()).then(|| PathBuf::from(text)))
    }

    fn show(&self) -> String {
        self.as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default()
    }
}

/// An address and a port; empty text is none.
impl Setting for Option<SocketAddr> {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "an IP address and a port, such as \"127.0.0.1:8080\" or \"[::]:443\"";

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| format!("must be {}", Self::FORM))
    }

    fn show(&self) -> String {
        self.map(|address| address.to_string()).unwrap_or_default()
    }
}

/// Where browsers find this instance: scheme, host and port, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// As a URL, whose path is `/`.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The origin as browsers write it, without a slash at the end. The issuer is the same text.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host name, which passkeys belong to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether cookies can have the `__Host-` prefix and `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Setting for PublicUrl {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "an address such as \"https://id.example.org\"";

    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| format!("must be {}", Self::FORM))?;
        let Some(Host::Domain(host)) = url.host() else {
            return Err("needs a host name: passkeys do not work at an IP address".into());
        };
        let local = host == "localhost" || host.ends_with(".localhost");
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err("must begin with https:// (only localhost has passkeys without it)".into()),
            _ => return Err(format!("must be {}", Self::FORM)),
        }
        if host.ends_with('.') {
            return Err("must not end in a dot".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or password".into());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("must be scheme, host and port alone: no path, query or fragment".into());
        }
        Ok(Self(url))
    }

    fn show(&self) -> String {
        self.origin()
    }
}

/// A range of addresses, such as `10.0.0.0/8` or `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether `address` lies in it. An IPv4 address that travels in an IPv6 one is taken as the IPv4 it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = (words(self.address), words(address.to_canonical()));
        let width = width(self.address);
        if width != self::width(address.to_canonical()) {
            return false;
        }
        let shift = u32::from(width.saturating_sub(self.bits));
        ours.checked_shr(shift) == theirs.checked_shr(shift)
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse::<IpAddr>().ok()?, bits.parse().ok()?),
            None => {
                let address: IpAddr = text.parse().ok()?;
                (address, width(address))
            }
        };
        // The whole of the internet as a proxy would mean that everybody may say who they are.
        (bits > 0 && bits <= width(address)).then_some(Self { address, bits })
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn words(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

impl Setting for Vec<Network> {
    const SHAPE: Shape = Shape::List;
    const FORM: &'static str = "a list of addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]";

    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(Network::parse)
            .collect::<Option<_>>()
            .ok_or_else(|| format!("must be {}; the network of all addresses is refused", Self::FORM))
    }

    fn show(&self) -> String {
        let shown: Vec<String> = self
            .iter()
            .map(|net| format!("{}/{}", net.address, net.bits))
            .collect();
        shown.join(", ")
    }
}

/// The name or the address of a host, without a port; compared without case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostName(String);

impl HostName {
    /// As addresses have it: in lower case, an IPv6 address without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        let host = match bare.parse::<IpAddr>() {
            Ok(address) => address.to_string(),
            Err(_) => match Host::parse(text).ok()? {
                Host::Domain(name) if !name.contains('*') => name,
                Host::Domain(_) => return None,               // no patterns
                Host::Ipv4(_) | Host::Ipv6(_) => return None, // a number that is no plain address
            },
        };
        Some(Self(host))
    }
}

impl Setting for Vec<HostName> {
    const SHAPE: Shape = Shape::List;
    const FORM: &'static str = "a list of hosts without ports, such as [\"app.internal\", \"127.0.0.1\"]";

    fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(HostName::parse)
            .collect::<Option<_>>()
            .ok_or_else(|| format!("must be {}", Self::FORM))
    }

    fn show(&self) -> String {
        let shown: Vec<&str> = self.iter().map(HostName::as_str).collect();
        shown.join(", ")
    }
}

/// Makes a closed set of words a type that a key can have.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident: $form:literal { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$about])* $variant,)+ }

        impl Setting for $name {
            const SHAPE: Shape = Shape::Text;
            const FORM: &'static str = $form;

            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be {}", Self::FORM)),
                }
            }

            fn show(&self) -> String {
                match self { $(Self::$variant => $word.to_owned(),)+ }
            }
        }
    };
}

choice! {
    /// Who may register an application.
    Door: "\"closed\", \"token\" or \"open\"" {
        /// The operator.
        Closed = "closed",
        /// Whoever has a token of the operator.
        Token = "token",
        /// Everybody.
        Open = "open",
    }
}

choice! {
    /// Whether authorization requests must carry a code challenge.
    Pkce: "\"required\" or \"optional\"" {
        /// Always.
        Required = "required",
        /// If the application wants.
        Optional = "optional",
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Setting for LogFormat {
    const SHAPE: Shape = Shape::Text;
    const FORM: &'static str = "\"text\" or \"json\"";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("must be {}", Self::FORM)),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Json => "json".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["90s", "30m", "8h", "7d", "0s"] {
            assert_eq!(Duration::parse(text).expect("a duration").show(), text);
        }
        for wrong in [
            "",
            "8",
            "h",
            "8 hours",
            "-1h",
            "1.5h",
            "99999999999999999999d",
            "9999999999999999d",
        ] {
            assert!(Duration::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn http_is_for_localhost_alone() {
        for right in [
            "http://localhost:8080",
            "http://id.localhost",
            "https://id.example.org",
            "https://a.b:8443/",
        ] {
            assert!(PublicUrl::parse(right).is_ok(), "{right}");
        }
        for wrong in [
            "http://id.example.org",
            "http://127.0.0.1:8080",
            "https://[::1]",
            "https://id.example.org/path",
            "https://id.example.org/?q",
            "https://id.example.org/#f",
            "https://user@id.example.org",
            "https://id.example.org.",
            "ftp://localhost",
            "id.example.org",
        ] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_are_names_or_plain_addresses() {
        let hosts = Vec::<HostName>::parse("App.Internal, 127.0.0.1, [::1]").expect("hosts");
        assert_eq!(hosts.show(), "app.internal, 127.0.0.1, ::1");
        for wrong in ["app.internal:8443", "https://app.internal", "0x7f.1", "a/b", "*"] {
            assert!(Vec::<HostName>::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let nets = Vec::<Network>::parse("10.0.0.0/8, ::1, 192.168.1.7").expect("networks");
        let held = |address: &str| {
            let address = address.parse().expect("an address");
            nets.iter().any(|net| net.contains(address))
        };
        for inside in ["10.1.2.3", "::1", "192.168.1.7", "::ffff:10.0.0.1"] {
            assert!(held(inside), "{inside}");
        }
        for outside in ["11.0.0.1", "::2", "192.168.1.8", "a00::1"] {
            assert!(!held(outside), "{outside}");
        }
        for wrong in ["0.0.0.0/0", "::/0", "10.0.0.0/33", "host"] {
            assert!(Vec::<Network>::parse(wrong).is_err(), "{wrong}");
        }
    }
}
