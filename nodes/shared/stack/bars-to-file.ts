import { homedir } from 'node:os';
import path from 'node:path';

import { readerOf, type Environment } from '../../../adapters/n8n';
import { textFrom } from '../../../core/health/config-lint';

/** As n8n 2.41 has them. */
const USUALLY_ALLOWED = '~/.n8n-files';
const USUALLY_BARRED = '^(?:[^/]*/)*\\.git(?:/.*)?$';

/**
 * By which settings n8n keeps nodes away from a file, each as what is to be set so that it does not. Its own rule
 * (`isFilePathBlocked` of n8n-core 2.41), since n8n judges files for nodes that work on items only, not for triggers.
 * @param file resolved: absolute, and without symbolic links.
 */
export function barsToFile(file: string, env: Environment): readonly string[] {
	const read = readerOf(env);
	const setting = (name: string, fallback: string) => textFrom(read(name) ?? fallback);
	const bars: string[] = [];
	if (
		env.N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES !== 'false' &&
		ownPlaces(env).some((place) => isWithin(place, file))
	)
		bars.push('N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES=false');
	const barred = setting('N8N_BLOCK_FILE_PATTERNS', USUALLY_BARRED);
	if (listOf(barred).some((pattern) => isMatch(pattern, file)))
		bars.push('N8N_BLOCK_FILE_PATTERNS to patterns that do not match it');
	const restricted = setting('N8N_RESTRICT_FILE_ACCESS_TO', USUALLY_ALLOWED);
	const allowed = listOf(restricted).map(withHome);
	if (allowed.length > 0 && !allowed.some((place) => isWithin(place, file)))
		bars.push(`N8N_RESTRICT_FILE_ACCESS_TO=${restricted};${file}`);
	return bars;
}

/** What n8n counts as its own. */
function ownPlaces(env: Environment): readonly string[] {
	const home = env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'];
	const folder = path.join(env.N8N_USER_FOLDER ?? home ?? process.cwd(), '.n8n');
	const { N8N_CONFIG_FILES: configs, N8N_CUSTOM_EXTENSIONS: extensions } = env;
	const others = [
		env.N8N_BINARY_DATA_STORAGE_PATH,
		env.N8N_UM_EMAIL_TEMPLATES_INVITE,
		env.N8N_UM_EMAIL_TEMPLATES_PWRESET,
	];
	return [
		folder,
		path.join(path.dirname(folder), '.cache/n8n/public'),
		...(configs ? configs.split(',') : []),
		...(extensions ? extensions.split(';') : []),
		...others.filter((place) => place !== undefined).filter(Boolean),
	];
}

function isMatch(pattern: string, file: string): boolean {
	try {
		return new RegExp(pattern, 'mi').test(path.posix.normalize(file.replaceAll('\\', '/')));
	} catch {
		return true;
	}
}

const listOf = (text: string): readonly string[] =>
	text
		.split(';')
		.map((entry) => entry.trim())
		.filter(Boolean);

const withHome = (place: string): string =>
	place.startsWith('~') ? place.replace('~', homedir()) : place;

function isWithin(place: string, file: string): boolean {
	const [outer, inner] = [path.resolve(place), path.resolve(file)];
	return inner === outer || inner.startsWith(outer + path.sep);
}
