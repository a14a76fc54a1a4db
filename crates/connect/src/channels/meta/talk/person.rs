//! Who somebody is: Meta tells name and language of who has written to the account, and by which id our app knows them, so
//! that a wish for deletion finds them (<https://developers.facebook.com/docs/messenger-platform/identity/id-matching>).

use serde_json::Value;

use super::{Product, cut, refusal};
use crate::channels::meta::graph::{self, Failure, Told};
use crate::json::{list, string, text};
use crate::{Account, Call, HttpCall, IdentityKind, Person, PersonIdentity, Reply, SendError, Step};

/// The next step of asking who somebody is whom this account knows by an id.
pub(in crate::channels) fn step(
    product: &Product,
    known: &PersonIdentity,
    account: &Account,
    replies: &[Reply],
) -> Step<Person> {
    next(product, known, account, replies).unwrap_or_else(Step::Fail)
}

fn next(
    product: &Product,
    known: &PersonIdentity,
    account: &Account,
    replies: &[Reply],
) -> Result<Step<Person>, SendError> {
    let of_account = known.kind == IdentityKind::AccountScopedId && known.scope == account.setting(product.account_key);
    if !of_account || !cut::is_id(&known.value) {
        return Err(SendError::Unsupported);
    }
    let called = |call: HttpCall| Step::Call(Call::Http(call));
    let [described, rest @ ..] = replies else {
        let fields = [("fields", product.person_fields)];
        return graph::get(account, product.operations.person, &known.value, &fields).map(called);
    };
    let described = told(product, described)?;
    let app = account.learned.get("app").filter(|app| product.has_app_ids && cut::is_id(app));
    let ids = match (app, rest) {
        (None, _) => Value::Null,
        (Some(app), []) => {
            let path = format!("{}/ids_for_apps", known.value);
            return graph::get(account, product.operations.ids, &path, &[("app", app)]).map(called);
        }
        (Some(_), [ids, ..]) => told(product, ids)?,
    };
    Ok(Step::Done(person(known, &described, &ids)))
}

/// What Meta says of a person. What it does not show to this app stays unknown.
fn told(product: &Product, reply: &Reply) -> Result<Value, SendError> {
    match graph::read(reply, true) {
        Ok(told) => Ok(told),
        Err(Failure::Told(Told { code: 3 | 10 | 100 | 200..=299 | 551, transient: false, proof: false, .. })) => {
            Ok(Value::Null)
        }
        Err(failure) => Err(refusal::failure(product, failure)),
    }
}

fn person(known: &PersonIdentity, described: &Value, ids: &Value) -> Person {
    let full = ["/first_name", "/last_name"].iter().filter_map(|part| text(described, part));
    let full = full.collect::<Vec<_>>().join(" ");
    let name = string(described, "/name").or_else(|| Some(full).filter(|full| !full.is_empty()));
    let name = name.or_else(|| string(described, "/username").map(|name| format!("@{name}")));
    let by_app = list(ids, "/data").iter().filter_map(|id| {
        let (value, scope) = (string(id, "/id")?, string(id, "/app/id")?);
        Some(PersonIdentity { kind: IdentityKind::AppScopedId, scope, value })
    });
    let language = text(described, "/locale").map(|locale| locale.replace('_', "-"));
    Person { identities: std::iter::once(known.clone()).chain(by_app).collect(), name, language }
}
