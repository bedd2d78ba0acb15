const NEEDED_NODE = 24;

/** A question to a source that does not answer may go on when nobody waits for it any more, so long, in ms. */
const LINGER_MS = 1_000;

/** What an older Node does not have is loaded only here. */
async function start(): Promise<void> {
	const { run } = await import('./commands');
	process.exitCode = await run(process.argv.slice(2), process.env);
	setTimeout(() => process.exit(), LINGER_MS).unref();
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) void start();
else {
	process.stderr.write(
		`bulwark-mcp needs Node ${NEEDED_NODE} or newer; this is Node ${process.versions.node} (${process.execPath}). Install it from nodejs.org, or let the command name another node.\n`,
	);
	process.exitCode = 1;
}
