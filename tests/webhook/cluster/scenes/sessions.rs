//! Recorded sessions with kubectl. The chart is upgraded with a session's `values.yaml` first; the objects of a session are deleted after
//! it.

use std::path::PathBuf;

use daemonset_tests::session::{Session, split};
use daemonset_tests::{root, update};
use serde_json::{Value, json};

use crate::check::Outcome;
use crate::world::{TRIED, World};

/// Plays every session.
pub async fn play(world: &mut World) -> Result<(), String> {
    let folder = root().join("tests/webhook/cluster/sessions");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == "txt"))
        .collect();
    files.sort();
    world.install(&json!({})).await?;
    world.settled().await?;
    let mut values = Value::Null;
    for path in files {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let outcome = session(world, &path, &mut values).await;
        world.checks.note(&format!("session {name}"), outcome);
        clear(world).await?;
    }
    Ok(())
}

async fn session(world: &World, path: &PathBuf, values: &mut Value) -> Outcome {
    let recorded = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let session = Session::parse(&recorded);
    let wanted = match session.file("values.json") {
        Some(text) => serde_json::from_str(text).map_err(|error| format!("values.json: {error}"))?,
        None => json!({}),
    };
    if *values != wanted {
        world.upgrade(&wanted).await?;
        world.settled().await?;
        // A changed config reaches running pods by their mount, which is compared every second; the webhook looks as often.
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        *values = wanted;
    }
    let folder = world.folder.join("session");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    session.write_files(&folder).map_err(|error| error.to_string())?;
    let text = tokio::task::block_in_place(|| session.run_with(|command| execute(world, &folder, command)));
    let commands = text.lines().filter(|line| line.starts_with("$ ")).count();
    if text == recorded {
        return Ok(format!("{commands} commands print what is recorded"));
    }
    if update() {
        std::fs::write(path, &text).map_err(|error| error.to_string())?;
        return Ok(format!("{commands} commands recorded"));
    }
    let differs = recorded.lines().zip(text.lines()).find(|(before, now)| before != now);
    let (before, now) = differs.unwrap_or(("(its length)", "(its length)"));
    Err(format!("differs\n    recorded: {before}\n    now:      {now}"))
}

/// Runs one command of a session: kubectl or the product's own.
fn execute(world: &World, folder: &PathBuf, command: &str) -> (u8, String, String) {
    let words = split(command);
    let mut process = match words.first().map(String::as_str) {
        Some("kubectl") => {
            let mut process = std::process::Command::new(&world.control_plane);
            process.arg("kubectl").arg("--namespace").arg(TRIED);
            process
        }
        Some("daemonset-webhook") => std::process::Command::new(&world.program),
        _ => return (127, String::new(), format!("{command}: a session runs kubectl or daemonset-webhook")),
    };
    process
        .args(words.iter().skip(1))
        .env("KUBECONFIG", &world.kubeconfig)
        .env("HOME", folder)
        .current_dir(folder);
    // People read at most 80 columns; a pipe has none.
    match process.stdin(std::process::Stdio::null()).output() {
        Ok(output) => (
            output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ),
        Err(error) => (127, String::new(), error.to_string()),
    }
}

/// Deletes the DaemonSets that a session left, with their finalizers.
async fn clear(world: &World) -> Result<(), String> {
    let path = format!("/apis/apps/v1/namespaces/{TRIED}/daemonsets");
    for daemon_set in world.api.list(&path).await? {
        let name = daemon_set["metadata"]["name"].as_str().unwrap_or_default();
        let own = format!("{path}/{name}");
        world.api.merge(&own, &json!({ "metadata": { "finalizers": null } })).await?;
        world.api.delete(&own, None).await?;
    }
    crate::api::until("the tried DaemonSets go", std::time::Duration::from_secs(20), async || {
        let left = world.api.list(&format!("/api/v1/namespaces/{TRIED}/pods")).await?.len()
            + world.api.list(&path).await?.len();
        if left == 0 { Ok(Some(())) } else { Err(format!("{left} objects are left")) }
    })
    .await
}
