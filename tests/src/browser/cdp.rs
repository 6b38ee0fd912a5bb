//! The DevTools protocol: numbered calls, their answers, and events, over one socket.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{broadcast, oneshot},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Value, String>>>>>;

/// One connection to a browser; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    sink: Arc<tokio::sync::Mutex<SplitSink<Socket, Message>>>,
    waiting: Waiting,
    next: Arc<AtomicU64>,
    events: broadcast::Sender<Event>,
}

/// Something that happened in a page.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) session: String,
    pub(super) method: String,
    pub(super) params: Value,
}

impl Connection {
    pub(super) async fn open(address: &str) -> Self {
        let (socket, _) = connect_async(address)
            .await
            .expect("Chromium accepts the connection");
        let (sink, mut stream) = socket.split();
        let waiting = Waiting::default();
        let (events, _) = broadcast::channel(16_384);
        let (answers, news) = (Arc::clone(&waiting), events.clone());
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Ok(text) = message.into_text() else { continue };
                let Ok(value) = serde_json::from_str::<Value>(&text) else {
                    continue;
                };
                if let Some(id) = value["id"].as_u64() {
                    let waiter = answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                    let answer = match value.get("error") {
                        Some(error) => Err(error.to_string()),
                        None => Ok(value["result"].clone()),
                    };
                    if let Some(waiter) = waiter {
                        // Whoever asked may have stopped waiting.
                        drop(waiter.send(answer));
                    }
                } else {
                    // Nobody may be listening.
                    drop(news.send(Event {
                        session: value["sessionId"].as_str().unwrap_or_default().to_owned(),
                        method: value["method"].as_str().unwrap_or_default().to_owned(),
                        params: value["params"].clone(),
                    }));
                }
            }
        });
        Self {
            sink: Arc::new(tokio::sync::Mutex::new(sink)),
            waiting,
            next: Arc::default(),
            events,
        }
    }

    pub(super) fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, sender);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let sent = self
            .sink
            .lock()
            .await
            .send(Message::text(message.to_string()))
            .await;
        sent.map_err(|error| format!("{method}: {error}"))?;
        match tokio::time::timeout(Duration::from_secs(30), answer).await {
            Ok(Ok(result)) => result.map_err(|error| format!("{method}: {error}")),
            Ok(Err(_)) => Err(format!("{method}: the browser is gone")),
            Err(_) => Err(format!("{method}: no answer in 30 seconds")),
        }
    }
}
