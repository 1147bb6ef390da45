//! The types that more than one file may name.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::{Crate, is_for_tests, is_public};

impl Crate {
    /// The files that define a type of each name, types that only their own file can name and those
    /// for tests apart.
    pub fn shared_types(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (module, file) in &self.files {
            if self.is_module_for_tests(module) {
                continue;
            }
            let mut types = Types(Vec::new());
            types.visit_file(&file.syntax);
            for name in types.0 {
                found.entry(name).or_default().insert(file.name.clone());
            }
        }
        found
    }
}

/// Collects names of types.
struct Types(Vec<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, visibility, name) = match item {
            syn::Item::Struct(it) => (&it.attrs, &it.vis, &it.ident),
            syn::Item::Enum(it) => (&it.attrs, &it.vis, &it.ident),
            syn::Item::Union(it) => (&it.attrs, &it.vis, &it.ident),
            syn::Item::Trait(it) => (&it.attrs, &it.vis, &it.ident),
            syn::Item::Type(it) => (&it.attrs, &it.vis, &it.ident),
            syn::Item::Mod(it) if is_for_tests(&it.attrs) => return,
            _ => return visit::visit_item(self, item),
        };
        if is_public(visibility) && !is_for_tests(attributes) {
            self.0.push(name.to_string());
        }
        visit::visit_item(self, item);
    }
}
