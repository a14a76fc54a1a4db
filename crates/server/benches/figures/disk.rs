//! What the folder can do at all: every durable commit costs at least one of these.

use std::io::Write;

use crate::Plan;
use crate::pairs::{load, median, real};

/// Appends 4 KiB and makes them durable, again and again.
pub(crate) fn measure(plan: &Plan) {
    let folder = crate::house::folder();
    let mut file = std::fs::File::create(folder.path().join("appended")).unwrap();
    let mut rates = Vec::new();
    for _ in 0..plan.pairs {
        let (began, mut count) = (plan.clock.now(), 0);
        while plan.clock.since(began) < plan.round / 4 {
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
            count += 1;
        }
        let rate = real(count) / plan.clock.since(began).as_secs_f64();
        println!("  {rate:>8.0} appends of 4 KiB made durable a second   load {}", load());
        rates.push(rate);
    }
    println!("  = {:.0}/s (median)", median(rates));
}
