//! Parses the bytes of a file into documents. Every key and value has its span in the text.

mod json;
pub mod letters;
mod lines;
mod looks_like;
mod stream;
mod syntax_error;
mod template;
mod text;
pub mod yaml;

pub use self::lines::LineIndex;
pub use self::stream::{Content, Document, Documents, documents};
pub use self::syntax_error::SyntaxError;
pub use self::template::template;
pub use self::text::decode;
