//! Builds a tree of JSON values from the parser's events.

use daemonset_validation::{Entry, NodeId, Span, Tree, TreeBuilder, Value};

use super::alias::{Anchor, Anchors, Cost, Target};
use super::comments::Written;
use super::deferred::{Deferred, Site};
use super::events::{Event, Events, MAX_DEPTH, Opening, Scalar};
use super::keys::{self, KeyKind, TypedEntry};
use super::merge::NonStringKeys;
use super::number::{self, Number};
use super::problem::{Fault, Problem};
use super::resolve::{self, Resolved};
use super::tag::Tag;
use crate::source::syntax_error::span;

/// A collection that has not ended yet.
#[derive(Debug)]
struct Frame<'a> {
    opening: Opening,
    /// The offset after its last child.
    end: usize,
    /// The depth of its children.
    height: usize,
    /// The cost before it.
    before: Cost,
    content: Content<'a>,
}

/// The content of a frame. Children are on a stack that all frames share.
#[derive(Debug)]
enum Content<'a> {
    Sequence { first: usize },
    Mapping { first: usize, key: Option<Key<'a>> },
}

/// A key whose value has not been read yet.
#[derive(Debug)]
enum Key<'a> {
    Plain(std::borrow::Cow<'a, str>, KeyKind, Span),
    /// `<<`
    Merge(Span),
}

/// A node, and what a mapping needs to know about it.
#[derive(Clone, Copy, Debug)]
struct Finished {
    node: NodeId,
    by_alias: bool,
    height: usize,
    end: usize,
}

/// Builds the tree.
pub(super) struct Composer<'a, 'p> {
    events: Events<'a, 'p>,
    pub(super) builder: TreeBuilder<'a>,
    frames: Vec<Frame<'a>>,
    items: Vec<NodeId>,
    pub(super) entries: Vec<TypedEntry<'a>>,
    anchors: Anchors<'a>,
    cost: Cost,
    pub(super) non_string_keys: NonStringKeys,
    deferred: Deferred,
}

impl<'a, 'p> Composer<'a, 'p> {
    /// A composer for a document of `length` bytes.
    pub(super) fn new(events: Events<'a, 'p>, length: usize) -> Self {
        Self {
            events,
            builder: TreeBuilder::with_capacity(length.wrapping_shr(4)),
            frames: Vec::with_capacity(16),
            items: Vec::with_capacity(64),
            entries: Vec::with_capacity(64),
            anchors: Anchors::default(),
            cost: Cost::default(),
            non_string_keys: NonStringKeys::default(),
            deferred: Deferred::default(),
        }
    }

    /// Reads the whole document. Where the events keep them, its scalars are returned as well.
    pub(super) fn compose(mut self) -> Result<(Tree<'a>, Vec<Written>), Fault> {
        self.count(0, 0)?;
        let mut root = None;
        loop {
            let finished = match self.events.next()? {
                Event::Scalar(scalar) => self.scalar(scalar)?,
                Event::Alias { anchor, start, end } => self.alias(anchor, start, end)?,
                Event::SequenceStart(opening) => {
                    let first = self.items.len();
                    self.open(opening, Content::Sequence { first })?;
                    None
                }
                Event::MappingStart(opening) => {
                    let first = self.entries.len();
                    self.open(opening, Content::Mapping { first, key: None })?;
                    None
                }
                Event::End { end } => self.close(end)?,
                Event::DocumentEnd => break,
            };
            if let Some(finished) = finished {
                match self.frames.last_mut() {
                    None => root = Some(finished.node),
                    Some(_) => self.place(finished)?,
                }
            }
        }
        let root = match root {
            Some(root) => root,
            None => self.builder.scalar(Value::Null, Span::default()),
        };
        let tree = self.builder.finish(root);
        self.deferred.raise(&tree)?;
        Ok((tree, self.events.scalars.unwrap_or_default()))
    }

    fn count(&mut self, start: usize, end: usize) -> Result<(), Fault> {
        self.cost.node().map_err(|problem| Fault::new(problem, start, end))
    }

    /// Whether a key comes next.
    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Mapping { key: None, .. }, .. }))
    }

    /// Whether the innermost collection is written in brackets.
    fn is_in_brackets(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.opening.flow)
    }

    /// Whether the value of a merge key comes next.
    fn awaits_merge(&self) -> bool {
        let content = self.frames.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Mapping { key: Some(Key::Merge(_)), .. }))
    }

    fn set_key(&mut self, new: Key<'a>, end: usize) {
        if let Some(Frame { content: Content::Mapping { key, .. }, end: frame_end, .. }) =
            self.frames.last_mut()
        {
            *key = Some(new);
            *frame_end = end;
        }
    }

    fn scalar(&mut self, scalar: Scalar<'a>) -> Result<Option<Finished>, Fault> {
        let Scalar { text, plain, tag, anchor, start, end } = scalar;
        let is_key = self.awaits_key();
        let is_merge_key = is_key && text == "<<" && (plain || matches!(tag, Tag::Merge | Tag::Lone));
        if is_key && self.is_in_brackets() {
            let properties = usize::from(anchor != 0).saturating_add(usize::from(tag != Tag::None));
            self.events.check_flow_key(start, end, properties)?;
        }
        let before = self.cost;
        if !is_merge_key {
            self.count(start, end)?;
        }
        self.cost.text(&text);
        let resolved =
            resolve::resolve(text, plain, tag).map_err(|problem| Fault::new(problem, start, end))?;
        let place = span(start, end);
        if anchor != 0 {
            let node = self.add_scalar(resolved.clone(), place);
            let target = Target::Scalar(node, resolved.clone());
            self.anchors.set(anchor, Anchor { target, share: self.cost.since(&before), height: 0 });
            if !is_key {
                return Ok(Some(Finished { node, by_alias: false, height: 0, end }));
            }
        }
        if is_merge_key {
            self.set_key(Key::Merge(place), end);
            return Ok(None);
        }
        if is_key {
            let (text, kind) = keys::key(resolved);
            self.set_key(Key::Plain(text, kind, place), end);
            return Ok(None);
        }
        let node = self.add_scalar(resolved, place);
        Ok(Some(Finished { node, by_alias: false, height: 0, end }))
    }

    fn add_scalar(&mut self, resolved: Resolved<'a>, place: Span) -> NodeId {
        let value = match resolved {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::String(text) => Value::String(text),
            Resolved::Number(Number::Int(text) | Number::Unsigned(text)) => Value::Number(text),
            Resolved::Number(Number::Float(value)) => match number::float_to_json(value) {
                Some(text) => Value::Number(text.into()),
                None => {
                    let node = self.builder.scalar(Value::Null, place);
                    self.deferred.add(Site::Value(node), Problem::NoJsonNumber, place);
                    return node;
                }
            },
        };
        self.builder.scalar(value, place)
    }

    fn alias(&mut self, number: usize, start: usize, end: usize) -> Result<Option<Finished>, Fault> {
        let fault = |problem| Fault::new(problem, start, end);
        let anchor = self.anchors.find(number).cloned().ok_or_else(|| fault(Problem::UnknownAlias))?;
        self.count(start, end)?;
        self.cost.alias(anchor.share).map_err(fault)?;
        if self.frames.len().saturating_add(anchor.height) > MAX_DEPTH {
            return Err(fault(Problem::TooDeep));
        }
        let is_key = self.awaits_key();
        if is_key && self.is_in_brackets() {
            self.events.check_flow_key(start, end, 0)?;
        }
        let node = match anchor.target {
            Target::Open => return Err(fault(Problem::AliasInItself)),
            Target::Collection(_) if is_key => return Err(fault(Problem::CollectionAsKey)),
            Target::Scalar(_, resolved) if is_key => {
                let (text, kind) = keys::key(resolved);
                self.set_key(Key::Plain(text, kind, span(start, end)), end);
                return Ok(None);
            }
            Target::Collection(node) | Target::Scalar(node, _) => node,
        };
        Ok(Some(Finished { node, by_alias: true, height: anchor.height, end }))
    }

    fn open(&mut self, opening: Opening, content: Content<'a>) -> Result<(), Fault> {
        let start = opening.start;
        let end = start.saturating_add(1);
        if self.awaits_key() {
            return Err(Fault::new(Problem::CollectionAsKey, start, end));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(Fault::new(Problem::TooDeep, start, end));
        }
        let before = self.cost;
        // go-yaml does not count the list of a merge key as decoded.
        if !(self.awaits_merge() && matches!(content, Content::Sequence { .. })) {
            self.count(start, end)?;
        }
        if opening.anchor != 0 {
            let share = self.cost.since(&before);
            self.anchors.set(opening.anchor, Anchor { target: Target::Open, share, height: 0 });
        }
        self.frames.push(Frame { opening, end, height: 0, before, content });
        Ok(())
    }

    fn close(&mut self, bracket: usize) -> Result<Option<Finished>, Fault> {
        let Some(frame) = self.frames.pop() else { return Ok(None) };
        let end = if frame.opening.flow { bracket.max(frame.end) } else { frame.end };
        let place = span(frame.opening.start, end);
        let node = match frame.content {
            Content::Sequence { first } => {
                let items = self.items.drain(first.min(self.items.len())..);
                self.builder.sequence(items, place)
            }
            Content::Mapping { first, .. } => self.close_mapping(first, place),
        };
        let height = frame.height.saturating_add(1);
        if frame.opening.anchor != 0 {
            let share = self.cost.since(&frame.before);
            self.anchors
                .set(frame.opening.anchor, Anchor { target: Target::Collection(node), share, height });
        }
        Ok(Some(Finished { node, by_alias: false, height, end }))
    }

    fn close_mapping(&mut self, first: usize, place: Span) -> NodeId {
        let entries = self.entries.get_mut(first..).unwrap_or_default();
        if entries.iter().any(|typed| typed.merged) {
            keys::settle_merges(&mut self.entries, first);
        } else {
            keys::flag_duplicates(entries);
        }
        let entries = self.entries.get(first..).unwrap_or_default();
        let odd = entries.iter().any(|typed| typed.kind != KeyKind::String);
        let kinds = odd.then(|| entries.iter().map(|typed| typed.kind).collect::<Vec<_>>());
        let refused = entries.iter().find_map(|typed| Some((typed.kind.refusal()?, typed.entry.key_span)));
        let entries = self.entries.drain(first.min(self.entries.len())..).map(|typed| typed.entry);
        let node = self.builder.mapping(entries, place);
        if let Some(kinds) = kinds {
            self.non_string_keys.add(node, kinds);
        }
        if let Some((problem, key)) = refused {
            self.deferred.add(Site::Mapping(node), problem, key);
        }
        node
    }

    /// Puts a finished node into the collection that is open.
    fn place(&mut self, finished: Finished) -> Result<(), Fault> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        frame.end = frame.end.max(finished.end);
        frame.height = frame.height.max(finished.height);
        let key = match &mut frame.content {
            Content::Sequence { .. } => {
                self.items.push(finished.node);
                return Ok(());
            }
            Content::Mapping { key, .. } => key.take(),
        };
        match key {
            Some(Key::Plain(key, kind, key_span)) => {
                let entry = Entry { key, key_span, value: finished.node, duplicate: false };
                self.entries.push(TypedEntry { entry, kind, merged: false });
                Ok(())
            }
            Some(Key::Merge(place)) => self.merge(finished.node, finished.by_alias, place),
            None => Ok(()),
        }
    }
}
