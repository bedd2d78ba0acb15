import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder `.bulwark`, where `npm start` keeps all it makes; it is n8n's user folder too. */
export class StateFolder {
	readonly path: string;

	constructor(projectRoot: string) {
		this.path = join(projectRoot, '.bulwark');
	}

	async create(): Promise<void> {
		await mkdir(this.path, { recursive: true });
		// Git leaves the folder alone wherever it lies.
		await writeFile(this.file('.gitignore'), '*\n');
	}

	file(name: string): string {
		return join(this.path, name);
	}

	/** Reads a JSON file of ours; undefined when there is none, or a broken one. */
	async read<T>(name: string): Promise<T | undefined> {
		try {
			return JSON.parse(await readFile(this.file(name), 'utf8')) as T;
		} catch {
			return undefined;
		}
	}

	/** Writes a JSON file that only the user may read; whole or not at all. */
	async write(name: string, content: unknown): Promise<void> {
		const draft = this.file(`${name}.draft`);
		await writeFile(draft, `${JSON.stringify(content, null, '\t')}\n`, { mode: 0o600 });
		await rename(draft, this.file(name));
	}
}
