//! The second factor of signing in: what a member's authenticator app shows, and codes for whoever has lost it. The secret
//! is sealed; of the recovery codes only keyed hashes are kept.

mod totp;

use crate::sealing::{Place, Under};
use crate::sign_in::LoginCandidate;
use crate::statement::sql;
use crate::value::params;
use crate::{Actor, Error, MemberId, Personal, Purpose, Result, Scope, Tx, Vault, audit, members};

/// Bytes of a secret (RFC 4226, section 4: 160 bits).
const SECRET_BYTES: usize = 20;
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code: eighty bits, which nobody guesses.
const RECOVERY_BYTES: usize = 10;

/// A secret for an authenticator app, shown once.
#[derive(Debug, Clone)]
pub struct NewFactor {
    /// The secret in base32, to be typed.
    pub secret: Personal<String>,
    /// The same as an `otpauth:` address, to be shown as a picture.
    pub uri: Personal<String>,
}

struct Stored {
    secret: Vec<u8>,
    confirmed: bool,
    last_step: i64,
}

impl Vault {
    /// Whether signing in as this member takes a code besides the password.
    pub async fn has_second_factor(&self, login: &LoginCandidate) -> Result<bool> {
        let member = login.member();
        self.read(&scope_of(login), move |tx| is_on(tx, member)).await
    }

    /// Takes a code of a member who signs in: the app's, or one for recovery. Each is taken once.
    pub async fn take_code(&self, login: &LoginCandidate, code: &str) -> Result<bool> {
        let (member, code) = (login.member(), code.to_owned());
        self.write(&scope_of(login), move |tx| take(tx, member, &code)).await
    }
}

fn scope_of(login: &LoginCandidate) -> Scope {
    Scope::new(login.workspace(), Actor::Platform, Purpose::Administration)
}

/// Whether a member has a second factor.
pub fn is_on(tx: &Tx<'_>, member: MemberId) -> Result<bool> {
    Ok(stored(tx, member)?.is_some_and(|stored| stored.confirmed))
}

/// A new secret for the acting member, in place of one that was not confirmed.
///
/// # Errors
/// `second_factor_on` if there is one that was.
pub fn begin(tx: &Tx<'_>) -> Result<NewFactor> {
    let member = own(tx)?;
    if is_on(tx, member)? {
        return Err(Error::conflict("second_factor_on", "you have a second factor already; remove it first"));
    }
    let secret = tx.chance()[..SECRET_BYTES].to_vec();
    let sealed = tx.seal(Under::Workspace, place(&member.to_string()), &secret)?;
    tx.run(
        sql!(
            "INSERT INTO second_factors (workspace_id, id, secret_sealed, last_step) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (workspace_id, id) DO UPDATE SET secret_sealed = excluded.secret_sealed, last_step = 0"
        ),
        params![member, sealed],
    )?;
    audit::record(tx, "second_factor.begun", &member.to_string())?;
    let (secret, email) = (totp::base32(&secret), members::view(tx, member)?.email);
    let uri = format!("otpauth://totp/Parloir:{}?secret={secret}&issuer=Parloir", encoded(email.reveal()));
    Ok(NewFactor { secret: Personal::new(secret), uri: Personal::new(uri) })
}

/// From now on signing in as the acting member takes a code, if this is one: the recovery codes, shown once. `None` if it is
/// not.
///
/// # Errors
/// `no_second_factor` if none was begun; `second_factor_on` if it was confirmed before.
pub fn confirm(tx: &Tx<'_>, code: &str) -> Result<Option<Vec<Personal<String>>>> {
    let member = own(tx)?;
    let begun = stored(tx, member)?.ok_or_else(none)?;
    if begun.confirmed {
        return Err(Error::conflict("second_factor_on", "your second factor is confirmed already"));
    }
    if !take_step(tx, member, &begun, code)? {
        return Ok(None);
    }
    tx.run(
        sql!("UPDATE second_factors SET confirmed_at = $3 WHERE workspace_id = $1 AND id = $2"),
        params![member, tx.now()],
    )?;
    forget_codes(tx, member)?;
    let codes = (0..RECOVERY_CODES).map(|_| recovery_code(tx, member)).collect::<Result<Vec<_>>>()?;
    audit::record(tx, "second_factor.confirmed", &member.to_string())?;
    Ok(Some(codes))
}

/// Takes the acting member's second factor away, if this is a code of it; whether it is.
///
/// # Errors
/// `no_second_factor` if there is none.
pub fn remove(tx: &Tx<'_>, code: &str) -> Result<bool> {
    let member = own(tx)?;
    if !is_on(tx, member)? {
        return Err(none());
    }
    if !take(tx, member, code)? {
        return Ok(false);
    }
    forget(tx, member)?;
    audit::record(tx, "second_factor.removed", &member.to_string())?;
    Ok(true)
}

/// Takes a member's second factor off who has lost both the app and the recovery codes. Whoever runs the installation does so,
/// and nobody else: in a workspace nobody could be sure that it is the member who asks.
///
/// # Errors
/// [`Error::Forbidden`] to all others, `no_second_factor` if there is none.
pub fn take_off(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    if tx.scope()?.actor() != Actor::Operator {
        return Err(Error::Forbidden("taking a lost second factor off"));
    }
    if !is_on(tx, member)? {
        return Err(Error::conflict("no_second_factor", "this member has no second factor"));
    }
    forget(tx, member)?;
    audit::record(tx, "second_factor.taken_off", &member.to_string())?;
    Ok(())
}

fn forget(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    tx.run(sql!("DELETE FROM second_factors WHERE workspace_id = $1 AND id = $2"), params![member])?;
    forget_codes(tx, member)
}

fn take(tx: &Tx<'_>, member: MemberId, code: &str) -> Result<bool> {
    let Some(stored) = stored(tx, member)?.filter(|stored| stored.confirmed) else { return Ok(false) };
    if take_step(tx, member, &stored, &plain(code))? {
        return Ok(true);
    }
    let taken = tx.run(
        sql!("DELETE FROM recovery_codes WHERE workspace_id = $1 AND member_id = $2 AND code_hash = $3"),
        params![member, code_hash(tx, member, code)?],
    )?;
    if taken > 0 {
        audit::record(tx, "second_factor.recovered", &member.to_string())?;
    }
    Ok(taken > 0)
}

/// Whether it is a code of the app that was not taken before. It and those before it are taken then.
fn take_step(tx: &Tx<'_>, member: MemberId, stored: &Stored, code: &str) -> Result<bool> {
    let Some(step) = totp::step_of(&stored.secret, code, tx.now(), stored.last_step) else { return Ok(false) };
    let taken = tx.run(
        sql!("UPDATE second_factors SET last_step = $3 WHERE workspace_id = $1 AND id = $2 AND last_step < $3"),
        params![member, step],
    )?;
    Ok(taken == 1)
}

fn recovery_code(tx: &Tx<'_>, member: MemberId) -> Result<Personal<String>> {
    let text = totp::base32(&tx.chance()[..RECOVERY_BYTES]).to_lowercase();
    let code = [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-");
    tx.run(
        sql!("INSERT INTO recovery_codes (workspace_id, member_id, code_hash) VALUES ($1, $2, $3)"),
        params![member, code_hash(tx, member, &code)?],
    )?;
    Ok(Personal::new(code))
}

fn forget_codes(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    tx.run(sql!("DELETE FROM recovery_codes WHERE workspace_id = $1 AND member_id = $2"), params![member])?;
    Ok(())
}

fn code_hash(tx: &Tx<'_>, member: MemberId, code: &str) -> Result<Vec<u8>> {
    tx.blind("recovery code", &format!("{member} {}", plain(code)))
}

/// As people type it: with spaces or dashes, in any case of letters.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// For the label of an `otpauth:` address: whatever is not a plain letter, percent-encoded.
fn encoded(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => coded.push(char::from(byte)),
            _ => coded.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    coded
}

fn digit(half: u8) -> char {
    char::from_digit(half.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

fn own(tx: &Tx<'_>) -> Result<MemberId> {
    tx.scope()?.member().map(|(member, _)| member).ok_or(Error::Forbidden("having a second factor"))
}

fn none() -> Error {
    Error::conflict("no_second_factor", "there is no second factor here; begin one first")
}

fn place(row: &str) -> Place<'_> {
    Place { table: "second_factors", column: "secret_sealed", row }
}

fn stored(tx: &Tx<'_>, member: MemberId) -> Result<Option<Stored>> {
    let found = tx.maybe(
        sql!(
            "SELECT secret_sealed, confirmed_at IS NOT NULL, last_step FROM second_factors \
             WHERE workspace_id = $1 AND id = $2"
        ),
        params![member],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((sealed, confirmed, last_step)) = found else { return Ok(None) };
    let secret = tx.open(place(&member.to_string()), &sealed)?.ok_or(Error::Erased)?;
    Ok(Some(Stored { secret, confirmed, last_step }))
}
