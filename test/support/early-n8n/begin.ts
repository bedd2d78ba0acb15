import { bulwarkTarball } from '../bulwark-tarball';
import { realN8n } from '../real-n8n';
import { ending } from './ending';

/**
 * Installs n8n, where there is none, and packs Bulwark beside the tests that need neither. Those that do wait for it,
 * or say what is wrong.
 */
export default function beginEarly(): void {
	for (const begin of [realN8n, bulwarkTarball]) begin(ending.signal).catch(() => undefined);
}
