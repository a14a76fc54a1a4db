//! The closed list of problem codes, each with its status, its title and its documentation.

use http::StatusCode;

macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $title:literal $documentation:literal)*) => {
        /// What went wrong, as a stable word. A client may rely on these; nothing is renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $documentation] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in `code` and in `type`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// A few words for people, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means and what to do.
            pub fn documentation(self) -> &'static str {
                match self { $(Self::$variant => $documentation,)* }
            }
        }
    };
}

codes! {
    Malformed "malformed" BAD_REQUEST "The request could not be read"
        "The body is no JSON, or the query is broken. `detail` names line and column."
    Unauthorised "unauthorised" UNAUTHORIZED "Who are you?"
        "No credentials, wrong ones, or expired ones. Sign in again or use another token."
    SecondFactor "second_factor" UNAUTHORIZED "A code is asked for, too"
        "The password is right. Send the code of the authenticator app, or one for recovery, along as `code`."
    Forbidden "forbidden" FORBIDDEN "You may not do this"
        "You are known, but your role or your token does not include this right."
    ChallengeRequired "challenge_required" FORBIDDEN "A moment's work is asked for first"
        "Get a challenge, solve it, and send its solution along. Each solution is good once and for a few minutes."
    ConsentRequired "consent_required" FORBIDDEN "Consent is asked for first"
        "The channel asks visitors to agree to a text. Show it, and name its version when they have agreed."
    AgeRequired "age_required" FORBIDDEN "There is a minimum age"
        "The channel asks visitors whether they are as old as they must be. Ask them, and send their answer along."
    NotMailboxOwner "not_mailbox_owner" FORBIDDEN "Only who signed in to the account may do this"
        "Whose account it is signs in to it on the channel's page, and decides there. No role stands above that."
    Csrf "csrf" FORBIDDEN "The request did not come from our page"
        "A request with a session cookie must carry the CSRF token of its session. Reload the page."
    NotFound "not_found" NOT_FOUND "Not found"
        "There is no such thing, or you may not know whether there is."
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This path takes other methods"
        "The `Allow` header names the methods of this path."
    Conflict "conflict" CONFLICT "It is in another state"
        "The thing is not in a state in which this can be done. Read it again and decide anew."
    AlreadyExists "already_exists" CONFLICT "There is one already"
        "Something with the same unique value exists. `detail` says which value."
    WindowClosed "window_closed" CONFLICT "The provider's window for free messages has closed"
        "The contact has not written for too long. Send a template, or wait until the contact writes."
    NoConsent "no_consent" CONFLICT "There is no valid consent"
        "The contact has not consented to this purpose on this channel, or has withdrawn it."
    Restricted "restricted" CONFLICT "Processing is restricted"
        "The contact asked to restrict processing (GDPR Art. 18). Only a member's own reply may be sent."
    LegalHold "legal_hold" CONFLICT "A legal hold forbids this"
        "What a legal hold covers is not removed while it stands. A wish for erasure is kept and carried out by itself after that."
    RequestClosed "request_closed" CONFLICT "This request is closed"
        "What a data subject asks after that is a new request."
    AlreadyExtended "already_extended" CONFLICT "A request is extended once"
        "The law gives two months more, and no third time. Answer it."
    Overdue "overdue" CONFLICT "Its month is over"
        "An extension is told within the month. Answer the request now, and say why it is late."
    NotVerified "not_verified" CONFLICT "Nobody saw to who they are"
        "Verify who asks before the request is met."
    ChannelOff "channel_off" CONFLICT "The channel is not connected"
        "The channel is off or needs attention. Look at its page and connect it again."
    ChannelOn "channel_on" CONFLICT "The channel is connected"
        "Only a disconnected channel is connected again. Change this one with PATCH."
    ChannelEnded "channel_ended" CONFLICT "What the channel brought has ended"
        "The term after its disconnection is over, and what it brought goes or is gone. Connect the account as a new channel."
    WorkspaceEnding "workspace_ending" CONFLICT "The end of the workspace is ordered already"
        "Take that order back first, if another is meant."
    WorkspaceNotEnding "workspace_not_ending" CONFLICT "No end of the workspace is ordered"
        "There is nothing to take back."
    WorkspaceEnded "workspace_ended" CONFLICT "The workspace has ended"
        "Its term is over: what it kept goes or is gone. Whoever runs the installation can make a new one."
    SpecialCategories "special_categories" CONFLICT "The workspace declares data that this channel may not have"
        "The channel's provider forbids health data and other special categories. Use another channel, or take the declaration back."
    ChannelForbids "channel_forbids" CONFLICT "A channel is connected that may not have such data"
        "Disconnect the channels whose provider forbids health data and other special categories first."
    HeldElsewhere "held_elsewhere" CONFLICT "Another app has this conversation"
        "The provider lets one app of the business answer at a time. Answer there, or have it handed over to this one."
    CardNumber "card_number" CONFLICT "It, or a file with it, has a full card number"
        "The channel's provider forbids full card numbers and security codes. The last four digits may stay."
    HealthData "health_data" CONFLICT "It, or a file with it, says something of somebody's health"
        "The channel's provider forbids health data. Take it out, or write by another channel."
    Machine "machine" CONFLICT "A machine would answer a machine"
        "The last mail was written by a machine, or too many answers were sent that no member ordered. Only a member answers here now."
    ProviderRefused "provider_refused" CONFLICT "The provider does not take it"
        "The provider of the channel refused. `detail` says why in words, and what to do."
    NotSupported "not_supported" CONFLICT "This channel cannot do that"
        "The kind of channel has no such capability. GET /api/v1/channels/kinds lists them."
    SameContact "same_contact" CONFLICT "This is the contact itself"
        "A contact cannot be merged into itself, nor into one that was merged into it. Name another one."
    MergedElsewhere "merged_elsewhere" CONFLICT "This contact is merged into another one"
        "Split it off there first, or merge the contact that it was merged into."
    FamilyFull "family_full" CONFLICT "Too many contacts are merged into one"
        "`detail` names the bound. Contacts that many at once are rarely one person: split some of them off."
    IdempotencyMismatch "idempotency_mismatch" CONFLICT "The idempotency key was used for another request"
        "Use a new `Idempotency-Key` for a new request, and the same body for a repeated one."
    InProgress "in_progress" CONFLICT "The first request with this key is still running"
        "Wait a moment and repeat the request with the same `Idempotency-Key`."
    Gone "gone" GONE "It was here and is no more"
        "The thing was erased or its link has expired. It does not come back."
    TooLarge "too_large" PAYLOAD_TOO_LARGE "Too large"
        "The body is larger than this path takes. `detail` names the bound."
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "The body has another type than this path takes"
        "Send `Content-Type: application/json`, or multipart/form-data where files are uploaded."
    Invalid "invalid" UNPROCESSABLE_ENTITY "The request was understood but not right"
        "`fields` says what was wrong where: a path into the body or a key of the query, and the reason."
    TooMany "too_many" TOO_MANY_REQUESTS "Too many requests"
        "Wait as many seconds as `Retry-After` says."
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong here"
        "A fault of the server. The incident's number in `detail` stands in its log."
    Unavailable "unavailable" SERVICE_UNAVAILABLE "Not possible right now"
        "The server is starting, stopping or overloaded. Repeat the request after `Retry-After` seconds."
}

impl Code {
    /// The code of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_errors_with_words() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!(code.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", code.name());
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{}", code.name());
            assert!(code.documentation().ends_with('.') && !code.title().ends_with('.'), "{}", code.name());
            assert_eq!(Code::ALL.iter().position(|other| other.name() == code.name()), Some(index));
            assert_eq!(Code::by_name(code.name()), Some(*code));
        }
    }
}
