//! Is it down? Reports of 15 minutes against the usual, and what probes see.

use crate::ask::down::Down;
use crate::ask::shape::Service;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "is_it_down",
    title: "Is it down?",
    description: "Whether a service is in trouble now: how many people report problems compared \
                  with what is usual at this hour, and whether probes from outside fail. Reports \
                  are voluntary: do not tell them as a number of users. That no trouble is seen \
                  does not mean that all is well.",
    answers: Answers::Service(answer),
};

fn answer<'a>(asking: Asking<'a>, service: &'a Service) -> Answering<'a> {
    Box::pin(async move {
        let down = Down::of(service);
        let mut lines = vec![down.headline()];
        lines.extend(down.lines(asking.words));
        Ok(Answer::about(service, lines, &down))
    })
}
