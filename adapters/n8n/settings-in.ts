import { isHidden, N8nSettings } from '../../core/health/config-lint';
import { readerOf, type Environment } from './setting-reader';

/**
 * n8n's settings as a process has them.
 * @param of whose they are, such as "n8n main".
 * @throws {SettingFileError}
 */
export function settingsIn(of: string, env: Environment): N8nSettings {
	const read = readerOf(env);
	return new N8nSettings(of, (name) =>
		// A key's file need not be readable to us.
		isHidden(name) ? env[name] || env[`${name}_FILE`] || undefined : read(name) || undefined,
	);
}
