import { secretsOf, type FullConfig } from './config/read-config';
import { OwnWords } from './server/own-words';
import { Redactor } from './server/redactor';
import { tools } from './tools';

/** Keeps the secrets of a configuration out of whatever leaves the server. */
export const redactorFor = (config: FullConfig): Redactor =>
	new Redactor(
		secretsOf(config).map(({ text }) => text),
		new OwnWords(tools),
	);
