//! What a browser says of itself, in two coarse words: enough to know one's own devices again, too little to tell people
//! apart. Versions and models are not kept.

use http::HeaderMap;
use http::header::USER_AGENT;
use vault::sign_in::Device;

/// What is looked for, in this order: most browsers claim to be others too.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The device a request came from.
pub fn of(headers: &HeaderMap) -> Device {
    let said = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first =
        |of: &[(&str, &str)]| of.iter().find(|(sign, _)| said.contains(sign)).map(|(_, word)| (*word).to_owned());
    Device { browser: first(&BROWSERS), system: first(&SYSTEMS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_of_what_a_browser_says() {
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0";
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(), "Firefox", "Linux"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36 Edg/140.0"), "Edge", "Windows"),
            (format!("Mozilla/5.0 (Linux; Android 15; K) {chrome} Mobile Safari/537.36"), "Chrome", "Android"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
                    .to_owned(),
                "Safari",
                "iOS",
            ),
        ];
        for (said, browser, system) in cases {
            let headers = HeaderMap::from_iter([(USER_AGENT, said.parse().unwrap())]);
            let device = of(&headers);
            assert_eq!((device.browser.as_deref(), device.system.as_deref()), (Some(browser), Some(system)), "{said}");
        }
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        assert!(of(&HeaderMap::new()) == Device::default());
        let odd = HeaderMap::from_iter([(USER_AGENT, "curl/8.5 <script>".parse().unwrap())]);
        assert!(of(&odd) == Device::default());
    }
}
