//! Who is admitted, and who gives way.

use super::*;

const ONE: [u8; 4] = [10, 0, 0, 1];
const TWO: [u8; 4] = [10, 0, 0, 2];

fn connections(most: usize, of_peer: usize) -> Arc<Connections> {
    let shares = Shares { connections: of_peer, in_flight: 1, small: 1, any: 1 };
    Arc::new(Connections::new(most, shares))
}

fn admitted(connections: &Arc<Connections>, address: [u8; 4]) -> Place {
    match connections.admit(address.into()) {
        Admission::Admitted(place) => place,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_connection_pushes_out_one_that_has_stalled() {
    let connections = connections(4, 3);
    let busy = admitted(&connections, ONE);
    busy.caller().shaken(false);
    let _in_service = busy.caller().serve();
    let idle = admitted(&connections, ONE);
    idle.caller().shaken(false);
    let half_open = admitted(&connections, ONE);
    assert!(matches!(connections.admit(ONE.into()), Admission::Crowded), "none has stalled yet");
    let other = admitted(&connections, TWO);
    other.caller().shaken(false);
    drop(other.caller().serve());
    assert!(matches!(connections.admit(TWO.into()), Admission::Full));
    tokio::time::sleep(SHORT).await;
    // Handshakes first, then connections that have sent nothing, of the peer with the most; never one that answers a request.
    let first = admitted(&connections, TWO);
    half_open.caller().told().await;
    let second = admitted(&connections, TWO);
    idle.caller().told().await;
    assert!(matches!(connections.admit(TWO.into()), Admission::Crowded));
    assert!(!busy.caller().is_told() && !other.caller().is_told());
    assert_eq!(connections.count(), 6, "those that were told are still open");
    drop((half_open, idle, first, second, busy, other));
    assert_eq!(connections.count(), 0);
    assert!(connections.table().peers.is_empty());
    connections.all_closed().await;
}

#[tokio::test]
async fn a_used_connection_gives_way_only_after_a_while() {
    let connections = connections(1, 1);
    let place = admitted(&connections, ONE);
    place.caller().shaken(false);
    drop(place.caller().serve());
    tokio::time::sleep(SHORT).await;
    assert!(matches!(connections.admit(TWO.into()), Admission::Full), "its next request may be on its way");
    // The head of one that has begun and does not end.
    place.caller().heard();
    tokio::time::sleep(SHORT).await;
    let _next = admitted(&connections, TWO);
    place.caller().told().await;
}

#[tokio::test]
async fn connections_with_http2_have_a_limit_of_their_own() {
    let connections = connections(128, 128);
    let mut places: Vec<Place> = (0..2).map(|_| admitted(&connections, ONE)).collect();
    for place in &places {
        assert!(connections.admit_http2(place.caller()));
        place.caller().shaken(true);
    }
    let third = admitted(&connections, ONE);
    assert!(!connections.admit_http2(third.caller()), "a peer has half of four");
    let other = admitted(&connections, TWO);
    assert!(connections.admit_http2(other.caller()));
    tokio::time::sleep(SHORT).await;
    assert!(connections.admit_http2(third.caller()));
    let first = places.remove(0);
    first.caller().told().await;
}

#[tokio::test]
async fn idle_connections_end_whatever_they_speak() {
    let connections = connections(8, 8);
    let places: Vec<Place> = (0..4).map(|_| admitted(&connections, ONE)).collect();
    let [half_open, http2, head, busy] = &places[..] else { unreachable!() };
    http2.caller().shaken(true);
    head.caller().shaken(false);
    head.caller().heard();
    busy.caller().shaken(true);
    let in_service = busy.caller().serve();
    // What a client sends on a connection with HTTP/2, such as the answer to a ping, is no request.
    http2.caller().heard();
    let day = Duration::from_secs(86_400);
    assert_eq!(connections.sweep_after(day, day), 0);
    assert_eq!(connections.sweep_after(Duration::ZERO, day), 1);
    head.caller().told().await;
    assert_eq!(connections.sweep_after(day, Duration::ZERO), 1);
    http2.caller().told().await;
    drop(in_service);
    assert_eq!(connections.sweep_after(day, Duration::ZERO), 1);
    assert!(!half_open.caller().is_told(), "the handshake has a timeout of its own");
}
