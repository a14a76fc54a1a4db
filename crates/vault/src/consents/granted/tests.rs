//! Who agreed to what is leave for exactly that, until they say otherwise.

use super::*;
use crate::consents::{self, NewConsent};
use crate::limitations;
use crate::outbox::Refusal;
use crate::testing::house::{House, on_both};
use crate::{Scope, identities, suppressions, uses};

struct Asking<'a> {
    house: &'a House,
    scope: Scope,
    on: On,
}

impl<'a> Asking<'a> {
    async fn of(house: &'a House) -> Self {
        let scope = house.workspace().await;
        let channel = house.channel(&scope, "telegram").await;
        let (contact, _) = house.contact(&scope, channel, "t").await;
        Self { house, scope, on: On { channel, contact, by_mail: false } }
    }

    async fn gives(&self, purpose: &'static str, ground: Ground) -> ConsentId {
        let contact = self.on.contact;
        let give = move |tx: &Tx<'_>| {
            let new = NewConsent {
                contact,
                purpose: purpose.into(),
                channel: "telegram".into(),
                ground: ground.as_str().into(),
                text_version: "1".into(),
                text: None,
                collected_by: "form".into(),
                evidence: None,
                given_at: tx.now(),
            };
            consents::give(tx, &new)
        };
        self.house.does(&self.scope, give).await
    }

    async fn asks<P: Purpose>(&self, by_mail: bool) -> std::result::Result<(ConsentId, Ground), Refusal> {
        let on = On { by_mail, ..self.on };
        let ask = move |tx: &Tx<'_>| {
            Ok(check::<P>(tx, on)?.map(|granted| {
                assert_eq!((granted.contact(), granted.channel()), (on.contact, on.channel));
                (granted.consent(), granted.ground())
            }))
        };
        self.house.sees(&self.scope, ask).await
    }
}

#[tokio::test]
async fn it_is_had_for_its_purpose_and_names_its_record() {
    on_both(async |house| {
        let asked = Asking::of(house).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Err(Refusal::NoConsent));
        let id = asked.gives("recording.quality", Ground::Consent).await;
        assert_eq!(asked.asks::<Recording<Quality>>(false).await, Ok((id, Ground::Consent)));
        assert_eq!(asked.asks::<Recording<Ai>>(false).await, Err(Refusal::NoConsent));
        assert_eq!(asked.asks::<VoiceCloning>(false).await, Err(Refusal::NoConsent));
        house.clock.advance(1);
        house.does(&asked.scope, move |tx| consents::withdraw(tx, id)).await;
        assert_eq!(asked.asks::<Recording<Quality>>(false).await, Err(Refusal::NoConsent));
    })
    .await;
}

#[tokio::test]
async fn a_soft_opt_in_counts_by_mail_alone_and_a_consent_everywhere() {
    on_both(async |house| {
        let asked = Asking::of(house).await;
        let soft = asked.gives("marketing", Ground::SoftOptIn).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Err(Refusal::NoConsent));
        assert_eq!(asked.asks::<Marketing>(true).await, Ok((soft, Ground::SoftOptIn)));
        house.clock.advance(1);
        let real = asked.gives("marketing", Ground::Consent).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Ok((real, Ground::Consent)));
    })
    .await;
}

#[tokio::test]
async fn refusals_and_limits_come_before_it() {
    on_both(async |house| {
        let asked = Asking::of(house).await;
        let On { channel, contact, .. } = asked.on;
        let known = move |tx: &Tx<'_>| -> Result<Vec<identities::NewIdentity>> {
            let all = identities::of(tx, contact)?.into_iter();
            Ok(all
                .map(|it| identities::NewIdentity { kind: it.kind, scope: it.scope.into_revealed(), value: it.value })
                .collect())
        };
        asked.gives("marketing", Ground::Consent).await;
        asked.gives("recording.ai", Ground::Consent).await;
        let refuse = move |accepts| move |tx: &Tx<'_>| suppressions::set(tx, channel, &known(tx)?, accepts, "contact");
        house.does(&asked.scope, refuse(false)).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Err(Refusal::OptedOut));
        assert!(asked.asks::<Recording<Ai>>(false).await.is_ok(), "who wants no messages may be recorded still");
        house.does(&asked.scope, refuse(true)).await;
        house.does(&asked.scope, move |tx| limitations::object(tx, contact, &[uses::Purpose::Marketing], None)).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Err(Refusal::Objected));
        house.does(&asked.scope, move |tx| limitations::restrict(tx, contact, None)).await;
        assert_eq!(asked.asks::<Marketing>(false).await, Err(Refusal::Restricted));
        assert_eq!(asked.asks::<Recording<Ai>>(false).await, Err(Refusal::Restricted));
    })
    .await;
}

#[tokio::test]
async fn a_recording_needs_everybody_who_is_in_it() {
    on_both(async |house| {
        let asked = Asking::of(house).await;
        let (other, _) = house.contact(&asked.scope, asked.on.channel, "u").await;
        let both = [asked.on, On { contact: other, ..asked.on }];
        let ask = async |who: Vec<On>| {
            let ask = move |tx: &Tx<'_>| {
                Ok(everybody::<Quality>(tx, &who)?.map(|all| all.consents().map(|(who, _)| who).collect::<Vec<_>>()))
            };
            house.sees(&asked.scope, ask).await
        };
        asked.gives("recording.quality", Ground::Consent).await;
        assert_eq!(ask(both.to_vec()).await, Err(vec![(other, Refusal::NoConsent)]));
        assert_eq!(ask(vec![asked.on]).await, Ok(vec![asked.on.contact]));
        assert_eq!(ask(Vec::new()).await, Err(Vec::new()), "nobody was asked");
        let theirs = Asking { house, scope: asked.scope.clone(), on: both[1] };
        theirs.gives("recording.quality", Ground::Consent).await;
        assert_eq!(ask(both.to_vec()).await, Ok(vec![asked.on.contact, other]));
    })
    .await;
}
