import type { FullConfig } from '../config/read-config';
import { examine, showFindings } from '../doctor';
import { openServices } from '../open-services';
import { redactorFor } from '../redactor-for';

/** Says what the server can reach, and what not. @returns whether nothing has failed. */
export async function doctor(
	config: FullConfig,
	format: 'text' | 'json',
	say: (line: string) => void,
): Promise<boolean> {
	const opened = openServices(config);
	try {
		const redactor = redactorFor(config);
		const findings = (await examine(config, opened)).map((finding) => ({
			...redactor.data(finding),
			// Which is ours, and may be a word that is a secret somewhere.
			source: finding.source,
			status: finding.status,
		}));
		const isSound = findings.every(({ status }) => status !== 'failed');
		if (format === 'json') say(JSON.stringify({ isSound, findings }, null, '\t'));
		else for (const line of showFindings(findings)) say(line);
		return isSound;
	} finally {
		await opened.close();
	}
}
