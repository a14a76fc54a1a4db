//! Two things compared: measured in turn, the order changing each time, so that a machine that slows down hurts both.

/// The rates of one pair, a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

impl Pair {
    fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// Measures `count` pairs and prints each, then the medians. `ours` and `theirs` name and measure a rate a second.
pub(crate) async fn compare(
    count: usize,
    (our_name, mut ours): (&str, impl AsyncFnMut() -> f64),
    (their_name, mut theirs): (&str, impl AsyncFnMut() -> f64),
) -> Pair {
    let mut pairs = Vec::new();
    for round in 0..count {
        let pair = if round % 2 == 0 {
            let theirs = theirs().await;
            Pair { theirs, ours: ours().await }
        } else {
            let ours = ours().await;
            Pair { ours, theirs: theirs().await }
        };
        println!(
            "  {our_name} {:>8.0}/s   {their_name} {:>8.0}/s   ratio {:.3}   load {}",
            pair.ours,
            pair.theirs,
            pair.ratio(),
            load()
        );
        pairs.push(pair);
    }
    let of = |pick: fn(&Pair) -> f64| median(pairs.iter().map(pick).collect());
    let middle = Pair { ours: of(|pair| pair.ours), theirs: of(|pair| pair.theirs) };
    let ratio = of(Pair::ratio);
    println!("  = {our_name} {:.0}/s, {their_name} {:.0}/s, ratio {ratio:.3} (medians)", middle.ours, middle.theirs);
    middle
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value below which this share of all lies.
pub(crate) fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let at = (values.len() as f64 * share) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// The machine's load over 1, 5 and 15 minutes. It holds what this program does, too.
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let three: Vec<_> = text.split(' ').take(3).collect();
    if three.len() == 3 { three.join(" ") } else { "unknown".to_owned() }
}
