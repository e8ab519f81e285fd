//! Malformed and hostile requests. Request number N of a seed is always the same.

use crate::cases::Generator;
use crate::json::Json;
use crate::random::Random;
use crate::reviews::answer::{Answer, Verdict, verdict};
use crate::reviews::mutate::{bytes, odd_number, odd_text, odd_value, structure};

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is wrong with it, in a word.
    pub kind: &'static str,
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    /// The content type, if there is one.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
    /// The uid, where the request is certainly a review.
    pub uid: Option<String>,
}

/// Makes requests.
#[derive(Debug)]
pub struct Hostile {
    generator: Generator,
    seed: u64,
}

const CONTENT_TYPES: &[Option<&str>] = &[
    None,
    Some(""),
    Some("text/plain"),
    Some("application/yaml"),
    Some("application/json; charset=utf-16"),
    Some("application/json;;;=\""),
    Some("application/vnd.kubernetes.protobuf"),
    Some("multipart/form-data; boundary=x"),
    Some("application/apply-patch+yaml"),
    Some("*/*"),
    Some("json"),
];

const TARGETS: &[&str] = &[
    "/validate?timeout=0s",
    "/validate?timeout=-5s",
    "/validate?timeout=",
    "/validate?timeout=NaN",
    "/validate?timeout=99999999999999999999s",
    "/validate?timeout=1e9s",
    "/validate?timeout=1h1m1s1ms1us1ns",
    "/validate?timeout=3s&timeout=1s",
    "/validate?%00",
    "/validate?timeout=%F0%9F%92%A5",
    "/validate/",
    "/validate/a/b/c?timeout=3s",
    "/validate/../validate",
    "/validate%2f",
    "//validate",
    "/",
    "/metrics",
    "/validate?timeout=1ns",
];

const METHODS: &[&str] = &["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

impl Hostile {
    /// The stream of a seed, for the minor at this position of the supported ones.
    pub fn new(minor: usize, seed: u64) -> Self {
        Self { generator: Generator::new(minor, Vec::new()), seed }
    }

    /// Request number `number`.
    pub fn request(&self, number: u64) -> Request {
        let mut random = Random::of_case(self.seed ^ 0x5EED_0FB0_D1E5, number);
        let random = &mut random;
        let case = self.generator.case(self.seed, number);
        let uid = format!("{:08x}-0000-4000-8000-{number:012x}", self.seed & 0xffff_ffff);
        let operation = match (&case.old, random.below(20)) {
            (_, 0) => "DELETE",
            (_, 1) => "CONNECT",
            (Some(_), _) => "UPDATE",
            (None, _) => "CREATE",
        };
        let review = review(&uid, operation, case.document, case.old);
        let mut request = Request {
            kind: "a DaemonSet with mistakes",
            method: "POST",
            target: "/validate?timeout=10s".to_owned(),
            content_type: Some("application/json"),
            body: Vec::new(),
            uid: Some(uid),
        };
        self.damage(review, &mut request, random);
        request
    }

    fn damage(&self, mut review: Json, request: &mut Request, random: &mut Random) {
        let whole = random.below(10_000);
        // The large ones are few: a million of them would be terabytes.
        match whole {
            0..2 => return enormous(&review, request, random),
            2..60 => return deep(&review, request, random),
            _ => {}
        }
        match random.below(100) {
            0..30 => {}
            30..60 => {
                request.kind = "a damaged structure";
                request.uid = None;
                // Mostly inside the objects: what is wrong outside of them is refused at once.
                let place: &[&str] = match random.below(10) {
                    0..5 => &["request", "object"],
                    5..7 => &["request", "object", "spec", "template", "spec"],
                    7 => &["request", "oldObject"],
                    _ => &[],
                };
                for _ in 0..=random.below(3) {
                    if let Some(part) = review.at_mut(place) {
                        structure(part, random);
                    }
                }
            }
            60..66 => {
                request.kind = "an odd uid";
                request.uid = None;
                let uid = odd_value(random);
                if let Some(inner) = review.get_mut("request") {
                    if random.percent(20) { inner.remove("uid") } else { inner.set("uid", uid) }
                }
            }
            66..72 => {
                request.kind = "an odd object";
                request.uid = None;
                let value = if random.percent(50) { Json::Null } else { odd_value(random) };
                let key = ["object", "oldObject", "operation", "kind", "options", "userInfo", "resource"];
                if let Some(inner) = review.get_mut("request") {
                    inner.set(random.pick(&key).copied().unwrap_or("object"), value);
                }
            }
            72..75 => {
                request.kind = "an odd content type";
                request.uid = None;
                request.content_type = random.pick(CONTENT_TYPES).copied().flatten();
            }
            75..77 => {
                request.kind = "an odd address";
                request.uid = None;
                request.target = random.pick(TARGETS).copied().unwrap_or("/").to_owned();
            }
            77..79 => {
                request.kind = "an odd method";
                request.uid = None;
                request.method = random.pick(METHODS).copied().unwrap_or("GET");
            }
            79..82 => {
                request.kind = "an odd beginning or end";
                request.uid = None;
                write(&review, &mut request.body);
                match random.below(6) {
                    0 => request.body.clear(),
                    1 => request.body = vec![b' '; random.below(5000)],
                    2 => request.body.extend_from_slice(odd_text(random).as_bytes()),
                    3 => request.body.extend_from_within(..),
                    4 => request.body.extend(odd_number(random).bytes()),
                    _ => {
                        request.body.splice(0..0, *b"\xef\xbb\xbf");
                    }
                }
                return;
            }
            _ => {
                request.kind = "damaged bytes";
                request.uid = None;
                write(&review, &mut request.body);
                bytes(&mut request.body, random);
                return;
            }
        }
        write(&review, &mut request.body);
    }
}

fn write(review: &Json, out: &mut Vec<u8>) {
    let mut text = String::new();
    review.write(&mut text);
    *out = text.into_bytes();
}

/// A text or a whole body of megabytes, some of them more than any webhook has to take.
fn enormous(review: &Json, request: &mut Request, random: &mut Random) {
    request.kind = "enormous";
    request.uid = None;
    let size = (1 << 20) + random.below(9 << 20);
    let mut review = review.clone();
    match random.below(4) {
        0 => {
            request.body = vec![b"{[ \"9"[random.below(5)]; size];
            return;
        }
        1 => {
            if let Some(inner) = review.get_mut("request") {
                inner.set("uid", Json::String("u".repeat(size)));
            }
        }
        2 => {
            if let Some(object) = review.at_mut(&["request", "object"]) {
                object.set("x", Json::String("\u{1}".repeat(size / 6)));
            }
        }
        _ => {
            if let Some(object) = review.at_mut(&["request", "object", "metadata"]) {
                let labels = (0..size / 24).map(|number| (format!("l{number}"), Json::text("v"))).collect();
                object.set("labels", Json::Map(labels));
            }
        }
    }
    write(&review, &mut request.body);
}

/// Nesting up to 100,000 levels, alone or somewhere inside.
fn deep(review: &Json, request: &mut Request, random: &mut Random) {
    request.kind = "deep";
    request.uid = None;
    let levels = [100, 127, 128, 129, 1000, 10_000, 100_000][random.below(7)];
    let (open, middle, close) =
        [("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"spec\":", "null", "}]")][random.below(3)];
    let mut nested = open.repeat(levels);
    if random.percent(80) {
        nested.push_str(middle);
        nested.push_str(&close.repeat(levels));
    }
    if random.percent(30) {
        request.body = nested.into_bytes();
        return;
    }
    let mut review = review.clone();
    let places: &[&[&str]] = &[
        &["request", "object"],
        &["request", "object", "spec"],
        &["request", "object", "metadata"],
        &["request", "options"],
        &["request", "userInfo"],
        &["request"],
        &[],
    ];
    // A number is written as its text is, so it can carry anything.
    let place = random.pick(places).copied().unwrap_or_default();
    if let Some(parent) = review.at_mut(place) {
        if random.percent(50) {
            parent.set("labels", Json::Number(nested));
        } else {
            *parent = Json::Number(nested);
        }
    }
    write(&review, &mut request.body);
}

fn review(uid: &str, operation: &str, object: Json, old: Option<Json>) -> Json {
    let map = |entries: &[(&str, &str)]| {
        Json::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), Json::text(value))).collect())
    };
    let kind = map(&[("group", "apps"), ("version", "v1"), ("kind", "DaemonSet")]);
    let resource = map(&[("group", "apps"), ("version", "v1"), ("resource", "daemonsets")]);
    let (object, old) = match operation {
        "DELETE" => (Json::Null, Some(object)),
        _ => (object, old),
    };
    let request = vec![
        ("uid", Json::text(uid)),
        ("kind", kind.clone()),
        ("resource", resource.clone()),
        ("requestKind", kind),
        ("requestResource", resource),
        ("name", Json::text("agent")),
        ("namespace", Json::text("monitoring")),
        ("operation", Json::text(operation)),
        ("userInfo", map(&[("username", "someone")])),
        ("object", object),
        ("oldObject", old.unwrap_or(Json::Null)),
        ("dryRun", Json::Bool(false)),
        ("options", map(&[("kind", "CreateOptions"), ("apiVersion", "meta.k8s.io/v1")])),
    ];
    let owned = |entries: Vec<(&str, Json)>| {
        Json::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    owned(vec![
        ("kind", Json::text("AdmissionReview")),
        ("apiVersion", Json::text("admission.k8s.io/v1")),
        ("request", owned(request)),
    ])
}

/// What is wrong with an answer, if anything: it must be an AdmissionReview that kube-apiserver accepts, or a 4xx.
pub fn fault(request: &Request, answer: &Answer) -> Option<String> {
    match answer.status {
        200 => {}
        400..500 => return None,
        status => return Some(format!("status {status}")),
    }
    let uid = match &request.uid {
        Some(uid) => uid.clone(),
        // Whatever the request was, the answer names the uid that it read there, or could not have been made.
        None => {
            uid_of(&request.body, "request").or_else(|| uid_of(&answer.body, "response")).unwrap_or_default()
        }
    };
    if answer.content_type != "application/json" {
        return Some(format!("content type {}", answer.content_type));
    }
    match verdict(answer, uid.as_bytes()) {
        Verdict::Failed(why) => Some(why),
        _ => None,
    }
}

fn uid_of(body: &[u8], half: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    Some(value.get(half)?.get("uid")?.as_str()?.to_owned())
}

/// A request as HTTP/1.1 has it, with a length or in chunks.
pub fn text(request: &Request, chunked: bool) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method, request.target);
    if let Some(content_type) = request.content_type {
        text.push_str(&format!("Content-Type: {content_type}\r\n"));
    }
    if !chunked {
        text.push_str(&format!("Content-Length: {}\r\n\r\n", request.body.len()));
        let mut text = text.into_bytes();
        text.extend_from_slice(&request.body);
        return text;
    }
    text.push_str("Transfer-Encoding: chunked\r\n\r\n");
    let mut text = text.into_bytes();
    for part in request.body.chunks(1 + request.body.len() / 5) {
        text.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        text.extend_from_slice(part);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"0\r\n\r\n");
    text
}
