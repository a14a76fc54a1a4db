//! What all connectors of mail share: reading mails, and writing them.
