import type { SourceName, StackSources } from '../../../core/stack';

/** In a node a source is chosen by a parameter; an MCP server has settings. */
const QUEUE = 'Choose its Redis in the parameter Queue and Policies, and leave Queue Mode on';
const DATABASE = 'Choose it in the parameter Database';
const API = 'Choose it in the parameter API';

/** By which parameter a node is given a source that it lacks; undefined where it has it. */
export function parameterFor(
	source: SourceName,
	{ queueMode, database, api, processes }: StackSources,
): string | undefined {
	switch (source) {
		case 'queue':
		case 'redis':
		case 'instance registry':
		case 'workers':
			return queueMode ? undefined : QUEUE;
		case 'database':
			return database ? undefined : DATABASE;
		case 'n8n api':
			return api ? undefined : API;
		case 'n8n metrics':
			return processes ? undefined : API;
		case 'policies':
		case "n8n's settings":
			return undefined;
	}
}
