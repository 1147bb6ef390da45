//! Which file imports which, and where imports form a cycle.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::{Crate, is_for_tests};

type Module = Vec<String>;

/// Nodes, and where each leads.
type Graph<N> = BTreeMap<N, BTreeSet<N>>;

/// What a file says of names: where each comes from, and which it uses.
#[derive(Default)]
struct Names {
    /// Names that a `use` brings in, with the paths they stand for, from the crate's root.
    bound: BTreeMap<String, Module>,
    /// Every path that is named, from the crate's root.
    used: BTreeSet<Module>,
}

impl Crate {
    /// The modules side by side that import each other, with all that is inside them, each circle
    /// sorted by name. What is there for tests only does not count.
    pub fn circles_of_rooms(&self) -> Vec<Vec<String>> {
        let mut levels: BTreeMap<&[String], Graph<String>> = BTreeMap::new();
        for (from, others) in self.imports() {
            for to in others {
                let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
                if let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) {
                    let level = levels.entry(&from[..shared]).or_default();
                    level.entry(other.clone()).or_default();
                    level.entry(one.clone()).or_default().insert(other.clone());
                }
            }
        }
        let mut found = Vec::new();
        for (level, graph) in levels {
            let inside = self.place(level);
            let name = |room: &String| format!("{inside}/{room}");
            found.extend(circles(&graph).iter().map(|circle| circle.iter().map(name).collect()));
        }
        found
    }

    /// Each room at the top and those that it imports, what is there for tests only apart.
    pub fn top_rooms(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, others) in self.imports() {
            let Some(room) = from.first() else { continue };
            let imported = rooms.entry(room.clone()).or_default();
            imported.extend(others.iter().filter_map(|to| to.first().cloned()));
            imported.remove(room);
        }
        rooms
    }

    /// The imports between different ones of these rooms, each as `from -> to`.
    pub fn imports_between(&self, rooms: &[String]) -> Vec<String> {
        let room = |module: &Module| {
            let place = self.place(module);
            rooms.iter().find(|&it| place == *it || place.starts_with(&format!("{it}/")))
        };
        let mut found = Vec::new();
        for (from, others) in self.imports() {
            let apart = |to: &&&Module| room(from).zip(room(to)).is_some_and(|(a, b)| a != b);
            let told = |to: &Module| format!("{} -> {}", self.place(from), self.place(to));
            found.extend(others.iter().filter(apart).map(|to| told(to)));
        }
        found
    }

    /// A module as a path from the root of the project.
    fn place(&self, module: &[String]) -> String {
        let root = &self.files[&Vec::new()].name;
        let root = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        [&[root.to_owned()], module].concat().join("/")
    }

    /// Whether a module, or one that it is in, is declared for tests only.
    pub(super) fn is_module_for_tests(&self, module: &[String]) -> bool {
        (0..module.len()).any(|depth| {
            let items = self.files.get(&module[..depth]).map(|file| file.syntax.items.iter());
            items.into_iter().flatten().any(|item| match item {
                syn::Item::Mod(it) => it.ident == module[depth] && is_for_tests(&it.attrs),
                _ => false,
            })
        })
    }

    /// Which file imports which others.
    fn imports(&self) -> Graph<&Module> {
        let names: BTreeMap<&Module, Names> = self
            .files
            .iter()
            .filter(|(module, _)| !self.is_module_for_tests(module))
            .map(|(module, file)| (module, self.names(module, &file.syntax)))
            .collect();
        let mut imports = Graph::new();
        for (&module, said) in &names {
            let from = said.used.iter().filter_map(|path| self.home(&names, path, 0));
            imports.insert(module, from.filter(|&other| other != module).collect());
        }
        imports
    }

    fn names(&self, module: &Module, syntax: &syn::File) -> Names {
        let mut visitor = Imports { of: self, module: module.clone(), names: Names::default() };
        visitor.visit_file(syntax);
        visitor.names
    }

    /// The module whose file defines what `path` names, through any re-exports.
    fn home<'a>(
        &'a self,
        names: &BTreeMap<&'a Module, Names>,
        path: &[String],
        depth: usize,
    ) -> Option<&'a Module> {
        let (mut at, _) = self.files.get_key_value(&Vec::new())?;
        for (place, part) in path.iter().enumerate() {
            let mut inner = at.clone();
            inner.push(part.clone());
            if let Some((module, _)) = self.files.get_key_value(&inner) {
                at = module;
                continue;
            }
            let said = &names[at];
            let rest = &path[place + 1..];
            if depth < 8
                && let Some(bound) = said.bound.get(part)
            {
                let whole: Module = bound.iter().chain(rest).cloned().collect();
                return self.home(names, &whole, depth + 1);
            }
            return Some(at);
        }
        Some(at)
    }
}

/// The sets of nodes that reach each other (strongly connected components).
fn circles<N: Clone + Ord>(graph: &Graph<N>) -> BTreeSet<BTreeSet<N>> {
    let reached: Graph<N> = graph.keys().map(|it| (it.clone(), reach(graph, it))).collect();
    let circle = |(node, there): (&N, &BTreeSet<N>)| -> BTreeSet<N> {
        there.iter().filter(|&other| reached[other].contains(node)).cloned().collect()
    };
    reached.iter().map(circle).filter(|circle| !circle.is_empty()).collect()
}

fn reach<N: Clone + Ord>(graph: &Graph<N>, from: &N) -> BTreeSet<N> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&N> = graph[from].iter().collect();
    while let Some(node) = open.pop() {
        if seen.insert(node.clone()) {
            open.extend(&graph[node]);
        }
    }
    seen
}

/// Collects what a file imports.
struct Imports<'a> {
    of: &'a Crate,
    module: Module,
    names: Names,
}

impl Imports<'_> {
    /// A path from the crate's root, or nothing if it leads out of the crate.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let mut rest = path.iter().peekable();
        let mut at = self.module.clone();
        match rest.peek()?.as_str() {
            "crate" => {
                at.clear();
                rest.next();
            }
            "self" => {
                rest.next();
            }
            "super" => {
                while rest.next_if(|part| *part == "super").is_some() {
                    at.pop()?;
                }
            }
            child => {
                let mut inner = at.clone();
                inner.push(child.to_owned());
                self.of.files.contains_key(&inner).then_some(())?;
            }
        }
        at.extend(rest.cloned());
        Some(at)
    }

    fn bring(&mut self, before: &[String], tree: &syn::UseTree) {
        let longer = |part: &syn::Ident| [before, &[part.to_string()]].concat();
        match tree {
            syn::UseTree::Path(it) => self.bring(&longer(&it.ident), &it.tree),
            syn::UseTree::Group(it) => it.items.iter().for_each(|tree| self.bring(before, tree)),
            syn::UseTree::Name(it) if it.ident == "self" => {
                let name = before.last().cloned().unwrap_or_default();
                self.bind(before, name);
            }
            syn::UseTree::Name(it) => self.bind(&longer(&it.ident), it.ident.to_string()),
            syn::UseTree::Rename(it) => self.bind(&longer(&it.ident), it.rename.to_string()),
            syn::UseTree::Glob(_) => {
                if let Some(path) = self.absolute(before) {
                    self.names.used.insert(path);
                }
            }
        }
    }

    fn bind(&mut self, path: &[String], name: String) {
        if let Some(path) = self.absolute(path) {
            self.names.used.insert(path.clone());
            self.names.bound.insert(name, path);
        }
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(it) => &it.attrs,
            syn::Item::Fn(it) => &it.attrs,
            syn::Item::Use(it) => &it.attrs,
            syn::Item::Impl(it) => &it.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.bring(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
        if parts.len() > 1
            && let Some(path) = self.absolute(&parts)
        {
            self.names.used.insert(path);
        }
        visit::visit_path(self, path);
    }
}
