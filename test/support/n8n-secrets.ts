import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expectNoSecretsUnder, knowSecret } from './planted-secrets';

/** Of a process that is busy, in ms. */
const LONGEST_ANSWER_MS = 10_000;

/** What keeps secrets so that n8n or a person can read them, and the packages that are installed. */
const KEPT = /\/(secrets\.json|login\.json|mcp-server\.json|\.n8n\/config|\.n8n\/nodes)$/;

/** Fails when processes have left a secret in a log or another file of a folder. */
export async function expectNoSecretsInFolder(folder: string): Promise<void> {
	await expectNoSecretsUnder(folder, (path) => KEPT.test(path));
}

/** Fails when an n8n that has been stopped left a secret in a log, its database or another file of its folder. */
export async function expectNoSecretsOfN8n(userFolder: string): Promise<void> {
	const config = await readFile(join(userFolder, '.n8n', 'config'), 'utf8');
	const { encryptionKey } = JSON.parse(config) as { encryptionKey: string };
	knowSecret("n8n's encryption key", encryptionKey);
	await expectNoSecretsInFolder(userFolder);
}

/** What an n8n tells of itself; nothing where it is not to, or no longer runs. */
export async function metricsOf(url: string): Promise<string> {
	// One that is cut off from its Redis would never answer.
	const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
	const answer = await fetch(`${url}/metrics`, { signal }).catch(() => undefined);
	return (await answer?.text()) ?? '';
}
