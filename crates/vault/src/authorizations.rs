//! A member's way to a provider's page and back, by which a channel is authorised: for which channel it is, whose it is, and
//! until when.
//!
//! Nothing of it is stored. What goes out with the member's browser (`state`) is proven by a keyed hash when it comes back;
//! from it alone the installation finds again what must not leave it: the verifier of PKCE (RFC 7636), and a word that was
//! given to this one browser, so that nobody is led to open their own account to somebody else's channel.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::channels::{self, ChannelState};
use crate::{ChannelId, Error, MemberId, Millis, Personal, Result, Right, Scope, Tx, Vault, WorkspaceId};

/// How long a member has for the way there and back.
pub const GOOD_MS: Millis = 15 * 60 * 1000;

/// A way that begins.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Goes to the provider, and comes back from it.
    pub state: String,
    /// What the challenge is made from; it goes to the provider with the code alone.
    pub verifier: Personal<String>,
    /// What the member's browser is given to bring along.
    pub browser: Personal<String>,
}

/// A way that ended here.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The member's scope, with the present role.
    pub scope: Scope,
    /// Which channel it is for.
    pub channel: ChannelId,
    /// What the challenge was made from.
    pub verifier: Personal<String>,
}

/// Begins a way for a member: what it is about, as [`Vault::authorization`] takes it. It can be told to nobody's harm.
///
/// # Errors
/// `channel_off` if the channel was disconnected.
pub fn begin(tx: &Tx<'_>, channel: ChannelId) -> Result<String> {
    let scope = tx.scope()?;
    scope.require(Right::ManageChannels)?;
    let (member, _) = scope.member().ok_or(Error::Forbidden("authorising a channel"))?;
    match channels::kind_and_state(tx, channel)? {
        (_, ChannelState::Ready | ChannelState::NeedsAttention) => {}
        (_, ChannelState::Off) => {
            return Err(Error::conflict("channel_off", "this channel was disconnected; connect it anew"));
        }
    }
    let (until, nonce) = (tx.now() + GOOD_MS, URL_SAFE_NO_PAD.encode(tx.chance()));
    Ok(format!("{}.{channel}.{member}.{until}.{nonce}", scope.workspace()))
}

impl Vault {
    /// What goes out for a way that was begun.
    pub fn authorization(&self, errand: &str) -> Result<Authorization> {
        let of = |what: &str| self.keyed(what, errand);
        Ok(Authorization {
            state: format!("{errand}.{}", of("state")?),
            verifier: Personal::new(of("verifier")?),
            browser: Personal::new(of("browser")?),
        })
    }

    /// What came back: `None` if nobody here sent it out, if it took too long, if another browser brings it, or if the member may
    /// do nothing here any more.
    pub async fn returned(&self, state: &str, browser: &str) -> Result<Option<Returned>> {
        let Some((errand, _)) = state.rsplit_once('.') else { return Ok(None) };
        let known = self.authorization(errand)?;
        let same = known.state.as_bytes().ct_eq(state.as_bytes())
            & known.browser.reveal().as_bytes().ct_eq(browser.as_bytes());
        let Some((workspace, channel, member, until)) = read(errand).filter(|_| bool::from(same)) else {
            return Ok(None);
        };
        if self.clock().now() >= until {
            return Ok(None);
        }
        let scope = self.member_scope(workspace, member).await?;
        Ok(scope.map(|scope| Returned { scope, channel, verifier: known.verifier }))
    }

    fn keyed(&self, what: &str, errand: &str) -> Result<String> {
        let hash = self.keys().blind_installation("authorization", &format!("{what} {errand}"))?;
        Ok(URL_SAFE_NO_PAD.encode(hash))
    }
}

fn read(errand: &str) -> Option<(WorkspaceId, ChannelId, MemberId, Millis)> {
    let [workspace, channel, member, until, _] = errand.split('.').collect::<Vec<_>>()[..] else { return None };
    Some((workspace.parse().ok()?, channel.parse().ok()?, member.parse().ok()?, until.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Role;
    use crate::channels::NewChannel;
    use crate::members::{self, MemberChange, MemberState};
    use crate::testing::house::{House, code};

    async fn channel(house: &House, scope: &Scope) -> ChannelId {
        let new = NewChannel {
            kind: "pigeon".into(),
            name: Personal::new("Loft".into()),
            settings: Personal::new(BTreeMap::new()),
            secrets: BTreeMap::new(),
        };
        house.does(scope, move |tx| channels::create(tx, &new)).await
    }

    #[tokio::test]
    async fn what_went_out_comes_back_once_proven_and_in_time() {
        let house = House::open();
        let operator = house.workspace().await;
        let (_, owner) = house.member(&operator, "owner@example.org", Role::Owner).await;
        let id = channel(&house, &operator).await;
        let errand = house.does(&owner, move |tx| begin(tx, id)).await;
        let out = house.vault.authorization(&errand).unwrap();
        assert_eq!(out.state, house.vault.authorization(&errand).unwrap().state, "the same on every node");
        assert!(out.verifier.reveal().len() >= 43, "RFC 7636 wants 43 letters");
        let back = house.vault.returned(&out.state, out.browser.reveal()).await.unwrap().expect("ours");
        assert_eq!((back.channel, back.scope.member()), (id, owner.member()));
        assert_eq!(back.verifier.reveal(), out.verifier.reveal());
        let other = house.vault.authorization(&house.does(&owner, move |tx| begin(tx, id)).await).unwrap();
        for (state, browser) in [
            (out.state.as_str(), other.browser.reveal().as_str()),
            (&out.state, ""),
            (&out.state.replace('.', ""), out.browser.reveal()),
            (&format!("{errand}."), out.browser.reveal()),
            (&out.state.replacen("chn_", "mem_", 1), out.browser.reveal()),
        ] {
            assert!(house.vault.returned(state, browser).await.unwrap().is_none(), "{state}");
        }
        house.clock.advance(GOOD_MS);
        assert!(house.vault.returned(&out.state, out.browser.reveal()).await.unwrap().is_none(), "too late");
    }

    #[tokio::test]
    async fn who_may_do_nothing_here_any_more_brings_nothing_back() {
        let house = House::open();
        let operator = house.workspace().await;
        let (member, admin) = house.member(&operator, "admin@example.org", Role::Admin).await;
        let (_, agent) = house.member(&operator, "agent@example.org", Role::Agent).await;
        let id = channel(&house, &operator).await;
        assert_eq!(code(house.vault.write(&agent, move |tx| begin(tx, id)).await), "forbidden");
        let errand = house.does(&admin, move |tx| begin(tx, id)).await;
        let out = house.vault.authorization(&errand).unwrap();
        let suspended = MemberChange { state: Some(MemberState::Suspended), ..MemberChange::default() };
        house.does(&operator, move |tx| members::update(tx, member, &suspended)).await;
        assert!(house.vault.returned(&out.state, out.browser.reveal()).await.unwrap().is_none());
        house.does(&operator, move |tx| channels::disconnect(tx, id).map(|_| ())).await;
        assert_eq!(code(house.vault.write(&operator, move |tx| begin(tx, id)).await), "forbidden");
    }
}
