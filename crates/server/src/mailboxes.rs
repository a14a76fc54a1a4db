//! Mailboxes whose providers keep what is read there within the workspace (Google's and Microsoft's terms), as `parloir prove` looks at
//! them: by the settings and the tokens with which the program would call their providers now.

use connect::oauth::{Tokens, short};
use connect::{Account, Connector};
use vault::prove::{Allowance, Mailbox};
use vault::{ChannelId, Scope, WorkspaceId, channels};

use crate::app::Shared;

/// Those that are connected and that somebody signed in to, of one workspace or of all.
pub async fn connected(app: &Shared, workspace: Option<WorkspaceId>) -> vault::Result<Vec<Mailbox>> {
    let workspaces = match workspace {
        Some(id) => vec![id],
        None => app.vault.workspaces().await?.into_iter().map(|workspace| workspace.id).collect(),
    };
    let mut found = Vec::new();
    for id in workspaces {
        let scope = app.vault.operator_scope(id).await?;
        for connector in connect::channels::all().iter().filter(|connector| connector.limited_use()) {
            let kind = connector.spec().kind;
            for channel in app.vault.read(&scope, move |tx| channels::signed_in(tx, kind)).await? {
                found.push(mailbox(app, &scope, *connector, channel).await?);
            }
        }
    }
    Ok(found)
}

async fn mailbox(
    app: &Shared,
    scope: &Scope,
    connector: &'static dyn Connector,
    channel: ChannelId,
) -> vault::Result<Mailbox> {
    let kept = app.vault.read(scope, move |tx| channels::account(tx, channel)).await?;
    let account = app.account(&kept, connector.spec());
    let allowance = |scope: &str| Allowance {
        opens: connector.opens(&short(scope)).map(|opens| opens.iter().map(|access| access.as_str()).collect()),
        scope: short(scope),
    };
    let asked = connector.consent(&account).map(|consent| consent.scopes).unwrap_or_default();
    Ok(Mailbox {
        workspace: scope.workspace(),
        channel,
        kind: kept.kind,
        asked: asked.into_iter().map(allowance).collect(),
        allowed: allowed(&account).map(|scopes| scopes.iter().map(|scope| allowance(scope)).collect()),
    })
}

/// What was allowed by the provider's word. Tokens that were kept before that was noted do not say.
fn allowed(account: &Account) -> Option<Vec<String>> {
    Tokens::of(account).map(|tokens| tokens.scopes).filter(|scopes| !scopes.is_empty())
}
