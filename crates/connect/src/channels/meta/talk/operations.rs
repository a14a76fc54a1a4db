//! What the calls of a product are called in metrics.

/// A name for each call.
#[derive(Debug)]
pub(in crate::channels) struct Operations {
    pub(in crate::channels) account: &'static str,
    pub(in crate::channels) app: &'static str,
    pub(in crate::channels) subscribe: &'static str,
    pub(in crate::channels) unsubscribe: &'static str,
    pub(in crate::channels) upload: &'static str,
    pub(in crate::channels) message: &'static str,
    pub(in crate::channels) action: &'static str,
    pub(in crate::channels) file: &'static str,
    pub(in crate::channels) person: &'static str,
    pub(in crate::channels) ids: &'static str,
    pub(in crate::channels) profile: &'static str,
    pub(in crate::channels) take: &'static str,
    pub(in crate::channels) ask: &'static str,
}

/// The names for one kind of channel.
macro_rules! operations {
    ($kind:literal) => {
        $crate::channels::meta::talk::Operations {
            account: concat!($kind, ".account"),
            app: concat!($kind, ".app"),
            subscribe: concat!($kind, ".subscribe"),
            unsubscribe: concat!($kind, ".unsubscribe"),
            upload: concat!($kind, ".upload"),
            message: concat!($kind, ".message"),
            action: concat!($kind, ".action"),
            file: concat!($kind, ".file"),
            person: concat!($kind, ".person"),
            ids: concat!($kind, ".ids"),
            profile: concat!($kind, ".profile"),
            take: concat!($kind, ".take"),
            ask: concat!($kind, ".ask"),
        }
    };
}

pub(in crate::channels) use operations;
