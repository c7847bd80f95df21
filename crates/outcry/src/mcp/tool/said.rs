//! What is said? Public claims in their own words, with our rulings.

use crate::ask::said::Said;
use crate::ask::shape::Service;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "what_is_said",
    title: "What is said about it?",
    description: "Public claims about the current or last incident of a service, in their exact \
                  words, each with who said it and what the evidence says to it. A claim is not a \
                  finding: tell who said it, and tell the ruling with it. “Not shown” does not \
                  mean false.",
    answers: Answers::Service(answer),
};

fn answer<'a>(asking: Asking<'a>, service: &'a Service) -> Answering<'a> {
    Box::pin(async move {
        let said = match &service.incident {
            Some(incident) => Said::about(asking.reader, &incident.id).await?,
            None => Said::default(),
        };
        Ok(Answer::about(service, said.lines(asking.words), &said))
    })
}
