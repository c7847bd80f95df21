//! The handler: lists the tools, finds the service that is asked about, and gives every answer its
//! freshness and its caution.

use std::sync::Arc;

use axum::Router;
use http::HeaderValue;
use outcry_server::router::Peer;
use outcry_server::words::Words;
use rmcp::ErrorData;
use rmcp::RoleServer;
use rmcp::ServerHandler;
use rmcp::model::CallToolRequestParams;
use rmcp::model::CallToolResponse;
use rmcp::model::CallToolResult;
use rmcp::model::ContentBlock;
use rmcp::model::Implementation;
use rmcp::model::JsonObject;
use rmcp::model::ListToolsResult;
use rmcp::model::PaginatedRequestParams;
use rmcp::model::ServerCapabilities;
use rmcp::model::ServerConfig;
use rmcp::model::Tool as Listed;
use rmcp::model::ToolAnnotations;
use rmcp::service::RequestContext;
use serde_json::Value;
use serde_json::json;

use crate::ask::find;
use crate::ask::find::Found;
use crate::ask::freshness::caution;
use crate::ask::reader::Reader;
use crate::mcp::tool::ALL;
use crate::mcp::tool::Answer;
use crate::mcp::tool::Answers;
use crate::mcp::tool::Asking;
use crate::mcp::tool::Tool;

/// Characters the name of a service may have.
const NAME_CHARS_MAX: usize = 200;

/// Answers one client.
#[derive(Clone)]
pub struct Handler {
    source: Source,
    words: Arc<Words>,
}

/// Who is asked on behalf of the client.
#[derive(Clone)]
enum Source {
    There(Arc<Reader>),
    Here(Router),
}

impl Handler {
    /// Answers from a server somewhere.
    pub fn there(reader: Arc<Reader>) -> Self {
        Self { source: Source::There(reader), words: Arc::new(Words::english()) }
    }

    /// Answers from the server that we are.
    pub fn here(router: Router, words: Arc<Words>) -> Self {
        Self { source: Source::Here(router), words }
    }

    /// What reads for the one who sent this request.
    fn reader(&self, context: &RequestContext<RoleServer>) -> Result<Arc<Reader>, ErrorData> {
        let router = match &self.source {
            Source::There(reader) => return Ok(reader.clone()),
            Source::Here(router) => router.clone(),
        };
        let parts = context.extensions.get::<http::request::Parts>();
        let peer = parts.and_then(|parts| parts.extensions.get::<Peer>().copied());
        let (Some(parts), Some(peer)) = (parts, peer) else {
            return Err(ErrorData::internal_error("nobody knows who asks", None));
        };
        let forwarded: Vec<HeaderValue> =
            parts.headers.get_all("x-forwarded-for").iter().cloned().collect();
        Ok(Arc::new(Reader::here(router, peer, forwarded)))
    }

    async fn answer(&self, reader: &Reader, tool: &Tool, given: Option<&str>) -> CallToolResult {
        let asking = Asking { reader, words: &self.words };
        let answer = match (&tool.answers, given) {
            (Answers::All(answer), _) => answer(asking).await,
            (Answers::Name(answer), Some(name)) => answer(asking, name).await,
            (Answers::Service(answer), Some(name)) => match find::find(reader, name).await {
                Ok(Found::Service(service)) => answer(asking, &service).await,
                Ok(Found::Unknown(offered)) => {
                    return refused(&find::unknown(reader.server(), name, &offered));
                }
                Err(error) => Err(error),
            },
            (_, None) => {
                return refused(
                    "no service is named; give \"service\": a slug, a name or an alias",
                );
            }
        };
        match answer {
            Ok(answer) => self.told(answer),
            Err(error) => refused(&error.to_string()),
        }
    }

    fn told(&self, answer: Answer) -> CallToolResult {
        let caution = caution(&self.words);
        let mut lines = answer.lines;
        lines.push(String::new());
        lines.extend(answer.freshness.lines());
        lines.push(caution.clone());
        let mut data = answer.data;
        if let Value::Object(fields) = &mut data {
            fields.insert("freshness".to_owned(), json!(answer.freshness));
            fields.insert("caution".to_owned(), json!(caution));
        }
        let mut result = CallToolResult::success(vec![ContentBlock::text(lines.join("\n"))]);
        result.structured_content = Some(data);
        result
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let about = Implementation::new("outcry", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(about)
            .with_instructions(
                "Whether services are down, since when, for whom, what is said, and what the \
                 evidence says about why. Always say how fresh an answer is. A report is not a \
                 user, and a correlation is not a cause: name a cause only where the evidence \
                 names one.",
            )
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(ALL.iter().map(listed).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = ALL.iter().find(|tool| tool.name == request.name) else {
            let names: Vec<&str> = ALL.iter().map(|tool| tool.name).collect();
            let what = format!("there is no such tool; there are {}", names.join(", "));
            return Err(ErrorData::invalid_params(what, None));
        };
        let given = request.arguments.as_ref().and_then(|it| it.get("service")?.as_str());
        let given = given.map(str::trim).filter(|it| !it.is_empty());
        if given.is_some_and(|it| it.chars().count() > NAME_CHARS_MAX) {
            let what = format!("the name of a service has at most {NAME_CHARS_MAX} characters");
            return Ok(refused(&what).into());
        }
        let reader = self.reader(&context)?;
        Ok(self.answer(&reader, tool, given).await.into())
    }
}

/// What a model can mend or must tell, as the result of its call.
fn refused(what: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(what)])
}

/// A tool as clients are told of it.
fn listed(tool: &Tool) -> Listed {
    let schema = match tool.answers {
        Answers::All(_) => json!({ "type": "object", "additionalProperties": false }),
        Answers::Service(_) | Answers::Name(_) => json!({
            "type": "object",
            "properties": {
                "service": {
                    "type": "string",
                    "description": "The service: its slug, its name or what else people call it.",
                    "maxLength": NAME_CHARS_MAX,
                },
            },
            "required": ["service"],
            "additionalProperties": false,
        }),
    };
    let schema: JsonObject = schema.as_object().cloned().unwrap_or_default();
    let hints = ToolAnnotations::new().read_only(true).destructive(false).open_world(true);
    Listed::new(tool.name, tool.description, schema).with_title(tool.title).with_annotations(hints)
}
