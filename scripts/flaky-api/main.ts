import { parseArgs } from 'node:util';

import { createFlakyApi, DEFAULT_FLAKY_API_PORT } from './create-flaky-api.ts';
import { endpoints } from './endpoints/index.ts';

const HELP = `Starts the flaky API on loopback.

  node scripts/flaky-api/main.ts [--port ${DEFAULT_FLAKY_API_PORT}]

${endpoints.map(({ name, summary }) => `  /${name.padEnd(12)}${summary}`).join('\n')}

Each takes ?key=... ; GET / lists all parameters.
`;

const { values } = parseArgs({
	options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});

if (values.help) {
	process.stdout.write(HELP);
} else {
	const port = values.port === undefined ? undefined : Number(values.port);
	const api = await createFlakyApi({ port }).catch((error: unknown) => {
		process.stderr.write(`The flaky API cannot start: ${String(error)}\nGive it another --port.\n`);
		process.exit(1);
	});
	process.stdout.write(`The flaky API listens on ${api.url} (stop it with Ctrl-C)\n`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close());
}
