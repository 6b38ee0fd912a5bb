//! Every limit by name, with its reason. What an operator or a test may change is in [`Limits`]; the rest is
//! constant.

use core::time::Duration;

/// Characters in a user name (PRECIS; experience of forms: longer ones are pasted by mistake).
pub const USER_NAME_CHARACTERS: usize = 64;
/// User names that nobody is given, nor any that looks like one.
pub const RESERVED_NAMES: [&str; 12] = [
    "admin",
    "administrator",
    "root",
    "support",
    "security",
    "system",
    "issuer",
    "doorward",
    "postmaster",
    "hostmaster",
    "webmaster",
    "abuse",
];
/// Characters in a display name.
pub const DISPLAY_NAME_CHARACTERS: usize = 64;
/// Bytes in an e-mail address (RFC 5321 §4.5.3.1.3, less the brackets).
pub const EMAIL_BYTES: usize = 254;
/// Characters in the name of a passkey.
pub const PASSKEY_NAME_CHARACTERS: usize = 64;
/// Passkeys of one account: its document stays below a value of the store.
pub const PASSKEYS: usize = 20;
/// Sessions of one account; the oldest gives way.
pub const SESSIONS: usize = 50;
/// Characters in a password that is the only factor (SP 800-63B §3.1.1.2).
pub const PASSWORD_ALONE_CHARACTERS_MIN: usize = 15;
/// Characters in a password beside a second factor.
pub const PASSWORD_WITH_SECOND_CHARACTERS_MIN: usize = 8;
/// Characters in a password at the most.
pub const PASSWORD_CHARACTERS_MAX: usize = 256;
/// Bytes in a password at the most: refused before it is hashed.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Recovery codes in a set.
pub const RECOVERY_CODES: usize = 10;
/// Characters of base32 in a recovery code: 80 bits.
pub const RECOVERY_CODE_CHARACTERS: usize = 16;
/// Bytes of a TOTP secret (RFC 4226 §4 R6 recommends 160 bits).
pub const TOTP_SECRET_BYTES: usize = 20;
/// Wrong second factors in one sign-in before it must begin again.
pub const SECOND_FACTOR_TRIES: u32 = 5;
/// Codes that may be tried for a new TOTP secret before another one must be shown.
pub const PENDING_TOTP_TRIES: u32 = 30;
/// The longest delay between guesses.
pub const GUESS_DELAY_MAX: Duration = Duration::from_secs(15 * 60);
/// Unknown names whose guesses are counted at once (in memory, per instance).
pub const IMAGINARY_COUNTERS: usize = 16_384;
/// Counters that a new unknown name may push out one of: the one that waited longest goes.
pub const IMAGINARY_CHOICES: usize = 8;
/// Records that tries at unknown names write, so that they cost what a try at a known one does.
pub const IMAGINARY_RECORDS: u16 = 1024;
/// The part of the queue of passwords that one address may hold: one of so many.
pub const QUEUE_SHARES: usize = 4;
/// Marks of failed answers in ten minutes of one instance: strangers cause them.
pub const FAILED_MARKS: u32 = 50_000;
/// How long marks of consumption outlive what they mark: instances' clocks may differ.
pub const SKEW: Duration = Duration::from_secs(60);
/// Requests that one application may push in a minute, on one instance: they are stored for so long.
pub const PUSHES: u32 = 1_000;
/// Devices that one application may begin to sign in in ten minutes, on one instance.
pub const DEVICES: u32 = 1_000;
/// Device codes that one person may try in ten minutes: of twenty million millions they hit none.
pub const TYPED_BY_ACCOUNT: u32 = 20;
/// Device codes that may be tried from one address in ten minutes.
pub const TYPED_FROM_ADDRESS: u32 = 60;
/// A session's last use is written at most this often: looking around must not cost a commit a click.
pub const TOUCH_EVERY: Duration = Duration::from_secs(60);
/// Entries on one page of a list.
pub const PAGE: usize = 50;

/// What may be set. The defaults are the product's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A challenge lives so long.
    pub challenge: Duration,
    /// A sign-in may last so long from its first proof.
    pub half_sign_in: Duration,
    /// The set-up link lives so long.
    pub setup_link: Duration,
    /// A link made by the operator at the command line lives so long.
    pub operator_link: Duration,
    /// A proposed change waits so long for its proof.
    pub pending_change: Duration,
    /// A TOTP secret that was shown waits so long.
    pub pending_totp: Duration,
    /// A proof so young counts as fresh.
    pub step_up_freshness: Duration,
    /// A session ends when nobody used it for so long.
    pub session_idle: Duration,
    /// A session ends so long after it began, used or not.
    pub session_absolute: Duration,
    /// Both, for who asked to stay signed in.
    pub session_stay: Duration,
    /// A browser stays known so long.
    pub known_device: Duration,
    /// What a weaker proof takes away takes effect so much later.
    pub step_up_delay: Duration,
    /// Events of the audit record are shown to the person for so long.
    pub activity: Duration,
    /// Failed passwords from one address (IPv6: one /64) in ten minutes.
    pub failures_per_address: u16,
    /// Failed passwords from one IPv6 /48 in ten minutes.
    pub failures_per_network: u16,
    /// Passwords hashed at once.
    pub hashes_at_once: usize,
    /// Passwords waiting to be hashed.
    pub hashes_waiting: usize,
    /// A password waits so long for its turn.
    pub hash_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        Self {
            challenge: Duration::from_secs(5 * 60),
            half_sign_in: Duration::from_secs(10 * 60),
            setup_link: Duration::from_secs(60 * 60),
            operator_link: Duration::from_secs(24 * 60 * 60),
            pending_change: Duration::from_secs(5 * 60),
            pending_totp: Duration::from_secs(10 * 60),
            step_up_freshness: Duration::from_secs(5 * 60),
            session_idle: Duration::from_secs(8 * 60 * 60),
            session_absolute: Duration::from_secs(7 * 24 * 60 * 60),
            session_stay: Duration::from_secs(30 * 24 * 60 * 60),
            known_device: Duration::from_secs(30 * 24 * 60 * 60),
            step_up_delay: Duration::from_secs(24 * 60 * 60),
            activity: Duration::from_secs(90 * 24 * 60 * 60),
            failures_per_address: 30,
            failures_per_network: 150,
            hashes_at_once: at_once,
            hashes_waiting: 4 * at_once + 32,
            hash_wait: Duration::from_secs(3),
        }
    }
}
