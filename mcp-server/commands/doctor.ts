import { secretsOf, type FullConfig } from '../config/read-config';
import { examine, showFindings } from '../doctor';
import { openServices } from '../open-services';
import { Redactor } from '../server/redactor';

/** Says what the server can reach, and what not. @returns whether nothing has failed. */
export async function doctor(
	config: FullConfig,
	format: 'text' | 'json',
	say: (line: string) => void,
): Promise<boolean> {
	const opened = openServices(config);
	try {
		const findings = new Redactor(secretsOf(config)).data(await examine(config, opened));
		const isSound = findings.every(({ status }) => status !== 'failed');
		if (format === 'json') say(JSON.stringify({ isSound, findings }, null, '\t'));
		else for (const line of showFindings(findings)) say(line);
		return isSound;
	} finally {
		await opened.close();
	}
}
