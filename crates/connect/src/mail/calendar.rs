//! An invitation (RFC 5545) in one line, for mails that say nothing else.

/// What it is about, when and where. `None` if it names nothing.
pub(super) fn line(text: &str) -> Option<String> {
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let event = unfolded.split_once("BEGIN:VEVENT").map_or(unfolded.as_str(), |(_, event)| event);
    let event = event.split_once("END:VEVENT").map_or(event, |(event, _)| event);
    let summary = property(event, "SUMMARY").map(|(_, value)| plain(value)).filter(|value| !value.is_empty());
    let start = property(event, "DTSTART").and_then(|(params, value)| moment(params, value));
    let location = property(event, "LOCATION").map(|(_, value)| plain(value)).filter(|value| !value.is_empty());
    let said: Vec<String> = [summary, start, location].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" · "))
}

/// Parameters and value of a property.
fn property<'a>(event: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    event.lines().find_map(|line| {
        let start = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name))?;
        let rest = &line[start.len()..];
        let (params, value) = rest.split_once(':')?;
        (params.is_empty() || params.starts_with(';')).then_some((params, value))
    })
}

fn plain(value: &str) -> String {
    let value =
        value.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    value.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

/// `20260302T130000` as `2026-03-02 13:00`, with the zone that stands beside it.
fn moment(params: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let digits = |from: usize, to: usize| value.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let date = format!("{}-{}-{}", digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let Some((hour, minute)) = digits(9, 11).zip(digits(11, 13)) else { return Some(date) };
    let zone = params.split(';').find_map(|param| param.strip_prefix("TZID=")).map(|zone| zone.trim_matches('"'));
    let zone = if value.ends_with('Z') { Some("UTC") } else { zone };
    Some(zone.map_or_else(|| format!("{date} {hour}:{minute}"), |zone| format!("{date} {hour}:{minute} {zone}")))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn invitations_in_a_line() {
        let event = |lines: &str| {
            format!(
                "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:16010101T000000\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
            )
        };
        for (lines, expected) in [
            (
                "SUMMARY:Visit\\, at last\r\nDTSTART:20260302T120000Z\r\nLOCATION:Via Roma 1\r\n",
                Some("Visit, at last · 2026-03-02 12:00 UTC · Via Roma 1"),
            ),
            (
                "SUMMARY;LANGUAGE=de:Be\r\n such\r\nDTSTART;TZID=Europe/Rome:20260302T130000\r\n",
                Some("Besuch · 2026-03-02 13:00 Europe/Rome"),
            ),
            ("DTSTART;VALUE=DATE:20260302\r\n", Some("2026-03-02")),
            ("DTSTART:soon\r\n", None),
        ] {
            assert_eq!(line(&event(lines)).as_deref(), expected);
        }
        assert_eq!(line("nothing"), None);
    }
}
