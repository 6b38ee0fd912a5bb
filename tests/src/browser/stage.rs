//! Pages without a server: the browser is given them when it asks, so that an origin can be any name.

use std::sync::PoisonError;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::page::Page;

impl Page {
    /// Answers every request with this document, whatever the address.
    pub async fn stage(&self, document: &str) -> Result<(), String> {
        let mut events = self.connection.events();
        let (connection, session) = (self.connection.clone(), self.session.clone());
        let body = BASE64_STANDARD.encode(document);
        tokio::spawn(async move {
            while let Ok(event) = events.recv().await {
                if event.session != session || event.method != "Fetch.requestPaused" {
                    continue;
                }
                let answer = json!({
                    "requestId": event.params["requestId"], "responseCode": 200, "body": body,
                    "responseHeaders": [{ "name": "content-type", "value": "text/html" }],
                });
                // A page that went away has nobody left to answer.
                drop(
                    connection
                        .call(Some(&session), "Fetch.fulfillRequest", answer)
                        .await,
                );
            }
        });
        self.call("Fetch.enable", json!({ "patterns": [{ "urlPattern": "*" }] }))
            .await
            .map(drop)
    }

    /// The value of an expression in the page or frame of this origin, as if a person had just pressed something.
    pub async fn eval_at(&self, origin: &str, expression: &str) -> Result<Value, String> {
        let context = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let here = seen.contexts.iter().rev().find(|(name, _)| name == origin);
            here.map(|(_, context)| *context)
        };
        let context = context.ok_or_else(|| format!("nothing of {origin} is open"))?;
        let how = json!({
            "expression": expression, "contextId": context, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", how).await?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown["exception"]["description"].to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }
}
