//! `--explain` without `--nodes` asks the cluster of the kubeconfig. The cluster here is a few answers of an API server on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use daemonset_lint::{Io, Terminal};
use daemonset_tests::root;

/// A server that answers every request by `answer(path)` with a status and a JSON body, until the test ends.
fn serve(answer: fn(&str) -> (u16, String)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || talk(stream, answer));
        }
    });
    port
}

fn talk(stream: TcpStream, answer: fn(&str) -> (u16, String)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap_or(0) > 0 && header.trim() != "" {
            header.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, body) = answer(&path);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn kubeconfig(folder: &tempfile::TempDir, port: u16) -> PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         clusters: [{{ name: here, cluster: {{ server: \"http://127.0.0.1:{port}\" }} }}]\n\
         users: [{{ name: me, user: {{}} }}]\n\
         contexts: [{{ name: here, context: {{ cluster: here, user: me }} }}]\n"
    );
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, text).unwrap();
    path
}

fn explain(answer: fn(&str) -> (u16, String), more: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = kubeconfig(&folder, serve(answer));
    let manifest = root().join("tests/tutorial/nginx-node-affinity.yaml");
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut arguments = vec!["daemonset-lint", "--explain", "--kubeconfig", kubeconfig.to_str().unwrap()];
    arguments.extend(more);
    arguments.push(manifest.to_str().unwrap());
    let io = &mut Io {
        stdin: &mut &b""[..],
        stdout: &mut stdout,
        stderr: &mut stderr,
        terminal: Terminal::default(),
    };
    let code = daemonset_lint::run(arguments.iter().map(|word| word.into()), io);
    (code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn node(name: &str, labels: &str) -> String {
    format!(r#"{{"metadata":{{"name":"{name}","labels":{{{labels}}}}},"spec":{{}},"status":{{}}}}"#)
}

#[test]
fn nodes_are_read_page_by_page() {
    let (code, stdout, stderr) = explain(
        |path| {
            let (first, last) = (node("green", r#""color":"green""#), node("plain", ""));
            let body = if path.starts_with("/api/v1/pods") {
                r#"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"p"}}]}"#
                    .to_owned()
            } else if path.contains("continue=more") {
                format!(r#"{{"kind":"NodeList","apiVersion":"v1","metadata":{{}},"items":[{last}]}}"#)
            } else {
                format!(
                    r#"{{"kind":"NodeList","apiVersion":"v1","metadata":{{"continue":"more"}},"items":[{first}]}}"#
                )
            };
            (200, body)
        },
        &["--format", "json"],
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["cluster"], serde_json::json!({ "source": "context", "nodes": 2, "pods": 1 }));
    assert_eq!(report["daemonSets"][0]["nodes"][0]["verdict"], "runs");
    assert_eq!(report["daemonSets"][0]["nodes"][1]["verdict"], "notWanted");
}

#[test]
fn a_refusal_names_the_missing_right() {
    let (code, _, stderr) = explain(
        |_| {
            let status = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"nodes is forbidden: User \"me\" cannot list resource \"nodes\"","reason":"Forbidden","code":403}"#;
            (403, status.to_owned())
        },
        &[],
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("verb list") && stderr.contains("cannot list resource"), "{stderr}");
}

#[test]
fn a_context_that_is_not_there_is_said_so() {
    let (code, _, stderr) = explain(|_| (500, String::new()), &["--context", "elsewhere"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("elsewhere"), "{stderr}");
}
