//! Since when? The open incident, or the last one of the day.

use crate::ask::shape::Service;
use crate::ask::since::Since;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "since_when",
    title: "Since when is it down?",
    description: "When the trouble of a service began and how long it lasts, or when the last \
                  trouble within 24 hours was and ended. The time is when reports rose beyond \
                  chance or probes failed, which may be later than the fault itself.",
    answers: Answers::Service(answer),
};

fn answer<'a>(asking: Asking<'a>, service: &'a Service) -> Answering<'a> {
    Box::pin(async move {
        let since = Since::of(service);
        let lines = match &since {
            Some(since) => since.lines(asking.words),
            None => vec![format!("No trouble at {} within 24 hours.", service.name)],
        };
        Ok(Answer::about(service, lines, &since))
    })
}
