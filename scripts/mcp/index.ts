export { showMcpServer } from './show-mcp-server.ts';
export { type RunningMcpServer, startMcpServer } from './start-mcp-server.ts';
