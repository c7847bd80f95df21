//! For whom? Components, problems and countries beside what is usual there.

use crate::ask::shape::Service;
use crate::ask::whom::Whom;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answering;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// The tool.
pub const TOOL: Tool = Tool {
    name: "for_whom",
    title: "For whom is it down?",
    description: "What is affected of a service and where, by the reports of the last hour: \
                  components, kinds of problems and countries, each beside what is usual. \
                  Countries with few reports stand together. A country is where an address is \
                  registered, not where a person is.",
    answers: Answers::Service(answer),
};

fn answer<'a>(asking: Asking<'a>, service: &'a Service) -> Answering<'a> {
    Box::pin(async move {
        let whom = Whom::of(service);
        Ok(Answer::about(service, whom.lines(asking.words), &whom))
    })
}
