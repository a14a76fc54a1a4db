//! Settings as an operator gives them, and the words that come back.

use std::ffi::OsString;
use std::net::SocketAddr;

use connect::Secret;
use proptest::prelude::*;

use super::keys::KEYS;
use super::{BlobsAt, DEFAULTS, Flags, RootKeySource, Settings, TransitLogin};

/// Loads with a settings file in a fresh data folder. The folder's name is cut out of errors.
fn load(file: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("parloir.toml"), file).unwrap();
    let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let cut = format!("{}/", folder.path().display());
    Settings::load(&flags, environment).map_err(|error| error.to_string().replace(&cut, ""))
}

#[track_caller]
fn wrong(file: &str, environment: &[(&str, &str)], expected: &str) {
    assert_eq!(load(file, environment).expect_err("should be refused"), expected);
}

#[test]
fn the_defaults_are_right_and_explained() {
    let settings = load("", &[]).unwrap();
    assert_eq!(settings.listen, SocketAddr::from(([127, 0, 0, 1], 8080)));
    assert_eq!(settings.limits.hook_body_bytes, 5 << 20);
    assert_eq!(settings.limits.upload_bytes, 50 << 20);
    assert_eq!(settings.trusted_proxies, ["127.0.0.1", "::1"].map(|text| text.parse().unwrap()));
    assert_eq!((settings.sessions.idle_days, settings.sessions.absolute_days), (7, 30));
    assert!(matches!(settings.root_key, RootKeySource::File(path) if path == settings.data.join("root.key")));
    for (key, _) in KEYS {
        let name = key.rsplit('.').next().unwrap();
        let line = DEFAULTS.lines().position(|line| line.trim_start_matches("# ").starts_with(&format!("{name} =")));
        let line = line.unwrap_or_else(|| panic!("{key} is not in default.toml"));
        let above = DEFAULTS.lines().nth(line - 1).unwrap();
        assert!(above.starts_with("# "), "{key} is not explained");
    }
}

#[test]
fn later_layers_win() {
    let file = "listen = '127.0.0.1:1'\npublic_url = 'https://file.example.org/'\n[log]\nlevel = 'warn'\n";
    let environment =
        [("PARLOIR_LISTEN", "127.0.0.1:2"), ("PARLOIR_LOG_LEVEL", ""), ("PATH", "/bin"), ("PARLOIR_PORT", "tcp://x")];
    let settings = load(file, &environment).unwrap();
    assert_eq!(settings.listen.port(), 2);
    assert_eq!(settings.public_url(settings.listen), "https://file.example.org");
    assert_eq!(settings.log_level, crate::telemetry::Level::Warn, "an empty variable says nothing");
    let flags = Flags { listen: Some("0.0.0.0:3".into()), ..Flags::default() };
    let environment = [("PARLOIR_LISTEN".into(), "127.0.0.1:2".into()), ("PARLOIR_DATA".into(), "/nonexistent".into())];
    let settings = Settings::load(&flags, environment).unwrap();
    assert_eq!((settings.listen.port(), settings.data.to_str()), (3, Some("/nonexistent")));
    assert_eq!(settings.public_url(([0, 0, 0, 0], 3).into()), "http://127.0.0.1:3");
}

#[test]
fn endpoints_come_from_file_and_environment() {
    let file = "[endpoints]\ntelegram = 'http://127.0.0.1:9000/'\n";
    let settings = load(file, &[("PARLOIR_ENDPOINTS_GRAPH", "https://graph.example.org/v1/")]).unwrap();
    assert_eq!(settings.endpoint("telegram", "https://api.telegram.org"), "http://127.0.0.1:9000");
    assert_eq!(settings.endpoint("graph", "https://graph.facebook.com"), "https://graph.example.org/v1");
    assert_eq!(settings.endpoint("twilio", "https://api.twilio.com/"), "https://api.twilio.com");
}

#[test]
fn what_all_channels_of_a_kind_have_is_what_their_form_asks_for() {
    let file = "[apps]\nwhatsapp_app_id = '900'\n";
    let settings = load(file, &[("PARLOIR_APPS_WHATSAPP_APP_SECRET", "very-secret")]).unwrap();
    let set = |key: &str| settings.apps.get(key).map(|value| value.expose().to_owned());
    assert_eq!(
        (set("whatsapp_app_id").as_deref(), set("whatsapp_app_secret").as_deref()),
        (Some("900"), Some("very-secret"))
    );
    assert!(!format!("{:?}", settings.apps).contains("very-secret"));
    for (key, why) in [
        ("whatsapp_nothing", "no such setting"),
        ("pigeon_loft", "no such setting"),
        // What signing in brings is no two channels' alike.
        ("whatsapp_access_token", "no such setting"),
        ("telegram_hook_secret", "no such setting"),
    ] {
        let refused = load(&format!("[apps]\n{key} = 'very-secret'\n"), &[]).map(|_| ()).unwrap_err();
        assert!(refused.contains(why) && !refused.contains("very-secret"), "{key}: {refused}");
    }
}

#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let file = "\
listen = 'localhost:8080'
lisen = '127.0.0.1:1'
log = 3
[limits]
upload_bytes = '50 MB'
  hook_body_bytes = 12
sign_in_per_minute = 1.5
[sections]
[endpoints]
telegram = 'https://api.example.org/../x'
Bad-Name = 'https://a.example'
[outbound]
allow_private = ['10.0.0.1', 4]
";
    let environment =
        [("PARLOIR_LOGLEVEL", "info"), ("PARLOIR_LOG_LEVEL", "loud"), ("PARLOIR_SESSIONS_IDLE_DAYS", "many")];
    let expected = "\
parloir.toml:11:1: endpoints.Bad-Name: a provider's name has small letters, digits and _ only, as in `telegram`
parloir.toml:10:12: endpoints.telegram: \"https://api.example.org/../x\" climbs with \"..\"; write the path it leads to
parloir.toml:6:21: limits.hook_body_bytes: must be 1024 to 4294967296 bytes
parloir.toml:7:22: limits.sign_in_per_minute: expected a whole number of attempts, without quotes, found a number with a fraction
parloir.toml:5:16: limits.upload_bytes: expected a whole number of bytes, without quotes, found a string
parloir.toml:2:1: lisen: there is no such key; did you mean `listen`?
parloir.toml:1:10: listen: \"localhost:8080\" is no address and port; write for example \"127.0.0.1:8080\", or \"0.0.0.0:8080\" for all
parloir.toml:3:1: log: is a section; write [log] and its keys below
parloir.toml:13:17: outbound.allow_private: \"10.0.0.1\" is no host and port; write for example \"n8n.internal:5678\"
parloir.toml:8:2: sections: there is no such section; the sections are listed in the default settings (docs)
PARLOIR_LOGLEVEL: there is no such setting; variables are written PARLOIR_SECTION_KEY; did you mean PARLOIR_LOG_LEVEL?
PARLOIR_LOG_LEVEL: log.level: \"loud\" is not one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"
PARLOIR_SESSIONS_IDLE_DAYS: sessions.idle_days: expected a whole number of days, without quotes, found a string";
    wrong(file, &environment, expected);
}

#[test]
fn what_is_no_toml_names_line_and_column() {
    let error = load("listen = '127.0.0.1:1'\ndata = \n", &[]).unwrap_err();
    assert!(error.starts_with("parloir.toml:2:8: this is no TOML: "), "{error}");
}

#[test]
fn what_is_wrong_together_is_said_too() {
    let url = "postgres://u:hunter2@h/d";
    wrong(
        &format!("database = '{url}'\n[custody]\nurl = '{url}'\n"),
        &[],
        "parloir.toml:3:7: custody.url: must be another database than `database`, as only its newest state is kept",
    );
    wrong(
        "[sessions]\nidle_days = 31\n",
        &[],
        "parloir.toml:2:13: sessions.idle_days: must not be more than `sessions.absolute_days`",
    );
}

#[test]
fn a_file_in_the_data_folder_cannot_move_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("parloir.toml"), "data = '/elsewhere'").unwrap();
    let environment = [("PARLOIR_DATA".into(), folder.path().into())];
    let settings = Settings::load(&Flags::default(), environment).unwrap();
    assert_eq!(settings.data, folder.path(), "the environment has the last word");
}

#[test]
fn a_named_file_must_be_there() {
    let flags = Flags { config: Some("/nonexistent/p.toml".into()), ..Flags::default() };
    let error = Settings::load(&flags, []).unwrap_err();
    assert_eq!(error.to_string(), "/nonexistent/p.toml: the settings file cannot be read: entity not found");
}

#[test]
fn the_root_key_comes_from_one_place() {
    let key = "ab".repeat(32);
    let from_environment = [("PARLOIR_ROOT_KEY_SOURCE", "env"), ("PARLOIR_ROOT_KEY", key.as_str())];
    let source = load("", &from_environment).unwrap().root_key;
    assert!(matches!(source, RootKeySource::Given(bytes) if bytes == [0xab; 32]));
    wrong(
        "[root_key]\nsource = 'env'",
        &[],
        "PARLOIR_ROOT_KEY: root_key.source is \"env\", but this variable is not set",
    );
    wrong(
        "[root_key]\nsource = 'env'",
        &[("PARLOIR_ROOT_KEY", "hunter2")],
        "PARLOIR_ROOT_KEY: must be 32 bytes in hex (64 digits) or base64",
    );
    wrong(
        "",
        &[("PARLOIR_ROOT_KEY", &key)],
        "PARLOIR_ROOT_KEY: is set, but root_key.source is \"file\"; set PARLOIR_ROOT_KEY_SOURCE=env, or remove the variable",
    );
}

#[test]
fn a_root_key_elsewhere_is_told_whole() {
    let file = "[root_key]\nsource = 'aws_kms'\n[aws_kms]\nkey = 'alias/parloir'\n";
    let expected = "\
parloir.toml:2:10: root_key.source: is aws_kms, but aws_kms.region is not set
parloir.toml:2:10: root_key.source: is aws_kms, but the access key is not complete: set aws_kms.access_key_id and \
aws_kms.secret_access_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment";
    wrong(file, &[("AWS_ACCESS_KEY_ID", "AKIA")], expected);
    let file = format!("{file}region = 'eu-central-1'\n");
    let ambient =
        [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("AWS_SESSION_TOKEN", "hunter3")];
    let settings = load(&file, &ambient).unwrap();
    assert!(!format!("{settings:?}").contains("hunter"));
    let RootKeySource::AwsKms(kms) = settings.root_key else { panic!("another source") };
    assert_eq!(
        (kms.key.as_str(), kms.access.id.as_str(), kms.access.secret.expose()),
        ("alias/parloir", "AKIA", "hunter2")
    );
    assert_eq!(kms.access.session.as_ref().map(Secret::expose), Some("hunter3"));
    let own = [("PARLOIR_AWS_KMS_ACCESS_KEY_ID", "OWN"), ("PARLOIR_AWS_KMS_SECRET_ACCESS_KEY", "own secret")];
    let error = load(&file, &[&ambient[..], &own[..]].concat()).unwrap_err();
    assert!(error.contains("aws_kms.secret_access_key: must be one word") && !error.contains("own secret"), "{error}");
    let own = [own[0], ("PARLOIR_AWS_KMS_SECRET_ACCESS_KEY", "own")];
    let RootKeySource::AwsKms(kms) = load(&file, &[&ambient[..], &own[..]].concat()).unwrap().root_key else {
        panic!("another source")
    };
    assert_eq!((kms.access.secret.expose(), kms.access.session.is_none()), ("own", true), "the two are not mixed");
}

#[test]
fn a_transit_engine_knows_one_way_to_ask() {
    let file = "[root_key]\nsource = 'transit'\n[transit]\naddress = 'https://vault.example.org'\nkey = 'parloir'\n";
    wrong(
        file,
        &[],
        "parloir.toml:2:10: root_key.source: is transit, but none of transit.token, transit.token_file and transit.role_id is set",
    );
    wrong(
        &format!("{file}token_file = '/run/token'\n"),
        &[("PARLOIR_TRANSIT_TOKEN", "hunter2")],
        "PARLOIR_TRANSIT_TOKEN: transit.token: is given, but transit.token_file is set too; keep one of them",
    );
    wrong(
        &format!("{file}role_id = 'r'\n"),
        &[],
        "parloir.toml:6:11: transit.role_id: is given, but transit.secret_id is not set",
    );
    let settings = load(file, &[("PARLOIR_TRANSIT_TOKEN", "hunter2")]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter"));
    let RootKeySource::Transit(transit) = settings.root_key else { panic!("another source") };
    assert_eq!((transit.mount.as_str(), transit.address.as_str()), ("transit", "https://vault.example.org"));
    assert!(matches!(transit.login, TransitLogin::Token(token) if token.expose() == "hunter2"));
}

#[test]
fn a_next_root_key_of_the_same_kind_is_described_by_itself() {
    let present = "[root_key]\nsource = 'aws_kms'\nnext = 'aws_kms'\n[aws_kms]\nkey = 'one'\nregion = 'eu'\n";
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    let expected = "\
parloir.toml:3:8: root_key.next: is aws_kms, but next_aws_kms.key is not set
parloir.toml:3:8: root_key.next: is aws_kms, but next_aws_kms.region is not set";
    wrong(present, &keys, expected);
    let both = format!(
        "{present}[next_aws_kms]\nkey = 'two'\nregion = 'us'\naccess_key_id = 'OWN'\nsecret_access_key = 'own'\n"
    );
    let settings = load(&both, &keys).unwrap();
    let (RootKeySource::AwsKms(one), Some(RootKeySource::AwsKms(two))) = (settings.root_key, settings.next_root_key)
    else {
        panic!("other sources")
    };
    assert_eq!((one.key.as_str(), one.access.id.as_str()), ("one", "AKIA"));
    assert_eq!((two.key.as_str(), two.region.as_str(), two.access.id.as_str()), ("two", "us", "OWN"));
    let present =
        "[root_key]\nsource = 'transit'\nnext = 'transit'\n[transit]\naddress = 'https://a.example.org'\nkey = 'one'\n";
    let tokens = [("PARLOIR_TRANSIT_TOKEN", "hunter2"), ("PARLOIR_NEXT_TRANSIT_TOKEN", "hunter3")];
    let both = format!("{present}[next_transit]\naddress = 'https://b.example.org'\nkey = 'two'\n");
    wrong(
        &both,
        &tokens[..1],
        "parloir.toml:3:8: root_key.next: is transit, but none of next_transit.token, next_transit.token_file and \
next_transit.role_id is set",
    );
    let settings = load(&both, &tokens).unwrap();
    assert!(!format!("{settings:?}").contains("hunter"));
    let Some(RootKeySource::Transit(two)) = settings.next_root_key else { panic!("another source") };
    assert_eq!(
        (two.address.as_str(), two.key.as_str(), two.mount.as_str()),
        ("https://b.example.org", "two", "transit")
    );
    assert!(matches!(two.login, TransitLogin::Token(token) if token.expose() == "hunter3"));
    // Of another kind than the present one, it is in its own section.
    let other =
        "[root_key]\nsource = 'file'\nnext = 'transit'\n[transit]\naddress = 'https://a.example.org'\nkey = 'one'\n";
    let next = load(other, &tokens[..1]).unwrap().next_root_key;
    assert!(matches!(next, Some(RootKeySource::Transit(transit)) if transit.key == "one"));
}

#[test]
fn files_lie_in_a_bucket_that_is_told_whole() {
    assert!(matches!(load("", &[]).unwrap().blobs, BlobsAt::Disk));
    let expected = "\
parloir.toml:2:9: blobs.store: is s3, but s3.bucket is not set
parloir.toml:2:9: blobs.store: is s3, but s3.region is not set
parloir.toml:2:9: blobs.store: is s3, but the access key is not complete: set s3.access_key_id and s3.secret_access_key, or \
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment";
    wrong("[blobs]\nstore = 's3'\n", &[], expected);
    wrong(
        "[s3]\nbucket = 'My_Bucket'",
        &[],
        "parloir.toml:2:10: s3.bucket: \"My_Bucket\" is no bucket's name: 3 to 63 of a-z, 0-9, - and .",
    );
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    let bucket = |more: &str| match load(&format!("[blobs]\nstore = 's3'\n[s3]\nbucket = 'files'\n{more}"), &keys)
        .unwrap()
        .blobs
    {
        BlobsAt::S3(bucket) => *bucket,
        BlobsAt::Disk => panic!("on disk"),
    };
    let aws = bucket("region = 'eu-central-1'");
    assert_eq!((aws.path_style, aws.prefix.as_str(), aws.cache_bytes), (false, "", 2 << 30));
    let own = bucket("endpoint = 'http://127.0.0.1:9000/'\nprefix = 'a/b/'");
    assert_eq!((own.path_style, own.prefix.as_str(), own.region.as_str()), (true, "a/b/", "us-east-1"));
    assert!(!bucket("endpoint = 'https://s.example.org'\naddressing = 'virtual'").path_style);
}

#[test]
fn secrets_are_not_printed() {
    let key = "ab".repeat(32);
    let settings = load(
        "database = 'postgres://u:hunter2@h/d'",
        &[
            ("PARLOIR_ROOT_KEY_SOURCE", "env"),
            ("PARLOIR_ROOT_KEY", &key),
            ("PARLOIR_CUSTODY_URL", "postgres://u:hunter3@h/c"),
        ],
    )
    .unwrap();
    assert_eq!(settings.database.as_ref().map(Secret::expose), Some("postgres://u:hunter2@h/d"));
    let printed = format!("{settings:?}");
    assert!(!printed.contains("hunter") && !printed.contains("171") && !printed.contains("abab"), "{printed}");
    let error = load("database = 'mysql://u:hunter2@h/d'", &[]).unwrap_err();
    assert!(error.contains("database") && !error.contains("hunter"), "{error}");
}

#[cfg(not(feature = "testing"))]
#[test]
fn the_clock_moves_in_test_builds_only() {
    wrong(
        "[test]\nnow_offset_seconds = 5",
        &[],
        "parloir.toml:2:1: test.now_offset_seconds: this key exists only in builds with the `testing` feature; remove it",
    );
}

#[cfg(feature = "testing")]
#[test]
fn the_clock_moves_in_test_builds() {
    assert_eq!(load("[test]\nnow_offset_seconds = -5", &[]).unwrap().now_offset_seconds, -5);
}

proptest! {
    #[test]
    fn whatever_is_written_is_an_answer_and_no_panic(
        text in "[\\[\\]a-z_.=\"' \n0-9{}#-]{0,60}",
        key in prop::sample::select(KEYS.iter().map(|(key, _)| *key).collect::<Vec<_>>()),
        value: String,
    ) {
        let line = match key.split_once('.') {
            Some((section, name)) => format!("[{section}]\n{name} = {value:?}"),
            None => format!("{key} = {value:?}"),
        };
        let _ = load(&text, &[]);
        let _ = load(&format!("{line}\n{text}"), &[]);
    }
}
