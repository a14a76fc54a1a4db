//! The house rules over this repository. A failure names every place; the rule itself is in `src/`.

use std::sync::LazyLock;

use tidy::{Complaint, Tree, edges, papers, shape, unfinished, walls};

static TREE: LazyLock<Tree> = LazyLock::new(|| Tree::of_this_repository().expect("the repository can be read"));

#[track_caller]
fn check(rule: fn(&Tree) -> Vec<Complaint>) {
    let mut complaints = rule(&TREE);
    complaints.sort();
    let lines: Vec<_> = complaints.iter().map(|complaint| format!("  {complaint}")).collect();
    assert!(lines.is_empty(), "{} broken:\n{}", lines.len(), lines.join("\n"));
}

macro_rules! house_rules {
    ($($name:ident: $rule:path;)*) => { $(
        #[test]
        fn $name() { check($rule); }
    )* };
}

house_rules! {
    crates_depend_on_what_they_may: edges::dependencies;
    connectors_and_engine_reach_nothing_by_themselves: edges::purity;
    sql_is_in_the_vault: walls::sql;
    drivers_are_named_by_the_engines: walls::drivers;
    personal_data_is_revealed_where_listed: walls::revealing;
    only_the_receiving_stage_believes_the_inbox: walls::believing;
    a_system_is_named_by_its_connector: walls::systems;
    names_say_what_is_inside: shape::names;
    every_file_says_its_idea: shape::module_docs;
    files_are_short: shape::file_lengths;
    functions_are_short: shape::function_lengths;
    nothing_is_unfinished: unfinished::code;
    no_web_test_is_switched_off: unfinished::web_tests;
    the_program_answers_instead_of_stopping: unfinished::panics;
    nothing_names_one_machine: unfinished::machine_traces;
    the_papers_are_there: papers::present;
    invariants_name_what_keeps_them: papers::invariants;
    named_files_exist: papers::named_files;
    links_lead_somewhere: papers::links;
}

#[test]
fn the_tree_was_read() {
    assert!(TREE.sources.len() > 100, "only {} Rust files were found", TREE.sources.len());
}
