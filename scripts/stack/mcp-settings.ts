import type { Stack } from './stack.ts';

/** What the MCP server is told of a stack. */
export const mcpSettings = ({ client, webhookUrl, redis, postgres, workers }: Stack) => ({
	n8n: { url: client.url, webhookUrl },
	redis: { ...redis },
	database: { type: 'postgres', ...postgres },
	workers: workers.map(({ port }) => ({ healthUrl: `http://127.0.0.1:${port}` })),
});
