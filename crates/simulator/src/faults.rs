//! Faults to order: what goes wrong, how often, and for whom.
//!
//! Two directions have their own faults: a [`CallFault`] spoils a call made to the simulated
//! provider, a [`DeliveryFault`] what the provider brings to a webhook. An [`Order`] says which
//! calls or deliveries it means; orders are looked at in the sequence in which they were given.

use serde::{Deserialize, Serialize};

use crate::chance::Chance;

/// What can go wrong with a call to the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum CallFault {
    /// The call is carried out, this many milliseconds later.
    Slow {
        /// Milliseconds of waiting before anything happens.
        ms: u64,
    },
    /// The call is carried out at once, and answered this many milliseconds later.
    Late {
        /// Milliseconds between what happens and the answer.
        ms: u64,
    },
    /// Refused with 429 and a time to wait; nothing happens.
    TooManyRequests {
        /// Seconds the caller is told to wait.
        retry_after: u64,
    },
    /// Answered with 500; nothing happens.
    ErrorBefore,
    /// Carried out, but answered with 500.
    ErrorAfter,
    /// The connection is closed without an answer; nothing happens.
    CutBefore,
    /// Carried out, but the connection is closed without an answer.
    CutAfter,
}

impl CallFault {
    /// Whether the call is carried out and answered as any other, only later.
    pub(crate) fn only_delays(&self) -> bool {
        matches!(self, Self::Slow { .. } | Self::Late { .. })
    }

    /// Waits as long as these want before anything happens.
    pub(crate) async fn delay(faults: &[Self]) {
        Self::wait(faults.iter().filter_map(|fault| if let Self::Slow { ms } = fault { Some(*ms) } else { None }))
            .await;
    }

    /// Waits as long as these want after it happened and before it is answered.
    pub(crate) async fn linger(faults: &[Self]) {
        Self::wait(faults.iter().filter_map(|fault| if let Self::Late { ms } = fault { Some(*ms) } else { None }))
            .await;
    }

    async fn wait(all: impl Iterator<Item = u64>) {
        let ms = all.sum();
        if ms > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
        }
    }
}

/// What can go wrong with what the provider brings to a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum DeliveryFault {
    /// Brought twice.
    Duplicate,
    /// Brought this many milliseconds late; later ones may overtake it.
    Delay {
        /// Milliseconds of waiting.
        ms: u64,
    },
    /// Held back until `hold` of them wait, then brought one by one in a shuffled sequence.
    Reorder {
        /// How many are shuffled together.
        hold: usize,
    },
    /// Held back until `hold` of them wait, then all brought at the same moment.
    Burst {
        /// How many are brought together.
        hold: usize,
    },
    /// Held back until `hold` of them wait, then brought in as few requests as the provider makes of them; a provider
    /// that brings one at a time brings them as in a burst.
    Batch {
        /// How many are brought together.
        hold: usize,
    },
}

impl DeliveryFault {
    /// How many are held back together, if any are.
    pub(crate) fn held(&self) -> Option<usize> {
        match self {
            Self::Duplicate | Self::Delay { .. } => None,
            Self::Reorder { hold } | Self::Burst { hold } | Self::Batch { hold } => Some(*hold),
        }
    }
}

/// One fault, and which calls or deliveries meet it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order<F> {
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: F,
    /// Only calls of this method (`sendMessage`), or updates of this kind (`message`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// How many matching calls or deliveries pass unharmed first.
    #[serde(default)]
    pub skip: u64,
    /// The order ends after this many matching calls or deliveries; none: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How likely each matching one is hit, from 0 to 1.
    #[serde(default = "certain")]
    pub probability: f64,
}

fn certain() -> f64 {
    1.0
}

impl<F> Order<F> {
    /// The next matching call or delivery, once.
    pub fn once(fault: F) -> Self {
        Self { times: Some(1), ..Self::always(fault) }
    }

    /// Every matching call or delivery from now on.
    pub fn always(fault: F) -> Self {
        Self { fault, only: None, skip: 0, times: None, probability: 1.0 }
    }

    /// Only calls of this method, or updates of this kind.
    #[must_use]
    pub fn only(mut self, name: &str) -> Self {
        self.only = Some(name.to_owned());
        self
    }

    /// For the next `times` matching ones.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets that many matching ones pass first.
    #[must_use]
    pub fn after(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }

    /// Each matching one is hit with this probability, from 0 to 1.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    fn means(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(name))
    }

    /// Whether this one is hit, counting it.
    fn strikes(&mut self, chance: &mut Chance) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(left) = &mut self.times {
            *left = left.saturating_sub(1);
        }
        chance.hits(self.probability)
    }
}

/// The orders given for one direction.
#[derive(Debug)]
pub(crate) struct Orders<F>(Vec<Order<F>>);

impl<F> Default for Orders<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: Clone> Orders<F> {
    pub(crate) fn add(&mut self, order: Order<F>) {
        if order.times != Some(0) {
            self.0.push(order);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> &[Order<F>] {
        &self.0
    }

    /// The faults that this call or delivery meets.
    pub(crate) fn draw(&mut self, name: &str, chance: &mut Chance) -> Vec<F> {
        let mut met = Vec::new();
        for order in self.0.iter_mut().filter(|order| order.means(name)) {
            if order.strikes(chance) {
                met.push(order.fault.clone());
            }
        }
        self.0.retain(|order| order.times != Some(0));
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(order: Order<CallFault>, names: &[&str]) -> Vec<bool> {
        let mut orders = Orders::default();
        orders.add(order);
        let mut chance = Chance::from_seed(7);
        names.iter().map(|name| !orders.draw(name, &mut chance).is_empty()).collect()
    }

    #[test]
    fn an_order_counts_only_what_it_means() {
        let order = Order::once(CallFault::ErrorBefore).only("sendMessage").after(1).times(2);
        let calls = ["sendMessage", "getMe", "sendMessage", "sendmessage", "sendMessage"];
        assert_eq!(hits(order, &calls), [false, false, true, true, false]);
    }

    #[test]
    fn chance_hits_about_as_often_as_ordered() {
        let order = Order::always(CallFault::CutAfter).with_probability(0.25);
        let struck = hits(order, &vec!["x"; 4_000]).into_iter().filter(|hit| *hit).count();
        assert!((850..1_150).contains(&struck), "{struck}");
    }

    #[test]
    fn orders_read_as_flat_json() {
        let json = r#"{"fault":"too_many_requests","retry_after":3,"only":"sendMessage","times":2}"#;
        let order: Order<CallFault> = serde_json::from_str(json).expect("a valid order");
        let expected = Order::once(CallFault::TooManyRequests { retry_after: 3 });
        assert_eq!(order, expected.only("sendMessage").times(2));
    }
}
