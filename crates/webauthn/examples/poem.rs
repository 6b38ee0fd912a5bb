//! A whole relying party on Poem: `cargo run -p doorward-webauthn --example poem`, then http://localhost:3000
mod system;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_webauthn::{json::Base64Url, *};
use poem::{EndpointExt, Route, Server, endpoint::make_sync, handler, http::StatusCode, post, web::*};
use std::{collections::HashMap, fmt::Display, sync::Arc};
use system::{System, now};
type Site = Arc<(RelyingParty, tokio::sync::Mutex<Memory>)>;
#[derive(Default)]
struct Memory {
    creating: HashMap<Base64Url, (String, Kept<Create>)>, // by challenge, with the name that was typed
    signing_in: HashMap<Base64Url, Kept<Discoverable>>,
    passkeys: HashMap<CredentialId, (String, UserHandle, CredentialRecord)>,
}
#[handler]
async fn begin_register(at: Data<&Site>, name: String) -> poem::Result<Json<CreationOptions>> {
    let user = UserEntity {
        handle: UserHandle::generate(&System).map_err(refuse)?,
        name: name.clone(),
        display_name: name.clone(),
    };
    let (options, kept) = at.0.0.register(&user).begin(&System, now()).map_err(refuse)?;
    let creating = &mut at.1.lock().await.creating;
    creating.retain(|_, (_, kept)| now() < kept.expires_at());
    creating.insert(options.challenge.clone(), (name, kept));
    Ok(Json(options))
}
#[handler]
async fn register(at: Data<&Site>, challenge: Path<Base64Url>, body: Vec<u8>) -> poem::Result<String> {
    let answer = RegistrationResponse::from_json(&body).map_err(refuse)?;
    let memory = &mut *at.1.lock().await;
    let (name, kept) = memory.creating.remove(&*challenge).ok_or(StatusCode::GONE)?;
    let passkeys = &mut memory.passkeys;
    let done = kept.finish(&answer, &at.0.0, now()).map_err(refuse)?;
    if passkeys.contains_key(&done.record.id) {
        return Err(refuse(done.already_registered()));
    }
    passkeys.insert(done.record.id.clone(), (name, done.report.user, done.record));
    Ok("Registered".to_owned())
}
#[handler]
async fn begin_sign_in(at: Data<&Site>) -> poem::Result<Json<RequestOptions>> {
    let begun = at.0.0.authenticate().discoverable().begin(&System, now());
    let (options, kept) = begun.map_err(refuse)?;
    let signing_in = &mut at.1.lock().await.signing_in;
    signing_in.retain(|_, kept| now() < kept.expires_at());
    signing_in.insert(options.challenge.clone(), kept);
    Ok(Json(options))
}
#[handler]
async fn sign_in(at: Data<&Site>, challenge: Path<Base64Url>, body: Vec<u8>) -> poem::Result<String> {
    let answer = AuthenticationResponse::from_json(&body).map_err(refuse)?;
    let memory = &mut *at.1.lock().await;
    let kept = memory.signing_in.remove(&*challenge).ok_or(StatusCode::GONE)?;
    let known = memory.passkeys.get_mut(answer.credential_id());
    let (name, user, record) = known.ok_or(StatusCode::FORBIDDEN)?;
    let login = kept.finish(&answer, user, record, &at.0.0, now());
    login.map_err(refuse)?.apply(record);
    Ok(format!("Welcome {name}"))
}
fn refuse(why: impl Display) -> poem::Error {
    eprintln!("{why}"); // for the operator; strangers learn that it was refused and no more
    StatusCode::FORBIDDEN.into()
}
pub(crate) fn app(origin: &str) -> Result<impl poem::Endpoint + use<>, BuildError> {
    let rp = RelyingParty::builder("localhost", [origin]).build(Arc::new(RustCrypto))?;
    Ok(Route::new()
        .at("/", make_sync(|_| Html(include_str!("passkeys.html"))))
        .at("/register", post(begin_register))
        .at("/register/:challenge", post(register))
        .at("/sign-in", post(begin_sign_in))
        .at("/sign-in/:challenge", post(sign_in))
        .data(Site::new((rp, Default::default()))))
}
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::new(poem::listener::TcpListener::bind("localhost:3000"));
    Ok(server.run(app("http://localhost:3000")?).await?)
}
