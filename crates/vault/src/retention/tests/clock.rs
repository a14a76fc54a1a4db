//! A clock that jumps deletes nothing.

use super::*;

#[tokio::test]
async fn ten_years_at_once_delete_nothing_until_the_operator_says_so() {
    on_both(async |house| {
        let talk = talk(house).await;
        talk.says(house, "Hello").await;
        assert!(talk.sweep(house).await);
        let all = sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1");
        house.clock.advance(3_653 * DAY_MS);
        assert!(!talk.sweep(house).await, "it is not believed");
        assert!(!talk.sweep(house).await, "however often it is asked");
        assert_eq!(counted(house, &talk.scope, all).await, 1);
        let (last, _) = house.sees(&talk.scope, last).await;
        assert_eq!(last.unwrap().state, SweepState::Stopped);
        assert!(matches!(house.vault.clock_standing().await.unwrap(), Standing::Ahead { .. }));
        house.vault.confirm_clock().await.unwrap();
        assert!(talk.sweep(house).await);
        assert_eq!(counted(house, &talk.scope, all).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_put_right_again_is_believed_again() {
    let house = House::open();
    let talk = talk(&house).await;
    talk.says(&house, "Hello").await;
    assert!(talk.sweep(&house).await);
    house.clock.advance(400 * DAY_MS);
    assert!(!talk.sweep(&house).await);
    house.clock.advance(-400 * DAY_MS);
    assert!(talk.sweep(&house).await);
    let (last, _) = house.sees(&talk.scope, last).await;
    assert_eq!(last.unwrap().state, SweepState::Done);
}

#[tokio::test]
async fn a_clock_that_goes_back_does_no_harm() {
    let house = House::open();
    let talk = talk(&house).await;
    talk.keeps_messages(&house, 5).await;
    talk.says(&house, "Hello").await;
    assert!(talk.sweep(&house).await);
    house.clock.advance(-900 * DAY_MS);
    assert!(talk.sweep(&house).await);
    let all = sql!("SELECT COUNT(*) FROM messages WHERE workspace_id = $1");
    assert_eq!(counted(&house, &talk.scope, all).await, 1);
    // What was noted stays: from there, and not from the earlier moment, a step is measured.
    house.clock.advance(906 * DAY_MS);
    assert!(talk.sweep(&house).await);
    assert_eq!(counted(&house, &talk.scope, all).await, 0);
}
