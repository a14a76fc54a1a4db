//! Members' passwords: Argon2id on blocking threads, a few at a time, and as slow for someone unknown as for someone
//! known.
//!
//! Parameters: m = 19 MiB, t = 2, p = 1, the first choice of the OWASP Password Storage Cheat Sheet.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use connect::Secret;
use tokio::sync::Semaphore;

use crate::problem::ApiError;

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

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::TooShort | PasswordError::TooLong => Self::field("password", error.to_string()),
            PasswordError::Busy => Self::unavailable(),
            PasswordError::Broken => Self::internal(error),
        }
    }
}

/// Hashes and compares. A clone takes the same turns.
#[derive(Clone)]
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
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
        if password.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if password.len() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        let password = Secret::new(password);
        self.in_turn(move || hash_now(password.expose(), &salt)).await
    }

    /// Whether a password is the stored one.
    pub async fn verify(&self, password: &str, stored: &str) -> Result<bool, PasswordError> {
        if password.len() > LONGEST {
            return self.verify_nobody(password).await.map(|()| false);
        }
        let (password, stored) = (Secret::new(password), stored.to_owned());
        self.in_turn(move || verify_now(password.expose(), &stored)).await
    }

    /// Takes as long as [`Passwords::verify`]: for a member who does not exist.
    pub async fn verify_nobody(&self, password: &str) -> Result<(), PasswordError> {
        let password = Secret::new(password.get(..LONGEST).unwrap_or(password));
        let stored = self.nobody.clone();
        self.in_turn(move || verify_now(password.expose(), &stored)).await.map(drop)
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
        let right = "correct horse battery";
        let stored = passwords.hash(right, [2; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(!outdated(&stored));
        assert!(outdated("$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$x"));
        assert_eq!(passwords.verify(right, &stored).await, Ok(true));
        assert_eq!(passwords.verify("correct horse batter", &stored).await, Ok(false));
        assert_eq!(passwords.verify("", &stored).await, Ok(false));
        assert_eq!(passwords.verify(&"ü".repeat(5_000), &stored).await, Ok(false));
        let other = passwords.hash(right, [3; 16]).await.unwrap();
        assert!(other.contains("$AwMDAwMDAwMDAwMDAwMDAw$"), "the salt is the one given: {other}");
        assert_ne!(other.rsplit('$').next(), stored.rsplit('$').next());
    }

    #[tokio::test]
    async fn nobody_costs_what_somebody_costs() {
        let passwords = passwords(1);
        assert!(!outdated(&passwords.nobody), "the stand-in has the parameters of a real hash");
        assert_eq!(passwords.verify_nobody("whatever").await, Ok(()));
        assert_eq!(passwords.verify_nobody(&"ü".repeat(5_000)).await, Ok(()));
    }

    #[tokio::test]
    async fn bounds_are_kept_and_broken_hashes_reported() {
        let passwords = passwords(1);
        assert_eq!(passwords.hash("too short", [2; 16]).await, Err(PasswordError::TooShort));
        assert_eq!(passwords.hash(&"x".repeat(1_025), [2; 16]).await, Err(PasswordError::TooLong));
        assert_eq!(passwords.verify("whatever it is", "plaintext").await, Err(PasswordError::Broken));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_told_so() {
        let passwords = passwords(1);
        let _taken = Arc::clone(&passwords.turns).acquire_owned().await.unwrap();
        assert_eq!(passwords.verify_nobody("x").await, Err(PasswordError::Busy));
    }
}
