//! Members' passwords: Argon2id on blocking threads, a few at a time, and as slow for someone unknown as for someone
//! known.
//!
//! Parameters: m = 19 MiB, t = 2, p = 1, the first choice of the OWASP Password Storage Cheat Sheet.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use connect::Secret;
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19 * 1024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// The shortest password, in characters (NIST SP 800-63B asks for 8; length is what helps).
pub const SHORTEST: usize = 10;
/// The longest password, in bytes: hashing must not become a way to keep the server busy.
pub const LONGEST: usize = 1_024;

/// How long a request waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a password was not hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`SHORTEST`] characters.
    #[error("a password has at least {SHORTEST} characters")]
    TooShort,
    /// More than [`LONGEST`] bytes.
    #[error("a password has at most {LONGEST} bytes")]
    TooLong,
    /// Too many are being hashed; try again in a few seconds.
    #[error("too many sign-ins at once; try again in a few seconds")]
    Busy,
    /// What is stored is no Argon2 hash, or the machine is out of memory.
    #[error("the password could not be hashed")]
    Broken,
}

/// Hashes and compares.
pub struct Passwords {
    turns: Arc<Semaphore>,
    nobody: String,
}

impl Passwords {
    /// `at_once` hashes at the same time (each takes 19 MiB and a core). `salt` is random; it salts the hash that
    /// stands in for unknown members. Takes as long as one hash.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] if the machine has no memory for a single hash.
    pub fn new(at_once: usize, salt: [u8; 16]) -> Result<Self, PasswordError> {
        let nobody = hash_now("nobody has this password", &salt)?;
        Ok(Self { turns: Arc::new(Semaphore::new(at_once.max(1))), nobody })
    }

    /// The hash to store for a new password, with 16 fresh random bytes as its salt.
    pub async fn hash(&self, password: Secret, salt: [u8; 16]) -> Result<String, PasswordError> {
        if password.expose().chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if password.expose().len() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        self.in_turn(move || hash_now(password.expose(), &salt)).await
    }

    /// Whether a password is the stored one. `None` (no such member) takes as long and is never right.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool, PasswordError> {
        let known = stored.is_some() && password.expose().len() <= LONGEST;
        let password = if known { password } else { Secret::new("not compared") };
        let stored = stored.filter(|_| known).unwrap_or_else(|| self.nobody.clone());
        let right = self.in_turn(move || verify_now(password.expose(), &stored)).await?;
        Ok(known && right)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| PasswordError::Busy)?.map_err(|_| PasswordError::Busy)?;
        // The turn moves along: a client that hangs up leaves the hash running, and it must still count.
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| PasswordError::Broken)?
    }
}

/// Whether a stored hash was made with other parameters than today's and should be made anew at the next sign-in.
pub fn outdated(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}$"))
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, ROUNDS, LANES, None).map_err(|_| PasswordError::Broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String, PasswordError> {
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), salt).map_err(|_| PasswordError::Broken)?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(stored).map_err(|_| PasswordError::Broken)?;
    Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(at_once: usize) -> Passwords {
        Passwords::new(at_once, [1; 16]).unwrap()
    }

    #[tokio::test]
    async fn the_right_password_alone_is_right() {
        let passwords = passwords(1);
        let stored = passwords.hash(Secret::new("correct horse battery"), [2; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(!outdated(&stored));
        assert!(outdated("$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$x"));
        let right = Secret::new("correct horse battery");
        assert_eq!(passwords.verify(right.clone(), Some(stored.clone())).await, Ok(true));
        assert_eq!(passwords.verify(Secret::new("correct horse batter"), Some(stored.clone())).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new("x".repeat(5_000)), Some(stored)).await, Ok(false));
        let other = passwords.hash(right, [3; 16]).await.unwrap();
        assert!(other.ends_with(other.rsplit('$').next().unwrap()) && other.contains("$AwMDAwMDAwMDAwMDAwMDAw$"));
    }

    #[tokio::test]
    async fn nobody_is_never_right_and_takes_as_long() {
        let passwords = passwords(1);
        assert_eq!(passwords.verify(Secret::new("not compared"), None).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new("nobody has this password"), None).await, Ok(false));
        assert!(!outdated(&passwords.nobody), "the stand-in costs what a real hash costs");
        let lucky = Passwords { nobody: hash_now("not compared", &[4; 16]).unwrap(), ..passwords };
        assert_eq!(lucky.verify(Secret::new("any"), None).await, Ok(false), "even if the stand-in happens to match");
    }

    #[tokio::test]
    async fn bounds_are_kept_and_broken_hashes_reported() {
        let passwords = passwords(1);
        assert_eq!(passwords.hash(Secret::new("too short"), [2; 16]).await, Err(PasswordError::TooShort));
        assert_eq!(passwords.hash(Secret::new("x".repeat(1_025)), [2; 16]).await, Err(PasswordError::TooLong));
        let broken = passwords.verify(Secret::new("whatever it is"), Some("plaintext".into())).await;
        assert_eq!(broken, Err(PasswordError::Broken));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_told_so() {
        let passwords = passwords(1);
        let _taken = Arc::clone(&passwords.turns).acquire_owned().await.unwrap();
        assert_eq!(passwords.verify(Secret::new("x"), None).await, Err(PasswordError::Busy));
    }
}
