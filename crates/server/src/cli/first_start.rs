//! What a first start says: where everything is, and what must never be lost.

use vault::{CUSTODY_FILE, DATABASE_FILE};

use crate::serve::FirstStart;
use crate::settings::{RootKeySource, Settings};

/// What to keep where a key cannot be copied.
const NEVER_DELETE: &str = "Never delete that key, nor a version of it: without it nobody can read what is stored, and nobody can\n\
     make it again.";

/// The words for whoever starts an installation the first time; nothing at later starts.
pub(crate) fn words(settings: &Settings, first: &FirstStart) -> Option<String> {
    if !first.made_root_key && !first.made_database {
        return None;
    }
    let file = |name: &str| settings.data.join(name).display().to_string();
    let database = if settings.database.is_some() { "in PostgreSQL".to_owned() } else { file(DATABASE_FILE) };
    let custody =
        if settings.custody.is_some() { "in its own PostgreSQL database".to_owned() } else { file(CUSTODY_FILE) };
    let (root_key, keep) = match &settings.root_key {
        RootKeySource::File(path) => (
            path.display().to_string(),
            "Keep a copy of the root key in a safe place of its own, apart from backups of the data: without it nobody\n\
             can read what is stored, and nobody can make it again.",
        ),
        RootKeySource::AwsKms(kms) => (format!("{} in AWS KMS", kms.key), NEVER_DELETE),
        RootKeySource::Transit(transit) => {
            (format!("{} in the transit engine at {}", transit.key, transit.address), NEVER_DELETE)
        }
        RootKeySource::Given(_) => (
            "in PARLOIR_ROOT_KEY".to_owned(),
            "Keep the root key in a safe place, apart from backups of the data: without it nobody can read what is\n\
             stored, and nobody can make it again.",
        ),
    };
    Some(format!(
        "This is the first start of a new installation.\n\
         \x20 root key  {root_key}\n\
         \x20 database  {database}\n\
         \x20 keys      {custody}\n\
         {keep}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flags;

    fn told(environment: &[(&str, &str)], first: &FirstStart) -> Option<String> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let flags = Flags { data: Some("/var/lib/parloir".into()), ..Flags::default() };
        words(&Settings::load(&flags, environment).unwrap(), first)
    }

    #[test]
    fn a_first_start_says_where_everything_is_and_what_to_keep() {
        let both = FirstStart { made_root_key: true, made_database: true };
        let words = told(&[], &both).unwrap();
        for part in
            ["/var/lib/parloir/root.key", "/var/lib/parloir/parloir.db", "/var/lib/parloir/custody.db", "Keep a copy"]
        {
            assert!(words.contains(part), "{part} is missing in: {words}");
        }
        assert_eq!(told(&[], &FirstStart::default()), None, "later starts say nothing");
    }

    #[test]
    fn what_is_elsewhere_is_named_without_its_secrets() {
        let key = "ab".repeat(32);
        let environment = [
            ("PARLOIR_ROOT_KEY_SOURCE", "env"),
            ("PARLOIR_ROOT_KEY", key.as_str()),
            ("PARLOIR_DATABASE", "postgres://u:hunter2@h/d"),
        ];
        let words = told(&environment, &FirstStart { made_root_key: false, made_database: true }).unwrap();
        assert!(words.contains("in PARLOIR_ROOT_KEY") && words.contains("in PostgreSQL"), "{words}");
        assert!(!words.contains("hunter2") && !words.contains("abab"), "{words}");
    }
}
