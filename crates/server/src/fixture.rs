//! What tests of several files start from.

use outcry_core::catalog::Service;

/// X, with two components and one problem.
pub fn service() -> Service {
    Service {
        slug: "x".into(),
        name: "X".into(),
        aliases: Vec::new(),
        category: "social".into(),
        countries: Vec::new(),
        domains: Vec::new(),
        components: vec!["mobile_app".into(), "web".into()],
        problems: vec!["slow".into()],
        notices: None,
        asns: Vec::new(),
        depends_on: Vec::new(),
    }
}
