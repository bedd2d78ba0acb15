/** Where knowledge of the stack comes from. */
export type SourceName =
	| 'queue'
	| 'redis'
	| 'instance registry'
	| 'workers'
	| 'database'
	| 'n8n api'
	| 'n8n metrics'
	| 'policies'
	| "n8n's settings";
