//! Chromium's virtual authenticator.

use serde_json::{Value, json};

use super::page::Page;

/// One virtual authenticator of a page.
#[derive(Debug)]
pub struct Authenticator {
    id: String,
}

/// A credential that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Base64 (with padding), as Chromium gives it.
    pub id: String,
    /// The user handle, base64.
    pub user_handle: String,
    /// The user name it was made with.
    pub user_name: String,
    /// Signature counter.
    pub sign_count: u64,
}

impl Authenticator {
    /// A platform authenticator that verifies its user and answers by itself.
    pub async fn internal(page: &Page) -> Result<Self, String> {
        Self::with(page, json!({ "transport": "internal" })).await
    }

    /// An authenticator with these options over the defaults (CTAP 2.1, resident keys, user verified).
    pub async fn with(page: &Page, options: Value) -> Result<Self, String> {
        page.call("WebAuthn.enable", json!({ "enableUI": false })).await?;
        let mut all = json!({
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
        });
        if let (Some(all), Some(options)) = (all.as_object_mut(), options.as_object()) {
            all.extend(options.clone());
        }
        let made = page
            .call("WebAuthn.addVirtualAuthenticator", json!({ "options": all }))
            .await?;
        Ok(Self {
            id: made["authenticatorId"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// What it holds.
    pub async fn credentials(&self, page: &Page) -> Result<Vec<Credential>, String> {
        let answer = page
            .call("WebAuthn.getCredentials", json!({ "authenticatorId": self.id }))
            .await?;
        let list = answer["credentials"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(list
            .iter()
            .map(|credential| Credential {
                id: text(&credential["credentialId"]),
                user_handle: text(&credential["userHandle"]),
                user_name: text(&credential["userName"]),
                sign_count: credential["signCount"].as_u64().unwrap_or_default(),
            })
            .collect())
    }

    /// Whether it answers without anybody touching it.
    pub async fn present(&self, page: &Page, enabled: bool) -> Result<(), String> {
        let how = json!({ "authenticatorId": self.id, "enabled": enabled });
        page.call("WebAuthn.setAutomaticPresenceSimulation", how)
            .await
            .map(drop)
    }

    /// Whether it verifies its user.
    pub async fn verifies(&self, page: &Page, verified: bool) -> Result<(), String> {
        let how = json!({ "authenticatorId": self.id, "isUserVerified": verified });
        page.call("WebAuthn.setUserVerified", how).await.map(drop)
    }

    /// Faults on demand: `isBogusSignature`, `isBadUV`, `isBadUP`.
    pub async fn faults(&self, page: &Page, faults: Value) -> Result<(), String> {
        let mut how = json!({ "authenticatorId": self.id });
        if let (Some(how), Some(faults)) = (how.as_object_mut(), faults.as_object()) {
            how.extend(faults.clone());
        }
        page.call("WebAuthn.setResponseOverrideBits", how).await.map(drop)
    }

    /// Forgets everything.
    pub async fn clear(&self, page: &Page) -> Result<(), String> {
        page.call("WebAuthn.clearCredentials", json!({ "authenticatorId": self.id }))
            .await
            .map(drop)
    }

    /// Takes it away.
    pub async fn remove(self, page: &Page) -> Result<(), String> {
        page.call(
            "WebAuthn.removeVirtualAuthenticator",
            json!({ "authenticatorId": self.id }),
        )
        .await
        .map(drop)
    }
}
