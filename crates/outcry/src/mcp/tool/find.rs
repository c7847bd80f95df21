//! Which services are there of a name?

use serde_json::json;

use crate::ask::find;
use crate::ask::freshness::Freshness;
use crate::ask::shape::Line;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "find_service",
    title: "Find a service",
    description: "Services that are called so or alike, the most alike first, with the slug that \
                  the other tools take. A service that is not watched is not found; that says \
                  nothing about it.",
    answers: Answers::Name(answer),
};

fn answer<'a>(asking: Asking<'a>, name: &'a str) -> Answering<'a> {
    Box::pin(async move {
        let all = find::all(asking.reader).await?;
        let found = find::alike(&all.services, &name.trim().to_lowercase());
        let lines = match found.as_slice() {
            [] => vec!["No service that is watched is called so or alike.".to_owned()],
            found => found.iter().map(|it| format!("{}: {}", it.slug, it.name)).collect(),
        };
        let of = |it: &Line| json!({ "service": it.slug, "name": it.name, "aliases": it.aliases });
        let data = json!({ "services": found.iter().map(of).collect::<Vec<_>>() });
        Ok(Answer { lines, data, freshness: Freshness::of(&all.as_of, &all.freshness) })
    })
}
