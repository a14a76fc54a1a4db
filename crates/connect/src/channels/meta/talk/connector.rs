//! The connector of either messenger: what its product and its Spec say is all in which one differs from the other.

use super::{APP_SECRET, Product};
use crate::{
    Account, Answer, Authorized, BlobHandle, Connector, Ctx, Erased, Event, Outgoing, Person, PersonIdentity, Raw,
    Receipt, Reject, RemoteFile, Reply, Secret, SendError, Spec, Step, Trace, Verified,
};

/// A messenger as a connector.
#[derive(Debug)]
pub(in crate::channels) struct Talk {
    /// In what it differs at Meta.
    pub(in crate::channels) product: &'static Product,
    /// What it is and needs.
    pub(in crate::channels) spec: &'static Spec,
}

impl Connector for Talk {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    fn verify(&self, ctx: &Ctx, raw: &Raw, account: &Account) -> Result<Verified, Reject> {
        super::hook::verify(self.product, ctx.now_ms, raw, account)
    }

    fn app_secret(&self) -> Option<&'static str> {
        Some(APP_SECRET)
    }

    fn for_whole_app(&self, raw: &Raw) -> bool {
        super::callback::is_for_app(raw)
    }

    fn departed(&self, raw: &Raw, hook_url: &str) -> Option<Answer> {
        super::callback::departed(raw, hook_url)
    }

    fn addressed(&self, raw: &Raw) -> Vec<String> {
        super::cut::addressed(raw)
    }

    fn parts(&self, verified: Verified) -> Vec<Verified> {
        super::cut::parts(verified)
    }

    fn answer(&self, verified: &Verified) -> Answer {
        super::hook::answer(verified)
    }

    fn parse(&self, verified: &Verified) -> Vec<Event> {
        super::parse::events(verified)
    }

    fn send(&self, _: &Ctx, out: &Outgoing, account: &Account, replies: &[Reply]) -> Step<Receipt> {
        super::send::step(self.product, out, account, replies)
    }

    fn erase(&self, _: &Ctx, trace: &Trace, _: &Account, _: &[Reply]) -> Step<Erased> {
        super::account::erase(self.product, trace)
    }

    fn fetch(&self, _: &Ctx, file: &RemoteFile, account: &Account, replies: &[Reply]) -> Step<BlobHandle> {
        super::download::step(self.product, file, account, replies)
    }

    fn person(&self, _: &Ctx, known: &PersonIdentity, account: &Account, replies: &[Reply]) -> Step<Person> {
        super::person::step(self.product, known, account, replies)
    }

    fn reason(&self, code: &str) -> Option<&'static str> {
        super::refusal::reason(code)
    }

    fn authorize(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Authorized> {
        super::account::authorize(self.product, account, replies)
    }

    fn subscribes(&self) -> bool {
        true
    }

    fn subscribe(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        super::account::subscribe(self.product, account, replies)
    }

    fn refreshed(&self) -> Option<&'static str> {
        self.product.refresh.as_ref().map(|refresh| refresh.token)
    }

    fn refresh(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<Secret> {
        match &self.product.refresh {
            Some(refresh) => super::refresh::step(self.product, refresh, account, replies),
            None => Step::Fail(SendError::Unsupported),
        }
    }

    fn revoke(&self, _: &Ctx, account: &Account, replies: &[Reply]) -> Step<()> {
        super::account::revoke(self.product, account, replies)
    }
}
