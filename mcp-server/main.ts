import { run } from './commands';

/** A question to a source that does not answer may go on when nobody waits for it any more, so long, in ms. */
const LINGER_MS = 1_000;

void run(process.argv.slice(2), process.env).then((code) => {
	process.exitCode = code;
	setTimeout(() => process.exit(), LINGER_MS).unref();
});
