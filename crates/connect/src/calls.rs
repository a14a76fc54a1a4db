//! Where the legs of a call go, and the rule of some providers that none of them may reach the telephone network
//! ([`crate::Forbids::telephone_network`], CH-11): a call that came over WhatsApp is answered in a browser or on a SIP telephone, and is never
//! joined to a call of a public number
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/calling>).

use crate::Limits;

/// What one leg of a call reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// A browser, an app or a SIP telephone, over the internet alone.
    Voip,
    /// A public telephone number, by whatever way.
    Telephone,
}

/// Why legs are not joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The provider forbids that one of them reaches the telephone network.
    #[error(
        "This provider's calls stay on the internet: a call cannot be joined or passed on to a telephone number. Answer it in \
         the browser or on a SIP telephone, or call the person by telephone yourself."
    )]
    TelephoneNetwork,
}

impl Refused {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::TelephoneNetwork => "voip_only",
        }
    }
}

impl Leg {
    /// What a leg to an address reaches. A SIP address is the internet's unless it says that its user is a telephone number
    /// (`user=phone`, RFC 3261, section 19.1.1) or looks like one: a trunk would take it to the telephone network. What is not
    /// known to stay on the internet is taken for telephone.
    pub fn to(address: &str) -> Self {
        let Some((scheme, rest)) = address.trim().split_once(':') else { return Self::Telephone };
        if !(scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")) {
            return Self::Telephone;
        }
        let (user, host) = rest.split_once('@').unwrap_or(("", rest));
        let says_phone = rest.split(['?', ';']).any(|parameter| parameter.trim().eq_ignore_ascii_case("user=phone"));
        let sound = !host.is_empty() && !host.starts_with([';', '?', ':']);
        if sound && !says_phone && !is_number(user) { Self::Voip } else { Self::Telephone }
    }
}

/// Whether the user of a SIP address may be a public number: a plus, or as many digits as no extension has. Digits are also those
/// that are written with escapes.
fn is_number(user: &str) -> bool {
    let user = user.split([':', ';']).next().unwrap_or_default();
    let digits = user.bytes().filter(u8::is_ascii_digit).count();
    let letters = user.bytes().any(|byte| byte.is_ascii_alphabetic());
    user.starts_with('+') || user.contains('%') || (!letters && digits > EXTENSION)
}

/// The most digits that an extension of a private exchange has.
const EXTENSION: usize = 6;

/// Whether these legs may be of one call on a channel with such limits.
///
/// # Errors
/// [`Refused`], and then nothing is to be dialled.
pub fn join(limits: &Limits, legs: &[Leg]) -> Result<(), Refused> {
    if limits.forbids.telephone_network && legs.contains(&Leg::Telephone) {
        return Err(Refused::TelephoneNetwork);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn where_a_leg_goes_is_told_by_its_address() {
        for voip in [
            "sip:anna@pbx.example",
            "SIPS:bea.rossi@pbx.example:5061",
            "sip:1001@10.0.0.2",
            "sip:pbx.example;transport=tls",
        ] {
            assert_eq!(Leg::to(voip), Leg::Voip, "{voip}");
        }
        for telephone in [
            "tel:+390612345678",
            "+390612345678",
            "sip:+390612345678@trunk.example",
            "sip:anna@trunk.example;user=phone",
            "sip:0612345678@trunk.example",
            "sip:06-1234-5678;phone-context=+39@trunk.example",
            "sip:%2B39061234@trunk.example",
            "h323:anna@example",
            "sip:",
            "sip:anna@",
            "",
        ] {
            assert_eq!(Leg::to(telephone), Leg::Telephone, "{telephone}");
        }
    }

    #[test]
    fn only_where_the_provider_says_so_is_the_telephone_refused() {
        let bound = |kind: &str| crate::channels::by_kind(kind).map(|it| it.spec().limits).expect("a known kind");
        for kind in ["whatsapp", "whatsapp_twilio"] {
            assert_eq!(join(&bound(kind), &[Leg::Voip, Leg::Voip]), Ok(()));
            let refused = join(&bound(kind), &[Leg::Voip, Leg::Telephone]);
            assert_eq!(refused, Err(Refused::TelephoneNetwork), "{kind}");
            let told = refused.map_err(|refused| (refused.code(), refused.to_string()));
            assert!(told.is_err_and(|(code, words)| code == "voip_only" && words.ends_with('.')));
        }
        assert_eq!(join(&bound("telegram"), &[Leg::Telephone]), Ok(()), "whoever does not forbid it");
    }

    proptest! {
        #[test]
        fn a_public_number_is_never_taken_for_the_internet(number in "\\+?[0-9]{7,15}", host in "[a-z]{1,8}\\.example") {
            for address in [format!("tel:{number}"), format!("sip:{number}@{host}"), format!("sips:{number}:pw@{host}")] {
                prop_assert_eq!(Leg::to(&address), Leg::Telephone, "{}", address);
            }
        }
    }
}
