//! Categories of personal data: each has one retention rule (PROMISES.md, R).

/// A kind of personal data with one retention rule. Some name what a later part of the program keeps: the rule is there first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the promises' words")]
pub enum Category {
    Account,
    Credentials,
    Settings,
    Messages,
    Commerce,
    Scheduling,
    Payments,
    Tickets,
    VoiceRecordings,
    MeetingRecordings,
    CallLogs,
    SecurityLogs,
    Billing,
    Analytics,
    Consents,
    Derived,
    Special,
    Backups,
    Crm,
    Profiles,
    AiLogs,
    Visitors,
    Suppressions,
    Registers,
    /// What is on its way between two stages. No promise names it: it goes with the work it is for.
    Passing,
}

/// On what ground it is processed (Art. 6 GDPR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the law's words")]
pub enum Basis {
    Contract,
    LegalObligation,
    LegitimateInterest,
    Consent,
}

impl Basis {
    /// The shown word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::LegitimateInterest => "legitimate_interest",
            Self::Consent => "consent",
        }
    }
}

/// How it is to be handled (G-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the promise's words")]
pub enum Class {
    Internal,
    Confidential,
    Restricted,
}

/// Who may set a term, and to what (PROMISES.md: "a starred term has bounds …").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjusting {
    /// The workspace, between so many days.
    Workspace {
        /// The fewest days.
        least: u32,
        /// The most.
        most: u32,
    },
    /// The workspace, but only down from the default, to one day.
    OnlyShorter,
    /// It can be shortened with the operator's approval alone, and never below so many days, which law demands.
    Operator {
        /// The fewest days.
        least: u32,
    },
    /// The operator's settings say it; nobody sets it for a workspace.
    Settings,
    /// There is no term to set: it goes with something else, or at once.
    Nobody,
}

/// A retention rule.
struct Rule {
    category: Category,
    /// The stored and shown word.
    word: &'static str,
    promise: &'static str,
    /// Days after the anchor by default; `None`: as long as needed, or as long as what it hangs on.
    days: Option<u32>,
    adjusting: Adjusting,
    basis: Basis,
}

/// Days of a year, and of a month as a twelfth of it: 24 months are 730 days, whichever years they fall in.
const YEAR: u32 = 365;
/// Terms that law demands are not short by a leap day: ten years are never more days than these.
const TEN_YEARS: u32 = 3_653;
/// Five years, never short by a leap day.
const FIVE_YEARS: u32 = 1_827;
/// Thirteen months, at most so many days.
const THIRTEEN_MONTHS: u32 = 395;
/// A starred term: one day to ten years.
const STARRED: Adjusting = Adjusting::Workspace { least: 1, most: TEN_YEARS };
const BY_OPERATOR: Adjusting = Adjusting::Operator { least: 1 };

const fn rule(
    category: Category,
    word: &'static str,
    promise: &'static str,
    days: Option<u32>,
    adjusting: Adjusting,
    basis: Basis,
) -> Rule {
    Rule { category, word, promise, days, adjusting, basis }
}

use Adjusting::{Nobody, OnlyShorter, Settings};
use Basis::{Consent, Contract, LegalObligation, LegitimateInterest};

/// One line for each rule of PROMISES.md, in its order.
#[rustfmt::skip]
const RULES: [Rule; 25] = [
    rule(Category::Account, "account", "R-1", Some(2 * YEAR), BY_OPERATOR, Contract),
    rule(Category::Credentials, "credentials", "R-2", Some(0), Nobody, Contract),
    rule(Category::Settings, "settings", "R-2", Some(30), BY_OPERATOR, Contract),
    rule(Category::Messages, "messages", "R-3", Some(2 * YEAR), STARRED, Contract),
    rule(Category::Commerce, "commerce", "R-4", Some(2 * YEAR), STARRED, Contract),
    rule(Category::Scheduling, "scheduling", "R-5", Some(2 * YEAR), STARRED, Contract),
    rule(Category::Payments, "payments", "R-6", Some(3 * YEAR), STARRED, Contract),
    rule(Category::Tickets, "tickets", "R-7", Some(3 * YEAR), STARRED, Contract),
    rule(Category::VoiceRecordings, "voice_recordings", "R-8", Some(90), Adjusting::Workspace { least: 1, most: YEAR }, Consent),
    rule(Category::MeetingRecordings, "meeting_recordings", "R-8", Some(YEAR), STARRED, Consent),
    rule(Category::CallLogs, "call_logs", "R-9", Some(YEAR), BY_OPERATOR, LegitimateInterest),
    rule(Category::SecurityLogs, "security_logs", "R-10", Some(YEAR), BY_OPERATOR, LegalObligation),
    rule(Category::Billing, "billing", "R-11", Some(TEN_YEARS), Settings, LegalObligation),
    rule(Category::Analytics, "analytics", "R-12", Some(2 * YEAR), BY_OPERATOR, Consent),
    rule(Category::Consents, "consents", "R-13", Some(FIVE_YEARS), Settings, LegalObligation),
    rule(Category::Derived, "derived", "R-14", None, Nobody, Contract),
    rule(Category::Special, "special", "R-15", Some(90), OnlyShorter, Consent),
    rule(Category::Backups, "backups", "R-16", Some(30), BY_OPERATOR, LegalObligation),
    rule(Category::Crm, "crm", "R-17", None, Nobody, Contract),
    rule(Category::Profiles, "profiles", "R-18", Some(2 * YEAR), STARRED, LegitimateInterest),
    rule(Category::AiLogs, "ai_logs", "R-19", Some(90), Adjusting::Workspace { least: 1, most: TEN_YEARS }, LegitimateInterest),
    rule(Category::Visitors, "visitors", "R-20", Some(THIRTEEN_MONTHS), BY_OPERATOR, Consent),
    rule(Category::Suppressions, "suppressions", "R-21", None, Nobody, LegalObligation),
    rule(Category::Registers, "registers", "R-22", Some(FIVE_YEARS), BY_OPERATOR, LegalObligation),
    rule(Category::Passing, "passing", "", Some(30), Nobody, Contract),
];

impl Category {
    /// Every category, in the order of the promises.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(|rule| rule.category)
    }

    fn rule(self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.category == self)
    }

    /// The stored and shown word.
    pub fn as_str(self) -> &'static str {
        self.rule().map_or("", |rule| rule.word)
    }

    /// Back from the word.
    pub fn parse(word: &str) -> Option<Self> {
        RULES.iter().find(|rule| rule.word == word).map(|rule| rule.category)
    }

    /// The id of its rule in PROMISES.md; empty for what only passes through.
    pub fn promise(self) -> &'static str {
        self.rule().map_or("", |rule| rule.promise)
    }

    /// Days after the anchor by default; `None`: as long as needed. What the operator's settings say comes before it
    /// ([`crate::retention::Operator`]).
    pub fn days(self) -> Option<u32> {
        self.rule().and_then(|rule| rule.days)
    }

    /// Who may set its term.
    pub fn adjusting(self) -> Adjusting {
        self.rule().map_or(Adjusting::Nobody, |rule| rule.adjusting)
    }

    /// Whether a workspace may change the term by itself.
    pub fn adjustable(self) -> bool {
        matches!(self.adjusting(), Adjusting::Workspace { .. } | Adjusting::OnlyShorter)
    }

    /// On what ground such data is processed, as a rule; a table may say otherwise.
    pub fn basis(self) -> Basis {
        self.rule().map_or(Basis::Contract, |rule| rule.basis)
    }
}
