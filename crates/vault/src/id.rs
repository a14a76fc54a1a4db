//! Identifiers: a type prefix and a UUIDv7 in lower-case hexadecimal (`msg_01931c0e…`), the same text in API, tables and logs.

use std::fmt;
use std::str::FromStr;

/// An identifier made from a moment and chance.
pub(crate) trait Identifier: Sized {
    /// From a UUID.
    fn from_uuid(uuid: uuid::Uuid) -> Self;
    /// Its UUID.
    fn uuid(&self) -> uuid::Uuid;
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $prefix:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(uuid::Uuid);

        impl Identifier for $name {
            fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(&self) -> uuid::Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = crate::Error;

            fn from_str(text: &str) -> Result<Self, crate::Error> {
                text.strip_prefix($prefix)
                    .filter(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
                    .and_then(|hex| uuid::Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(crate::Error::NotFound(stringify!($name)))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(|_| serde::de::Error::custom(concat!("not an id of the form ", $prefix, "…")))
            }
        }

        impl<'a> From<$name> for crate::value::Param<'a> {
            fn from(id: $name) -> Self {
                Self::Owned(id.to_string())
            }
        }

        impl<'a> From<&$name> for crate::value::Param<'a> {
            fn from(id: &$name) -> Self {
                Self::Owned(id.to_string())
            }
        }

        impl<'a> From<Option<$name>> for crate::value::Param<'a> {
            fn from(id: Option<$name>) -> Self {
                id.map_or(Self::Null, Into::into)
            }
        }

        impl crate::value::Cell for $name {
            fn read(row: &crate::value::Row<'_>, index: usize) -> crate::Result<Self> {
                row.text(index)?.parse().map_err(|_| crate::Error::Engine("a stored id is malformed".into()))
            }
        }
    )* };
}

identifiers! {
    /// A paying customer of the platform.
    pub WorkspaceId = "wsp_";
    /// A person who works in a workspace.
    pub MemberId = "mbr_";
    /// A bearer token.
    pub TokenId = "tok_";
    /// A connected account through which contacts talk.
    pub ChannelId = "chn_";
    /// An end user who talks to a workspace.
    pub ContactId = "con_";
    /// One way by which a contact is known.
    pub IdentityId = "idn_";
    /// A thread with a contact on a channel.
    pub ConversationId = "cnv_";
    /// A message, note or reaction carrier.
    pub MessageId = "msg_";
    /// A stored file.
    pub AttachmentId = "att_";
    /// A consent.
    pub ConsentId = "cns_";
    /// One contact merged into another.
    pub MergeId = "mrg_";
    /// A rotation of keys.
    pub RotationId = "rot_";
    /// An erasure.
    pub ErasureId = "era_";
    /// An export of a contact that was ordered.
    pub ExportId = "exp_";
    /// A legal hold.
    pub HoldId = "hld_";
    /// A wish for deletion that a provider told.
    pub DeletionId = "dlt_";
    /// A request of a data subject.
    pub RequestId = "dsr_";
    /// A claim on the public page of requests that an address is somebody's.
    pub ClaimId = "clm_";
    /// A step of a request's log.
    pub(crate) StepId = "stp_";
    /// A team of members.
    pub TeamId = "tea_";
    /// A label on conversations.
    pub LabelId = "lbl_";
    /// A reply that is kept to be used again.
    pub CannedReplyId = "cnd_";
    /// A saved view of the inbox.
    pub ViewId = "viw_";
    /// A member's session.
    pub SessionId = "ses_";
    /// What a member has begun to write.
    pub DraftId = "drf_";
    /// A message that is to be sent later.
    pub ScheduledId = "sch_";
    /// A change of many conversations at once.
    pub ChangesId = "chg_";
    /// A browser that is told by web push.
    pub PushSubscriptionId = "psh_";
    /// A system of somebody else's that is told what happens.
    pub WebhookId = "whk_";
    /// A fact on its way to a webhook.
    pub DeliveryId = "dlv_";
    /// A website that asks its visitors for consent.
    pub SiteId = "sit_";
    /// What a visitor of a website chose.
    pub ChoiceId = "chc_";
    /// A page, a host or a kind of device that is counted.
    pub(crate) ThingId = "thg_";
    /// A received request waiting for the engine.
    pub InboxId = "inb_";
    /// An outgoing thing waiting for delivery.
    pub OutboxId = "out_";
    /// A piece of work with a due time.
    pub JobId = "job_";
    /// A backup, or what was done with one.
    pub BackupId = "bkp_";
    /// A key in custody.
    pub(crate) KeyId = "key_";
}

impl SessionId {
    /// Follows from the stored hash of the session's token.
    pub(crate) fn of(token_hash: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(token_hash).for_each(|(to, from)| *to = *from);
        Self(uuid::Uuid::from_bytes(bytes))
    }
}

impl AttachmentId {
    /// When it was made, in Unix milliseconds.
    pub(crate) fn made_at(self) -> Option<crate::Millis> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        Some(i64::try_from(seconds).ok()?.saturating_mul(1_000).saturating_add(i64::from(nanos / 1_000_000)))
    }
}

impl KeyId {
    /// The sixteen bytes that a sealed cell begins with.
    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// From the bytes of a sealed cell.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }
}
