//! The node's HTTP interface: operations for clients, a view of itself for the harness.
//!
//! | status | meaning |
//! |---|---|
//! | 200 | it took effect |
//! | 400, 409, 421, 501, 503 | it did not, and never will |
//! | 504 | the outcome is unknown |
//!
//! A request may carry `"caller":{"client":3,"seq":17}`, which identifies it among the requests of
//! its client if it arrives twice, and the tokens `"session"` and `"context"` of earlier responses.
//! A
//! request without them is accepted, too.

use std::net::TcpListener;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use rashomon_targets::{
    Admin, AdminRefused, Answer, FailCode, KvOp, Now, Request, Response, Status, Value,
};
use tokio::sync::oneshot;

use super::runner::{Inbox, Inputs};
use crate::disk::{DiskCounts, DiskTrouble};

type Reply = (StatusCode, Json<Response>);

/// Serves clients: `POST /v1/op`, and `GET` and `PUT /v1/kv/{key}` for people.
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

/// Serves the harness: `GET /admin/status`, `GET /admin/clock`, `POST /admin/do`, `GET` and `POST /admin/disk`.
pub(super) async fn serve_admin<M: Send + 'static>(
    listener: TcpListener,
    inputs: Inputs<M>,
) -> anyhow::Result<()> {
    let app = Router::new()
        .route("/admin/status", get(status::<M>))
        .route("/admin/clock", get(clock::<M>))
        .route("/admin/do", post(administer::<M>))
        .route("/admin/disk", get(disk::<M>).post(suffer::<M>))
        .with_state(inputs);
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await?)
}

async fn operation<M>(State(inputs): State<Inputs<M>>, Json(request): Json<Request>) -> Reply {
    ask(&inputs, request).await
}

async fn read<M>(State(inputs): State<Inputs<M>>, Path(key): Path<String>) -> Reply {
    ask(&inputs, Request::of_nobody(KvOp::Get { key: key.into() })).await
}

async fn write<M>(
    State(inputs): State<Inputs<M>>,
    Path(key): Path<String>,
    Json(value): Json<Value>,
) -> Reply {
    ask(&inputs, Request::of_nobody(KvOp::Put { key: key.into(), value })).await
}

async fn ask<M>(inputs: &Inputs<M>, request: Request) -> Reply {
    let (tell, told) = oneshot::channel();
    // The caller may have gone.
    let tell = Box::new(move |response| drop(tell.send(response)));
    let sent = inputs.send(Inbox::Request(request, tell)).is_ok();
    let response = match told.await {
        Ok(response) if sent => response,
        _ => Answer::Indeterminate { reason: "the node is shutting down".to_owned() }.into(),
    };
    (status_code(&response.answer), Json(response))
}

fn status_code(answer: &Answer) -> StatusCode {
    match answer {
        Answer::Ok { .. } => StatusCode::OK,
        Answer::Indeterminate { .. } => StatusCode::GATEWAY_TIMEOUT,
        Answer::Fail { code, .. } => match code {
            FailCode::CasMismatch | FailCode::LockRefused | FailCode::NotObserved => {
                StatusCode::CONFLICT
            }
            FailCode::NotPrimary | FailCode::NotReplica => StatusCode::MISDIRECTED_REQUEST,
            FailCode::NoQuorum | FailCode::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            FailCode::BadToken => StatusCode::BAD_REQUEST,
            FailCode::Unsupported => StatusCode::NOT_IMPLEMENTED,
        },
    }
}

async fn status<M>(State(inputs): State<Inputs<M>>) -> Result<Json<Status>, StatusCode> {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Status(tell)); // If nobody takes it, `told` fails.
    told.await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn clock<M>(State(inputs): State<Inputs<M>>) -> Result<Json<Now>, StatusCode> {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Clock(tell)); // As above.
    told.await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn disk<M>(State(inputs): State<Inputs<M>>) -> Result<Json<DiskCounts>, StatusCode> {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Disk(tell)); // As above.
    told.await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn suffer<M>(
    State(inputs): State<Inputs<M>>,
    Json(trouble): Json<DiskTrouble>,
) -> Result<Json<DiskTrouble>, StatusCode> {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Suffer(trouble, tell)); // As above.
    told.await.map(|()| Json(trouble)).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn administer<M>(State(inputs): State<Inputs<M>>, Json(admin): Json<Admin>) -> Reply {
    let (tell, told) = oneshot::channel();
    let _ = inputs.send(Inbox::Admin(admin, tell)); // As above.
    let answer = match told.await {
        Ok(Ok(())) => Answer::done(),
        Ok(Err(AdminRefused { code, .. })) => Answer::fail(code),
        Err(_) => Answer::Indeterminate { reason: "the node is shutting down".to_owned() },
    };
    (status_code(&answer), Json(answer.into()))
}
