//! The node's HTTP interface: operations for clients, a view of itself for the harness.
//!
//! | status | meaning |
//! |---|---|
//! | 200 | it took effect |
//! | 409, 421, 501, 503 | it did not, and never will |
//! | 504 | nobody knows |

use std::net::TcpListener;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use rashomon_targets::{Answer, FailCode, KvOp, ReadLevel, Request, Status, Value};
use tokio::sync::oneshot;

use super::runner::{Inbox, Inputs};

type Reply = (StatusCode, Json<Answer>);

/// Answers clients: `POST /v1/op`, and `GET` and `PUT /v1/kv/{key}` for people.
pub(super) async fn serve_clients<M: Send + 'static>(
    listener: TcpListener,
    inputs: Inputs<M>,
) -> anyhow::Result<()> {
    let app = Router::new()
        .route("/v1/op", post(operation::<M>))
        .route("/v1/kv/{key}", get(read::<M>).put(write::<M>))
        .with_state(inputs);
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?)
}

/// Answers the harness: `GET /admin/status`.
pub(super) async fn serve_admin<M: Send + 'static>(
    listener: TcpListener,
    inputs: Inputs<M>,
) -> anyhow::Result<()> {
    let app = Router::new().route("/admin/status", get(status::<M>)).with_state(inputs);
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?)
}

async fn operation<M>(State(inputs): State<Inputs<M>>, Json(request): Json<Request>) -> Reply {
    ask(&inputs, request).await
}

async fn read<M>(State(inputs): State<Inputs<M>>, Path(key): Path<String>) -> Reply {
    let op = KvOp::Get { key: key.into() };
    ask(&inputs, Request { op, read: ReadLevel::Default }).await
}

async fn write<M>(
    State(inputs): State<Inputs<M>>,
    Path(key): Path<String>,
    Json(value): Json<Value>,
) -> Reply {
    let op = KvOp::Put { key: key.into(), value };
    ask(&inputs, Request { op, read: ReadLevel::Default }).await
}

async fn ask<M>(inputs: &Inputs<M>, request: Request) -> Reply {
    let (tell, told) = oneshot::channel();
    // Whoever asked may have gone.
    let tell = Box::new(move |answer| drop(tell.send(answer)));
    let sent = inputs.send(Inbox::Request(request, tell)).is_ok();
    let answer = match told.await {
        Ok(answer) if sent => answer,
        _ => Answer::Indeterminate { reason: "the node is going down".to_owned() },
    };
    (status_code(&answer), Json(answer))
}

fn status_code(answer: &Answer) -> StatusCode {
    match answer {
        Answer::Ok { .. } => StatusCode::OK,
        Answer::Indeterminate { .. } => StatusCode::GATEWAY_TIMEOUT,
        Answer::Fail { code, .. } => match code {
            FailCode::CasMismatch => StatusCode::CONFLICT,
            FailCode::NotPrimary | FailCode::NotReplica => StatusCode::MISDIRECTED_REQUEST,
            FailCode::NoQuorum | FailCode::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            FailCode::Unsupported => StatusCode::NOT_IMPLEMENTED,
        },
    }
}

async fn status<M>(State(inputs): State<Inputs<M>>) -> Result<Json<Status>, StatusCode> {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Status(tell)); // If nobody takes it, `told` fails.
    told.await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
