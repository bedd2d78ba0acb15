import { parseOptions, PORTS, readWholeNumber } from '../cli/index.ts';

export interface StackCommandOptions {
	help: boolean;
	workers: number;
	/** How many executions a worker runs at a time. */
	concurrency: number;
	/** The editor's port; undefined: 5678, or a free one if that is taken. */
	port: number | undefined;
	/** Whether to bring the flaky API and the prebuilt workflows along. */
	flakyApi: boolean;
	/** Whether to start workers and the webhook processor again when they die. */
	restart: boolean;
	reset: boolean;
	yes: boolean;
}

const DEFAULT_WORKERS = 2;
const DEFAULT_CONCURRENCY = 10;
const WORKERS = [1, 32] as const;
const CONCURRENCIES = [1, 1000] as const;

export const HELP = `Starts n8n in queue mode with Bulwark installed: Redis, Postgres, n8n's main process, a webhook
processor and workers, all on 127.0.0.1. Shows how they are, and says when one dies or comes back.

  npm run stack -- [options]

  --workers <n>      how many workers (default ${DEFAULT_WORKERS}); each takes about 0.8 GB of memory
  --concurrency <n>  how many executions each worker runs at a time (default ${DEFAULT_CONCURRENCY})
  --port <port>      the editor's port (default 5678, or a free one if that is taken)
  --no-flaky-api     leave out the flaky API and the prebuilt workflows
  --restart          start a worker or the webhook processor again when it dies
  --reset            first delete the folder: the database, your workflows, the login
  --yes              do not ask before --reset
  --help             this text

It needs redis-server and Postgres (on Debian: apt-get install redis-server postgresql). They are
found on PATH, Postgres also in /usr/lib/postgresql.

Environment:
  BULWARK_STACK_FOLDER  where everything is kept (default .bulwark-stack); one run at a time in each
  BULWARK_REDIS_SERVER  path of redis-server
  BULWARK_POSTGRES_BIN  folder with initdb and postgres
  BULWARK_POSTGRES_USER whom Postgres runs as when you are root (default postgres, else nobody)
  BULWARK_N8N, XDG_CACHE_HOME as for npm start

Logs are in the folder's logs. Ctrl-C stops everything: the workers first end what they run.
`;

/** Reads the command line; throws a Problem that says what is wrong with it. */
export function readOptions(args: readonly string[]): StackCommandOptions {
	const values = parseOptions('npm run stack', args, {
		help: { type: 'boolean', short: 'h' },
		workers: { type: 'string', short: 'w' },
		concurrency: { type: 'string', short: 'c' },
		port: { type: 'string', short: 'p' },
		'flaky-api': { type: 'boolean' },
		restart: { type: 'boolean' },
		reset: { type: 'boolean' },
		yes: { type: 'boolean', short: 'y' },
	});
	const number = (name: 'workers' | 'concurrency' | 'port', bounds: readonly [number, number]) => {
		const given = values[name];
		return given === undefined ? undefined : readWholeNumber(`--${name}`, given, bounds);
	};
	return {
		help: values.help ?? false,
		workers: number('workers', WORKERS) ?? DEFAULT_WORKERS,
		concurrency: number('concurrency', CONCURRENCIES) ?? DEFAULT_CONCURRENCY,
		port: number('port', PORTS),
		flakyApi: values['flaky-api'] ?? true,
		restart: values.restart ?? false,
		reset: values.reset ?? false,
		yes: values.yes ?? false,
	};
}
