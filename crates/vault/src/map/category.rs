//! Categories of personal data: each has one retention rule (PROMISES.md, R).

/// A kind of personal data with one retention rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the promises' words")]
pub enum Category {
    Account,
    Credentials,
    Settings,
    Messages,
    Tickets,
    CallLogs,
    SecurityLogs,
    Consents,
    Profiles,
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
}

/// How it is to be handled (G-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the promise's words")]
pub enum Class {
    Internal,
    Confidential,
    Restricted,
}

/// A retention rule: id, default days, and whether a workspace may change it.
struct Rule(Category, &'static str, Option<u32>, bool);

const YEAR: u32 = 365;
const RULES: [Rule; 12] = [
    Rule(Category::Account, "R-1", Some(2 * YEAR), false),
    Rule(Category::Credentials, "R-2", Some(0), false),
    Rule(Category::Settings, "R-2", Some(30), false),
    Rule(Category::Messages, "R-3", Some(2 * YEAR), true),
    Rule(Category::Tickets, "R-7", Some(3 * YEAR), true),
    Rule(Category::CallLogs, "R-9", Some(YEAR), false),
    Rule(Category::SecurityLogs, "R-10", Some(YEAR), false),
    Rule(Category::Consents, "R-13", Some(5 * YEAR), false),
    Rule(Category::Profiles, "R-18", Some(2 * YEAR), true),
    Rule(Category::Suppressions, "R-21", None, false),
    Rule(Category::Registers, "R-22", Some(5 * YEAR), false),
    Rule(Category::Passing, "", Some(30), false),
];

impl Category {
    fn rule(self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.0 == self)
    }

    /// The id of its rule in PROMISES.md; empty for what only passes through.
    pub fn promise(self) -> &'static str {
        self.rule().map_or("", |rule| rule.1)
    }

    /// Days after the anchor by default; `None`: as long as needed.
    pub fn days(self) -> Option<u32> {
        self.rule().and_then(|rule| rule.2)
    }

    /// Whether a workspace may change the term, between one day and ten years.
    pub fn adjustable(self) -> bool {
        self.rule().is_some_and(|rule| rule.3)
    }
}
