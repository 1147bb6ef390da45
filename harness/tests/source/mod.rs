//! The project's own source, parsed: its functions, and which file imports which.

#![allow(
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "tests may"
)]

mod imports;
mod types;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A crate of the workspace.
pub struct Crate {
    /// Its files, by the path of the module that each holds.
    files: BTreeMap<Vec<String>, File>,
}

/// One file.
struct File {
    /// Its path from the root of the project.
    name: String,
    syntax: syn::File,
}

/// A function that is no test.
pub struct Function {
    /// `file::function`, or `file::Type::function`.
    pub name: String,
    pub lines: usize,
    pub arguments: usize,
    pub takes_a_flag: bool,
    pub is_public: bool,
}

impl Crate {
    /// The five crates.
    pub fn all() -> Vec<Self> {
        ["checker", "harness", "results", "targets", "workloads"].map(Self::read).into()
    }

    fn read(folder: &str) -> Self {
        let root = Path::new(ROOT).join(folder).join("src");
        let mut files = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(inside) = folders.pop() {
            for entry in std::fs::read_dir(&inside).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let syntax = syn::parse_file(&text).unwrap();
                    let inside = path.strip_prefix(&root).unwrap();
                    let name = format!("{folder}/src/{}", inside.display());
                    files.insert(module(inside), File { name, syntax });
                }
            }
        }
        Self { files }
    }

    /// Every function that is no test.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for file in self.files.values() {
            let mut visitor = Functions { within: file.name.clone(), found: &mut found };
            visitor.visit_file(&file.syntax);
        }
        found
    }
}

/// The path of the module in a file.
fn module(file: &Path) -> Vec<String> {
    let stem: PathBuf = file.with_extension("");
    let mut path: Vec<String> =
        stem.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

/// Whether an item is there for tests only.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| {
        let path = it.path();
        path.is_ident("test")
            || path.is_ident("cfg")
                && it.parse_args::<syn::Path>().is_ok_and(|option| option.is_ident("test"))
    })
}

/// Collects functions.
struct Functions<'a> {
    within: String,
    found: &'a mut Vec<Function>,
}

impl Functions<'_> {
    fn take(&mut self, is_public: bool, signature: &syn::Signature, whole: proc_macro2::Span) {
        let typed = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => Some(&*typed.ty),
            syn::FnArg::Receiver(_) => None,
        });
        let is_flag =
            |ty: &syn::Type| matches!(ty, syn::Type::Path(it) if it.path.is_ident("bool"));
        let begins = signature.fn_token.span().start().line;
        self.found.push(Function {
            name: format!("{}::{}", self.within, signature.ident),
            lines: whole.end().line + 1 - begins,
            arguments: typed.clone().count(),
            takes_a_flag: typed.clone().any(is_flag),
            is_public,
        });
    }

    fn within(&mut self, name: &str, visit: impl FnOnce(&mut Self)) {
        let outside = format!("{}::{name}", self.within);
        let outside = std::mem::replace(&mut self.within, outside);
        visit(self);
        self.within = outside;
    }
}

fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            self.take(is_public(&item.vis), &item.sig, item.span());
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let name = match &*item.self_ty {
            syn::Type::Path(ty) => ty.path.segments.last().unwrap().ident.to_string(),
            _ => "impl".to_owned(),
        };
        self.within(&name, |functions| visit::visit_item_impl(functions, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.take(is_public(&item.vis), &item.sig, item.span());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.within(&item.ident.to_string(), |functions| visit::visit_item_trait(functions, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.take(true, &item.sig, item.span());
    }
}
