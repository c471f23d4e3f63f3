//! Which lines of a transcript are on the branch that was gone on with.
//!
//! A transcript is one tree or several. Where a user goes back and says something else, a line has two
//! children, and the one that leads to the last line of the tree is the one that counts. A message of
//! the model may be several lines, one for each call; they belong together, although only some of
//! them lead on.

use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

/// The lines of a transcript, by hashes of their names, so that a long one takes little memory.
#[derive(Debug, Default)]
pub(super) struct Branch {
    lines: Vec<Node>,
    by_name: HashMap<u64, usize>,
    /// The lines and messages that count; made when it is first asked for.
    kept: Option<HashSet<u64>>,
}

#[derive(Debug)]
struct Node {
    name: u64,
    parent: Option<usize>,
    /// The first line of the tree.
    root: usize,
    message: Option<u64>,
    is_said: bool,
}

impl Branch {
    /// The next line. A helper's lines are a tree of their own, wherever they hang. What nobody has
    /// said, as the progress of a call, leads nowhere.
    pub(super) fn add(
        &mut self,
        name: &str,
        parent: Option<&str>,
        message: Option<&str>,
        is_aside: bool,
        is_said: bool,
    ) {
        let name = hash(&(name, is_aside));
        let index = self.lines.len();
        let parent = parent.and_then(|parent| self.by_name.get(&hash(&(parent, is_aside))));
        let parent = parent.copied();
        let root = parent.map_or(index, |parent| self.lines[parent].root);
        // What is written down twice stays where it was.
        if self.by_name.contains_key(&name) {
            return;
        }
        self.by_name.insert(name, index);
        let message = message.map(|it| hash(&it));
        self.lines.push(Node { name, parent, root, message, is_said });
    }

    /// Whether a line is on its tree's branch, or of a message that is.
    pub(super) fn has(&mut self, name: &str, message: Option<&str>) -> bool {
        let kept = self.kept.get_or_insert_with(|| kept(&self.lines));
        let names = [hash(&(name, false)), hash(&(name, true))];
        names.iter().any(|name| kept.contains(name))
            || message.is_some_and(|message| kept.contains(&hash(&message)))
            || !names.iter().any(|name| self.by_name.contains_key(name))
    }
}

fn kept(lines: &[Node]) -> HashSet<u64> {
    let mut leaves: HashMap<usize, usize> = HashMap::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.is_said) {
        leaves.insert(line.root, index);
    }
    let mut kept = HashSet::new();
    for leaf in leaves.into_values() {
        let mut next = Some(leaf);
        // A parent is always an earlier line, so this ends.
        while let Some(index) = next {
            let line = &lines[index];
            kept.insert(line.name);
            kept.extend(line.message);
            next = line.parent;
        }
    }
    kept
}

/// The same in every run.
pub(super) fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Branch;

    fn branch(lines: &[(&str, Option<&str>, Option<&str>)]) -> Branch {
        let mut branch = Branch::default();
        for (name, parent, message) in lines {
            branch.add(name, *parent, *message, false, true);
        }
        branch
    }

    #[test]
    fn the_branch_that_leads_to_the_last_line_counts() {
        let mut branch = branch(&[
            ("a", None, None),
            ("b", Some("a"), Some("m1")),
            ("b2", Some("b"), Some("m1")),
            ("c", Some("a"), None),
            ("d", Some("c"), Some("m2")),
            // Another tree, whose parent is in another file.
            ("x", Some("elsewhere"), None),
        ]);
        let kept = ["a", "b", "b2", "c", "d", "x"].map(|name| branch.has(name, None));
        assert_eq!(kept, [true, false, false, true, true, true]);
        assert!(branch.has("nobody knows it", None));
    }

    #[test]
    fn calls_made_side_by_side_are_of_one_message() {
        // The second call does not lead on: the answer came after the first one's result.
        let mut branch = branch(&[
            ("a", None, None),
            ("call1", Some("a"), Some("m")),
            ("call2", Some("call1"), Some("m")),
            ("result2", Some("call2"), None),
            ("result1", Some("call1"), None),
            ("next", Some("result1"), None),
        ]);
        assert!(!branch.has("call2", None) && branch.has("call2", Some("m")));
    }
}
