//! Two things compared: measured in turn, the order changing each time, so that a machine that slows down hurts both.

/// The rates of one pair, a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    /// The first by the second; of several pairs, the median of theirs.
    pub(crate) ratio: f64,
}

impl Pair {
    fn of(ours: f64, theirs: f64) -> Self {
        Self { ours, theirs, ratio: ours / theirs }
    }
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
}

/// Prints a figure beside what is wanted of it. `unit` follows the number.
pub(crate) fn told(name: &str, wanted: Wanted, got: f64, unit: &str) {
    let (words, limit, is_met) = match wanted {
        Wanted::AtLeast(least) => ("at least", least, got >= least),
        Wanted::AtMost(most) => ("at most", most, got <= most),
    };
    let outcome = if is_met { "met" } else { "SHORT" };
    println!("  => {name}: {got:.3}{unit}, wanted {words} {limit}{unit}: {outcome}   load {}", load());
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
            Pair::of(ours().await, theirs)
        } else {
            let ours = ours().await;
            Pair::of(ours, theirs().await)
        };
        println!(
            "  {our_name} {:>8.0}/s   {their_name} {:>8.0}/s   ratio {:.3}   load {}",
            pair.ours,
            pair.theirs,
            pair.ratio,
            load()
        );
        pairs.push(pair);
    }
    let of = |pick: fn(&Pair) -> f64| median(pairs.iter().map(pick).collect());
    let middle = Pair::of(of(|pair| pair.ours), of(|pair| pair.theirs));
    let ratio = of(|pair| pair.ratio);
    println!("  = {our_name} {:.0}/s, {their_name} {:.0}/s, ratio {ratio:.3} (medians)", middle.ours, middle.theirs);
    Pair { ratio, ..middle }
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
