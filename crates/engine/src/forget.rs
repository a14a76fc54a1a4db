//! What a provider still holds of an erased contact is removed there, where the provider allows it.
