"""The tools of MCP as a client of others sees them, by both ways and both ages of the protocol.

    mcp_client.py http://127.0.0.1:8080 target/debug/outcry
"""

import asyncio
import sys

from mcp import Client
from mcp.client.stdio import StdioServerParameters

CAUTION = "A report is not a user, and a correlation is not a cause."
SAYS = {
    "is_it_down": "X",
    "since_when": "2025-03-10 09:4",
    "for_whom": "Affected: ",
    "what_is_said": "“",
    "what_does_the_evidence_say": "No cause is established",
    "what_is_in_trouble": "services",
    "find_service": "x: X",
}


async def look(server, mode):
    """Calls every tool once, and one with what nobody knows."""
    async with Client(server, mode=mode) as client:
        assert "A report is not a user" in client.instructions, client.instructions
        listed = await client.list_tools()
        names = {tool.name for tool in listed.tools}
        assert names == set(SAYS), names
        for name, says in SAYS.items():
            answer = await client.call_tool(name, {"service": "Twitter"})
            text = answer.content[0].text
            assert not answer.is_error, (name, text)
            assert says in text and text.endswith(CAUTION), (name, text)
            assert answer.structured_content["freshness"]["reconstruction"] is True, name
        unknown = await client.call_tool("is_it_down", {"service": "twiter"})
        assert unknown.is_error and "did you mean x (X)" in unknown.content[0].text, unknown
        return client.protocol_version


async def main():
    base, binary = sys.argv[1:3]
    stdio = StdioServerParameters(command=binary, args=["mcp", "--server", base])
    for name, server in [("http", base + "/mcp"), ("stdio", stdio)]:
        for mode in ["auto", "legacy"]:
            version = await look(server, mode)
            print(f"mcp: {len(SAYS)} tools over {name}, protocol {version}: all answer")


asyncio.run(main())
