import { realN8n } from '../real-n8n';
import { ending } from './ending';

/** Installs n8n, where there is none, beside the tests that need none. Those that do wait for it, or say what is wrong. */
export default function beginEarly(): void {
	realN8n(ending.signal).catch(() => undefined);
}
