// The npm package openid-client against a running provider: discovery, code with PKCE S256 and nonce, ID token
// validated, userinfo, refresh, RP-initiated sign-out. No check of the client is switched off.

import { readFile } from "node:fs/promises";
import * as client from "openid-client";
import { Person } from "./person.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SETUP_LINK } = process.env;
const redirect_uri = "http://127.0.0.1:9/callback";
const home = "http://127.0.0.1:9/bye";
const password = "violet-harbour-lantern-42";
const { version } = JSON.parse(await readFile(new URL("./node_modules/openid-client/package.json", import.meta.url)));
console.log(`openid-client ${version} against ${ISSUER}`);

const person = new Person(ISSUER);
let page = await person.go(SETUP_LINK);
page = await person.submit(page, new URL(SETUP_LINK).pathname, { user_name: "ana", display_name: "Ana Lima", email: "ana@example.org", way: "password-form" });
page = await person.submit(page, new URL(SETUP_LINK).pathname, { user_name: "ana", display_name: "Ana Lima", email: "ana@example.org", password, way: "password" });
check(page.text.includes("My apps"), "set up with a password");
person.cookies.clear();

// http is allowed for an issuer on localhost; the client wants to be told.
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute: [client.allowInsecureRequests] });
check(config.serverMetadata().issuer === ISSUER, "discovery");

const code_verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const start = client.buildAuthorizationUrl(config, {
  redirect_uri,
  scope: "openid profile email offline_access",
  code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
page = await person.go(start);
check(page.text.includes("Sign in"), "authorize leads to sign-in");
page = await person.submit(page, "/sign-in", { name: "ana" });
if (!page.text.includes("login-password")) page = await person.go("/sign-in/password");
page = await person.submit(page, "/sign-in/password", { password });
if (!page.away) {
  check(page.text.includes("wants to use your account"), "consent is asked");
  check(page.text.includes("ana@example.org"), "consent shows the values");
  page = await person.submit(page, "/consent", { decision: "allow" });
}
check(page.away?.href.startsWith(redirect_uri), "back at the redirect address");

const tokens = await client.authorizationCodeGrant(config, page.away, { pkceCodeVerifier: code_verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
const claims = tokens.claims();
check(claims.nonce === nonce && typeof claims.auth_time === "number" && Array.isArray(claims.amr), "ID token validated");
console.log("ID token:", JSON.stringify(claims));
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
check(info.email === "ana@example.org" && info.name === "Ana Lima", "userinfo");
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
check(renewed.access_token && renewed.access_token !== tokens.access_token, "refresh");
check((await client.fetchUserInfo(config, renewed.access_token, claims.sub)).sub === claims.sub, "userinfo with the new token");

await refused(client.authorizationCodeGrant(config, page.away, { pkceCodeVerifier: code_verifier, expectedState: state, expectedNonce: nonce }), "the code a second time is refused");
await refused(client.refreshTokenGrant(config, renewed.refresh_token ?? tokens.refresh_token), "after that its refresh token is refused too");

const end = client.buildEndSessionUrl(config, { post_logout_redirect_uri: home, id_token_hint: tokens.id_token, state: "bye" });
page = await person.go(end);
check(page.away?.href === `${home}?state=bye`, "signed out, back home with state");
page = await person.go("/settings/security");
check(page.text.includes("Sign in"), "the session is over");

async function refused(promise, what) {
  const error = await promise.then(() => null, (error) => error);
  check(error?.error === "invalid_grant", `${what}${error ? "" : " (it was not)"}`);
}

function check(holds, what) {
  if (!holds) {
    console.log(`FAILED: ${what}`);
    console.log(page?.away?.href ?? `${page?.status} ${page?.address}\n${page?.text}`);
    process.exit(1);
  }
  console.log(`${what}: ok`);
}
