//! What does the evidence say? The verdict on the current or last incident.

use crate::ask::evidence::Evidence;
use crate::ask::shape::Service;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "what_does_the_evidence_say",
    title: "What does the evidence say about why?",
    description: "The verdict on the cause of the current or last incident of a service: the cause \
                  if one is named, else why none is established and which evidence is missing. \
                  The largest share is not a cause: when `named` is null, say that no cause is \
                  established.",
    answers: Answers::Service(answer),
};

fn answer<'a>(asking: Asking<'a>, service: &'a Service) -> Answering<'a> {
    Box::pin(async move {
        let evidence = match &service.incident {
            Some(incident) => Some(Evidence::about(asking.reader, &incident.id).await?),
            None => None,
        };
        let lines = match &evidence {
            Some(evidence) => evidence.lines(asking.words),
            None => vec![format!(
                "There is nothing to explain: no trouble at {} within 24 hours.",
                service.name
            )],
        };
        Ok(Answer::about(service, lines, &evidence))
    })
}
