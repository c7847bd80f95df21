//! What is in trouble now? Over all services, worst first.

use serde_json::json;

use crate::ask::find;
use crate::ask::freshness::Freshness;
use crate::ask::shape::Line;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// Services that are told at most.
const TOLD_MAX: usize = 20;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "what_is_in_trouble",
    title: "What is in trouble now?",
    description: "All services that are in trouble now, worst first, with how many times the usual \
                  number of reports each has. Several at once need not have one cause.",
    answers: Answers::All(answer),
};

fn answer(asking: Asking<'_>) -> Answering<'_> {
    Box::pin(async move {
        let all = find::all(asking.reader).await?;
        let watched = all.services.len();
        let list = find::worst_first(&all.services);
        let mut lines = vec![match list.len() {
            0 => format!("No trouble is seen at any of {watched} services. Silence is not health."),
            1 => format!("One of {watched} services is in trouble."),
            n => format!("{n} of {watched} services are in trouble."),
        }];
        let told = &list[..list.len().min(TOLD_MAX)];
        lines.extend(told.iter().map(|line| {
            let times = line.times_usual.map_or_else(String::new, |it| {
                format!(", {} times the usual reports", asking.words.multiple(it))
            });
            format!("{} ({}): {}{times}", line.name, line.slug, word(line))
        }));
        if list.len() > told.len() {
            lines.push(format!("{} more are left out here.", list.len() - told.len()));
        }
        let of = |line: &&Line| {
            json!({
                "service": line.slug, "name": line.name, "state": line.state,
                "times_usual": line.times_usual, "counted_15min": line.counted_15min,
                "incident": line.incident,
            })
        };
        let services: Vec<_> = told.iter().map(of).collect();
        let data = json!({ "watched": watched, "in_trouble": list.len(), "services": services });
        Ok(Answer { lines, data, freshness: Freshness::of(&all.as_of, &all.freshness) })
    })
}

fn word(line: &Line) -> &'static str {
    if line.state == crate::ask::shape::State::Danger { "grave trouble" } else { "trouble" }
}
