//! What is recognised, and what only sounds alike.

use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: Option<Kind>) {
    assert_eq!(recognised(text), expected, "{text}");
}

#[test]
fn requests_in_english() {
    for (kind, texts) in [
        (
            Kind::Erasure,
            &[
                "Please delete my data",
                "I want you to erase all of my personal data, thanks",
                "Could you remove everything you have on me?",
                "I would like my data deleted",
                "My personal data must be deleted from your systems immediately",
                "I am exercising my right to be forgotten.",
                "I request the erasure of my personal data under Art. 17 GDPR",
            ][..],
        ),
        (
            Kind::Access,
            &[
                "Hi, what data do you have about me?",
                "This is a subject access request",
                "Please send me a copy of all my personal data",
                "Tell me which personal data you hold on me",
            ],
        ),
        (Kind::Portability, &["I make use of my right to data portability", "Send my data in a machine-readable file"]),
        (Kind::Rectification, &["Please correct my personal details, my name is misspelt"]),
        (Kind::Restriction, &["Please restrict the processing of my data"]),
        (Kind::Objection, &["I object to the processing of my data", "Stop using my data"]),
        (Kind::Withdrawal, &["I hereby withdraw my consent", "I revoke my consent to the newsletter"]),
        (Kind::HumanReview, &["I ask for a human review of that", "I contest the automated decision about my loan"]),
    ] {
        for text in texts {
            check(text, Some(kind));
        }
    }
}

#[test]
fn what_only_sounds_like_one_in_english() {
    for text in [
        "Please do not delete my data!",
        "Don't delete my personal data, I need it",
        "Did you delete my data?",
        "Do you delete my data after the trial?",
        "Will you delete my data when I leave?",
        "Can I delete my data somewhere in the app?",
        "I deleted my data by accident, can you restore it",
        "Please remove my data plan",
        "I'd like to delete my last message",
        "Delete the second item of my order, please",
        "What data do you need from me?",
        "Send me a copy of my invoice",
        "I never got the data sheet",
        "Please correct my order",
        "I object to this price",
        "I want to withdraw money",
        "Can I talk to a human?",
        "Remove me from the queue",
        "You need consent from my mother",
        "",
    ] {
        check(text, None);
    }
}

#[test]
fn requests_in_german() {
    for (kind, texts) in [
        (
            Kind::Erasure,
            &[
                "Bitte löschen Sie alle meine Daten.",
                "Lösch bitte meine Daten",
                "Ich möchte, dass meine personenbezogenen Daten gelöscht werden",
                "Ich fordere Sie auf, meine Daten unverzüglich zu löschen",
                "Hiermit beantrage ich die Löschung meiner persönlichen Daten",
                "bitte meine daten loeschen",
                "Ich mache von meinem Recht auf Vergessenwerden Gebrauch",
            ][..],
        ),
        (
            Kind::Access,
            &[
                "DSGVO Auskunft",
                "Ich bitte um Auskunft, welche Daten Sie über mich gespeichert haben",
                "Welche Daten habt ihr eigentlich über mich?",
                "Auskunftsersuchen nach Art. 15 DSGVO",
                "Schicken Sie mir eine Kopie meiner gespeicherten Daten",
            ],
        ),
        (Kind::Portability, &["Ich verlange Datenübertragbarkeit"]),
        (Kind::Rectification, &["Bitte lassen Sie meine Daten berichtigen"]),
        (Kind::Restriction, &["Ich verlange die Einschränkung der Verarbeitung"]),
        (Kind::Objection, &["Hiermit widerspreche ich der Nutzung meiner Daten", "Widerspruch gegen Direktwerbung"]),
        (Kind::Withdrawal, &["Ich widerrufe meine Einwilligung", "Meine Einwilligung ziehe ich hiermit zurück"]),
        (Kind::HumanReview, &["Ich möchte die automatisierte Entscheidung überprüfen lassen"]),
    ] {
        for text in texts {
            check(text, Some(kind));
        }
    }
}

#[test]
fn what_only_sounds_like_one_in_german() {
    for text in [
        "Bitte löschen Sie meine Daten nicht!",
        "Meine Daten bitte nicht löschen",
        "Haben Sie meine Daten gelöscht?",
        "Ich lösche meine Daten selbst",
        "Ich kann meine Daten nicht löschen",
        "Bitte löschen Sie meine letzte Nachricht",
        "Bitte stornieren Sie meine Bestellung",
        "Welche Daten brauchen Sie von mir?",
        "Können Sie mir Auskunft über die Lieferzeit geben?",
        "Ich hätte gern eine Auskunft",
        "Ich widerrufe den Kaufvertrag",
        "Widerspruch gegen die Mahnung vom 3. Mai",
        "Ich brauche eine Kopie meiner Rechnung",
        "Mein Datenvolumen ist aufgebraucht",
        "Ich möchte mit einem Menschen sprechen",
        "Die Daten zur Anlieferung habe ich geschickt",
        "Bitte korrigieren Sie die Rechnung",
        "Ich habe der Verarbeitung zugestimmt",
    ] {
        check(text, None);
    }
}

#[test]
fn requests_in_italian() {
    for (kind, texts) in [
        (
            Kind::Erasure,
            &[
                "Cancellate i miei dati",
                "Vi chiedo di eliminare tutti i miei dati personali",
                "Richiedo la cancellazione dei miei dati",
                "Vorrei che i miei dati vengano cancellati",
                "Esercito il diritto all'oblio",
                "Potete cancellare i dati che mi riguardano?",
            ][..],
        ),
        (
            Kind::Access,
            &[
                "Quali dati avete su di me?",
                "Chiedo l'accesso ai miei dati personali ex art. 15 GDPR",
                "Mandatemi una copia dei miei dati",
                "Esercito il mio diritto di accesso",
            ],
        ),
        (Kind::Portability, &["Chiedo la portabilità dei dati"]),
        (Kind::Rectification, &["Chiedo la rettifica dei miei dati"]),
        (Kind::Restriction, &["Chiedo la limitazione del trattamento"]),
        (Kind::Objection, &["Mi oppongo al trattamento dei miei dati"]),
        (Kind::Withdrawal, &["Revoco il mio consenso", "Voglio ritirare il consenso"]),
        (Kind::HumanReview, &["Chiedo l'intervento umano sulla decisione"]),
    ] {
        for text in texts {
            check(text, Some(kind));
        }
    }
}

#[test]
fn what_only_sounds_like_one_in_italian() {
    for text in [
        "Non cancellate i miei dati!",
        "Non voglio eliminare i miei dati",
        "Avete cancellato i miei dati?",
        "Vorrei cancellare il mio ordine",
        "Quali dati vi servono per la fattura?",
        "Non riesco ad accedere ai miei dati",
        "Ho finito i miei dati mobili",
        "Vorrei una copia della fattura",
        "Il ritiro è possibile domani?",
        "Correggete l'ordine, per favore",
        "Mi oppongo a questo prezzo",
        "Ho dato il consenso ieri",
        "Posso parlare con una persona?",
        "Cancellate la mia prenotazione",
        "I dati della spedizione sono giusti",
        "Il trattamento viso è ancora disponibile?",
    ] {
        check(text, None);
    }
}

#[test]
fn requests_in_spanish() {
    for (kind, texts) in [
        (
            Kind::Erasure,
            &[
                "Borrad mis datos",
                "Quiero que eliminen todos mis datos personales",
                "Solicito la supresión de mis datos",
                "Ejerzo mi derecho al olvido",
                "Por favor, borren todo lo que tienen de mí",
                "Pido que mis datos sean eliminados",
            ][..],
        ),
        (
            Kind::Access,
            &[
                "¿Qué datos tienen sobre mí?",
                "Quiero ejercer mi derecho de acceso",
                "Envíenme una copia de mis datos",
                "¿Qué información guardáis de mí?",
            ],
        ),
        (Kind::Portability, &["Solicito la portabilidad de mis datos"]),
        (Kind::Rectification, &["Solicito la rectificación de mis datos"]),
        (Kind::Restriction, &["Solicito la limitación del tratamiento"]),
        (Kind::Objection, &["Me opongo al tratamiento de mis datos"]),
        (Kind::Withdrawal, &["Retiro mi consentimiento", "Quiero revocar el consentimiento"]),
        (Kind::HumanReview, &["Solicito intervención humana"]),
    ] {
        for text in texts {
            check(text, Some(kind));
        }
    }
}

#[test]
fn what_only_sounds_like_one_in_spanish() {
    for text in [
        "No borren mis datos",
        "No quiero eliminar mis datos",
        "¿Habéis borrado mis datos?",
        "Quiero eliminar un artículo de mi pedido",
        "¿Qué datos necesitan de mí?",
        "Quiero hacer la portabilidad de mi número",
        "Se me acabaron los datos móviles",
        "Necesito una copia de la factura",
        "Me opongo a este precio",
        "El retiro es mañana",
        "¿Puedo hablar con una persona?",
        "Borra mi último mensaje",
        "Corrijan el pedido, por favor",
        "Los datos del envío son correctos",
        "Doy mi consentimiento",
        "El tratamiento facial me gustó",
    ] {
        check(text, None);
    }
}

proptest! {
    #[test]
    fn whatever_is_written_it_comes_to_an_end(text in any::<String>()) {
        recognised(&text);
    }

    #[test]
    fn letters_and_signs_around_it_change_nothing(before in "[ .,!?\n]{0,5}", after in "[ .,!?\n]{0,5}") {
        prop_assert_eq!(recognised(&format!("{before}BITTE, meine Daten LÖSCHEN{after}")), Some(Kind::Erasure));
    }
}
