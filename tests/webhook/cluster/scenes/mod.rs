//! The scenes in their order. Each installs the chart and leaves nothing behind.

mod dead;
mod install;
mod mutual;
mod overload;
mod refused;
mod rights;
mod rollout;
mod rotation;
mod same;
mod sessions;
mod storm;
mod swap;
mod uninstall;

use crate::world::World;
pub use storm::{PODS, attack};

/// Plays the scenes whose names hold one of the words.
pub async fn play(world: &mut World, words: &[String]) {
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    macro_rules! scene {
        ($name:literal, $play:path) => {
            if chosen($name) {
                world.checks.say(concat!("scene: ", $name));
                if let Err(error) = $play(world).await {
                    let logs = world.logs();
                    world.checks.note(concat!("scene ", $name), Err(format!("{error}\n{logs}")));
                }
                world.kubelet.fault(crate::kubelet::Fault::None);
                if let Err(error) = world.remove().await {
                    world.checks.note(concat!("scene ", $name, " is cleared away"), Err(error));
                }
            }
        };
    }
    scene!("install", install::play);
    scene!("same", same::play);
    scene!("refused", refused::play);
    scene!("sessions", sessions::play);
    scene!("dead", dead::play);
    scene!("rollout", rollout::play);
    scene!("swap", swap::play);
    scene!("rotation", rotation::play);
    scene!("mutual", mutual::play);
    scene!("overload", overload::play);
    scene!("rights", rights::play);
    scene!("uninstall", uninstall::play);
    // It takes minutes, so it is played only where it is asked for.
    if storm::wanted(words) {
        scene!("storm", storm::play);
    }
}
