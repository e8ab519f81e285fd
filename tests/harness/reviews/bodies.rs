//! The bodies of realistic reviews, each with its own uid.

use std::path::PathBuf;

const BUILT_IN: [&str; 2] = [
    include_str!("../../bench/webhook/reviews/create.json"),
    include_str!("../../bench/webhook/reviews/update.json"),
];
const UID: &str = "00000000-0000-4000-8000-000000000000";

/// Behind this, in a container's image, eight letters can be any.
const IMAGE: &str = "\"image\":\"registry.example.com/";

/// A review without spaces, and where its uid and the image of its object are.
struct Template {
    text: Vec<u8>,
    uid: usize,
    image: Option<usize>,
}

/// Makes bodies: review number N is always the same.
pub struct Bodies {
    templates: Vec<Template>,
    seed: u32,
    fresh_specs: bool,
}

/// The uid of one review.
pub type Uid = [u8; UID.len()];

impl Bodies {
    /// The built-in reviews, or those of the files.
    pub fn new(files: &[PathBuf], seed: u32) -> Result<Self, String> {
        let mut texts = Vec::new();
        for file in files {
            texts.push(
                std::fs::read_to_string(file)
                    .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
            );
        }
        if texts.is_empty() {
            texts.extend(BUILT_IN.map(str::to_owned));
        }
        let templates = texts.iter().map(|text| template(text)).collect::<Result<_, _>>()?;
        Ok(Self { templates, seed, fresh_specs: false })
    }

    /// From now on no spec is sent twice: each has another image. The object that is stored stays the same.
    pub fn with_fresh_specs(mut self) -> Result<Self, String> {
        if self.templates.iter().any(|template| template.image.is_none()) {
            return Err(format!("a review has no {IMAGE}, so its spec cannot be made another"));
        }
        self.fresh_specs = true;
        Ok(self)
    }

    /// The mean size in bytes.
    pub fn mean(&self) -> usize {
        self.templates.iter().map(|template| template.text.len()).sum::<usize>() / self.templates.len().max(1)
    }

    /// How long the body of review `number` is.
    pub fn length(&self, number: u64) -> usize {
        self.template(number).text.len()
    }

    /// Appends the body of review `number` and gives its uid.
    pub fn append(&self, number: u64, out: &mut Vec<u8>) -> Uid {
        let template = self.template(number);
        let body = out.len();
        out.extend_from_slice(&template.text);
        let body = &mut out[body..];
        let uid = self.uid(number);
        body[template.uid..][..uid.len()].copy_from_slice(&uid);
        if let Some(image) = template.image.filter(|_| self.fresh_specs) {
            write_hex(number.wrapping_add(u64::from(self.seed) << 28), &mut body[image..image + 8]);
        }
        uid
    }

    fn template(&self, number: u64) -> &Template {
        &self.templates[usize::try_from(number).unwrap_or(0) % self.templates.len()]
    }

    fn uid(&self, number: u64) -> Uid {
        let mut uid = [0; UID.len()];
        uid.copy_from_slice(UID.as_bytes());
        write_hex(u64::from(self.seed), &mut uid[..8]);
        write_hex(number, &mut uid[24..]);
        uid
    }
}

fn write_hex(mut value: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
    }
}

fn template(text: &str) -> Result<Template, String> {
    let text = compact(text);
    let uid = match text.find(UID) {
        Some(place) => place,
        None => {
            let key = "\"request\":{\"uid\":\"";
            let place = text.find(key).ok_or("a review must begin its request with a uid")?;
            place + key.len()
        }
    };
    if text.len() < uid + UID.len() {
        return Err("a review must have a uid of 36 characters".to_owned());
    }
    let image = text.find(IMAGE).map(|place| place + IMAGE.len()).filter(|place| place + 8 < text.len());
    Ok(Template { text: text.into_bytes(), uid, image })
}

/// The text without the spaces between its tokens: kube-apiserver sends none.
fn compact(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::with_capacity(text.len()), false, false);
    for letter in text.chars() {
        if !quoted && letter.is_ascii_whitespace() {
            continue;
        }
        if letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && letter == '\\' && !escaped;
        out.push(letter);
    }
    out
}
