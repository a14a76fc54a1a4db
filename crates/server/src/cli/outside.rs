//! What `parloir doctor` finds out about the systems outside that keep the root key and the files: whether they do it now.

use std::sync::Arc;

use vault::Chance;

use super::report::Finding;
use crate::cloud;
use crate::machine::SystemChance;
use crate::settings::{BlobsAt, RootKeySource, Settings};

/// Whether the root key wraps and unwraps.
pub(super) fn root_key(settings: &Settings) -> Finding {
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let root = cloud::root_key(&settings.root_key, Arc::clone(&chance));
    let place = match &settings.root_key {
        RootKeySource::AwsKms(kms) => format!("{} in AWS KMS, region {}", kms.key, kms.region),
        RootKeySource::Transit(transit) => format!("{} in the transit engine at {}", transit.key, transit.address),
        RootKeySource::File(_) | RootKeySource::Given(_) => "given".to_owned(),
    };
    match root.and_then(|root| cloud::try_root_key(&*root, &*chance)) {
        Ok(()) => Finding::good("root key", format!("{place}, which wraps and unwraps")),
        Err(error) => Finding::wrong("root key", error.to_string()),
    }
}

/// Whether the object storage takes, gives, lists and deletes; nothing for files in the folder.
pub(super) fn blobs(settings: &Settings) -> Option<Finding> {
    let BlobsAt::S3(bucket) = &settings.blobs else { return None };
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let tried = cloud::bucket(bucket, Arc::clone(&chance)).and_then(|blobs| cloud::try_blobs(&*blobs, &*chance));
    Some(match tried {
        Ok(()) => Finding::good("files", format!("the bucket {} takes, gives, lists and deletes", bucket.bucket)),
        Err(error) => Finding::wrong("files", error.to_string()),
    })
}
